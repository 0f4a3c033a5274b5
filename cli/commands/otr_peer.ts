/** `sotto otr peer`: our OTR engine for another program's driver, on stdin and stdout. */
import { SottoError } from "../../lib/base/mod.ts";
import { InProcessPeer, type PeerIdentity, servePeer } from "../../lib/harness/mod.ts";
import { DsaPrivateKey } from "../../lib/otr/mod.ts";
import { platformRandom } from "../../lib/session/mod.ts";
import { InstanceTagStore, KeyStore } from "../../lib/storage/mod.ts";
import type { CommandContext } from "../command.ts";
import { VERSION } from "../version.ts";

/** Serves one conversation until `quit` or the end of stdin. */
export async function runOtrPeer(context: CommandContext): Promise<void> {
  await using peer = new InProcessPeer({
    engine: `sotto ${VERSION}`,
    identity: (name) => loadIdentity(context.home.path, name),
  });
  try {
    await servePeer(peer, Deno.stdin.readable, (line) => context.printer.raw(line));
  } catch (error) {
    if (error instanceof SottoError && error.code === "harness/unsupported") {
      context.unsupported(error.message);
    }
    throw error;
  }
}

/** The key and tag of a name, made at first use. The name was checked: it is one path segment. */
async function loadIdentity(home: string, name: string): Promise<PeerIdentity> {
  const folder = `${home}/otr-peer/${name}`;
  const { key } = await new KeyStore(`${folder}/private_key.dsa`)
    .loadOrCreate(() => DsaPrivateKey.generate(platformRandom));
  const tags = new InstanceTagStore(`${folder}/instance_tags`);
  return { key, instanceTag: await tags.loadOrCreate(name, platformRandom) };
}
