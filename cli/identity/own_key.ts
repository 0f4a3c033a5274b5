/** Our key, for every command that needs it: made at first use, with progress on a terminal. */
import { DsaPrivateKey } from "../../lib/otr/keys/mod.ts";
import { KeyStore } from "../../lib/storage/keys/mod.ts";
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

/** A fresh key, with progress on stderr. Some ten milliseconds, or several times that. */
export async function generateKey(
  { printer }: Pick<KeyContext, "printer">,
): Promise<DsaPrivateKey> {
  // Loaded only now, as nearly every run finds its key made, and by a name that Deno cannot
  // read ahead: it prepares whatever it finds named (decision 0011).
  const room: string = "../../lib/session/mod.ts";
  const { platformRandom } = await import(room) as typeof import("../../lib/session/mod.ts");
  using progress = printer.progress("making a key (DSA, 1024 bits):");
  return DsaPrivateKey.generate(
    platformRandom,
    (looking, tried) => progress.update(`looking for ${looking}, number ${tried}`),
  );
}
