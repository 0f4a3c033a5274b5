/** Our key, for every command that needs it: made at first use, with progress on a terminal. */
import { DsaPrivateKey } from "../../lib/otr/mod.ts";
import { KeyStore } from "../../lib/storage/mod.ts";
import type { CommandContext } from "../command.ts";

/** What of the context is needed. */
export type KeyContext = Pick<CommandContext, "home" | "printer">;

/** Our key, and whether it was made now. */
export interface OwnKey {
  readonly key: DsaPrivateKey;
  readonly created: boolean;
}

/** The store of our key; warns when others can read the file. */
export async function ownKeyStore({ home, printer }: KeyContext): Promise<KeyStore> {
  const store = new KeyStore(home.privateKeyFile);
  const exposure = await store.exposure();
  if (exposure !== undefined) printer.warning(`${store.path}: ${exposure}`);
  return store;
}

/**
 * Our key; made when there is none, with a note.
 * @throws {SottoError} `storage/…`, status 8: a file that cannot be read is never replaced.
 */
export async function ownKey(context: KeyContext): Promise<OwnKey> {
  const store = await ownKeyStore(context);
  const loaded = await store.loadOrCreate(() => generateKey(context));
  if (loaded.created) context.printer.note(`made a new key: ${store.path}`);
  return loaded;
}

/** A fresh key, with progress on stderr. Takes half a second or several. */
export async function generateKey(
  { printer }: Pick<KeyContext, "printer">,
): Promise<DsaPrivateKey> {
  // Loaded only now: nearly every run finds its key made.
  const { platformRandom } = await import("../../lib/session/mod.ts");
  using progress = printer.progress("making a key (DSA, 1024 bits):");
  return DsaPrivateKey.generate(
    platformRandom,
    (looking, tried) => progress.update(`looking for ${looking}, number ${tried}`),
  );
}
