/** The foreign OTR engines that the tests talk to, each behind its bridge in `tools/peers`. */
import { CommandPeer, InProcessPeer, type Peer } from "../../../lib/harness/mod.ts";
import { toHex } from "../../../lib/base/bytes.ts";
import type { LivePeerNeeds } from "../../helpers/live_peer.ts";
import { testKey } from "../../helpers/otr_pair.ts";

/** One engine that can be started. */
export interface Engine {
  readonly id: string;
  readonly versions: readonly (2 | 3)[];
  /** For `livePeerTest`. */
  readonly needs: LivePeerNeeds;
  /** Loses a key exchange now and then: try again, and say so. */
  readonly losesKeyExchanges?: boolean;
  start(): Promise<Peer>;
}

const ROOT = new URL("../../../", import.meta.url);
const BRIDGES = new URL("tools/peers/", ROOT);

/** libotr 4 of the distribution, compiled from `tools/peers/libotr_peer.c`. */
export const libotr: Engine = {
  id: "libotr",
  versions: [2, 3],
  needs: { needs: ["gcc"], probe: () => whyNot(buildLibotrPeer) },
  async start() {
    return CommandPeer.start({ label: "libotr", command: await buildLibotrPeer() });
  },
};

/** potr 1.0: version 2 only. */
export const potr: Engine = {
  id: "potr",
  versions: [2],
  needs: {
    needs: ["/usr/bin/python3"],
    probe: () => whyNot(() => runToEnd("/usr/bin/python3", ["-c", "import potr, Cryptodome"])),
  },
  start() {
    const script = new URL("potr_peer.py", BRIDGES).pathname;
    return Promise.resolve(
      CommandPeer.start({ label: "potr", command: "/usr/bin/python3", args: [script] }),
    );
  },
};

/** otr.js 0.2.16 of npm. Its keys take seconds to make and are kept between runs. */
export const otrjs: Engine = {
  id: "otr.js",
  versions: [2, 3],
  needs: {
    needs: [],
    probe: () =>
      whyNot(() => runToEnd(Deno.execPath(), ["cache", "--quiet", ...CONFIG, OTRJS_SCRIPT])),
  },
  losesKeyExchanges: true,
  async start() {
    const home = `${await cacheFolder()}/otrjs`;
    const args = ["run", "--quiet", "--no-prompt", "-A", ...CONFIG, OTRJS_SCRIPT, "--home", home];
    return CommandPeer.start({ label: "otr.js", command: Deno.execPath(), args });
  },
};

const CONFIG = ["--config", new URL("deno.json", ROOT).pathname];
const OTRJS_SCRIPT = new URL("otrjs_peer.ts", BRIDGES).pathname;

/** Our own engine in this process, with a key of the fixtures. */
export function startSotto(): Promise<Peer> {
  return Promise.resolve(
    new InProcessPeer({ identity: () => ({ key: testKey("carol"), instanceTag: 0x5073_7074 }) }),
  );
}

/** Our own engine in a process of its own: `sotto otr peer`. */
export async function startSottoProcess(home: string): Promise<Peer> {
  const command = new URL("bin/sotto", ROOT).pathname;
  return await Promise.resolve(
    CommandPeer.start({ label: "sotto otr peer", command, args: ["--home", home, "otr", "peer"] }),
  );
}

/** Path of the compiled libotr bridge. Compiled once for each version of its source. */
async function buildLibotrPeer(): Promise<string> {
  const source = new URL("libotr_peer.c", BRIDGES).pathname;
  const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(source));
  const program = `${await cacheFolder()}/libotr_peer-${
    toHex(new Uint8Array(digest)).slice(0, 16)
  }`;
  try {
    await Deno.stat(program);
    return program;
  } catch {
    // Not compiled yet.
  }
  const fresh = `${program}.${Deno.pid}`;
  await runToEnd("gcc", ["-O2", "-o", fresh, source, "-lotr", "-lgcrypt"]);
  await Deno.rename(fresh, program); // Two test processes may build at once: the last one wins.
  return program;
}

/** A folder of the user's alone: what is executed must not lie where others may write. */
async function cacheFolder(): Promise<string> {
  const base = Deno.env.get("XDG_CACHE_HOME") || `${Deno.env.get("HOME")}/.cache`;
  const folder = `${base}/sotto-tests`;
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  return folder;
}

async function runToEnd(command: string, args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, {
    args: [...args],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`${command}: ${new TextDecoder().decode(stderr).trim()}`);
}

async function whyNot(run: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
