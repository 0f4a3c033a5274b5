/** SIPp with a scenario of `fixtures/sip/sipp`, on a port of its own. */
import { assertEquals } from "@std/assert";
import { decodeUtf8Lossy } from "../../lib/base/bytes.ts";
import { bindUdp, listenTcp } from "../../lib/transport/mod.ts";

const SCENARIOS = new URL("../../fixtures/sip/sipp/", import.meta.url).pathname;

/** How SIPp travels here. */
export type SippTransport = "udp" | "tcp";

/** A running SIPp. */
export interface Sipp {
  readonly port: number;
  /** Fails with what SIPp said unless all its calls went as the scenario says. */
  finish(): Promise<void>;
}

/** A port that was free a moment ago, for both transports. */
export async function freeSippPort(): Promise<number> {
  const tcp = await listenTcp({ host: "127.0.0.1", port: 0 });
  const { port } = tcp.local;
  const udp = await bindUdp({ host: "127.0.0.1", port });
  await Promise.all([tcp.close(), udp.close()]);
  return port;
}

/**
 * Starts SIPp.
 *
 * @param more Further arguments, the remote address among them. One call unless they say `-m`.
 */
export async function startSipp(
  scenario: string,
  transport: SippTransport,
  more: readonly string[] = [],
): Promise<Sipp> {
  const port = await freeSippPort();
  const folder = await Deno.makeTempDir({ prefix: "sotto-sipp-" });
  const child = new Deno.Command("sipp", {
    cwd: folder,
    args: [
      ...["-sf", `${SCENARIOS}${scenario}.xml`, "-i", "127.0.0.1", "-p", String(port)],
      ...["-t", transport === "udp" ? "u1" : "t1", "-nostdin", "-timeout", "20s"],
      ...["-timeout_error", "-trace_err", "-error_file", `${folder}/errors.log`],
      ...(more.includes("-m") ? [] : ["-m", "1"]),
      ...more,
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = child.output();
  if (scenario.startsWith("uas")) await untilListening(port, transport);
  return {
    port,
    finish: async () => {
      const { code, stderr } = await output;
      const log = await Deno.readTextFile(`${folder}/errors.log`).catch(() => "");
      await Deno.remove(folder, { recursive: true });
      assertEquals(code, 0, `${scenario} over ${transport}: ${log}${decodeUtf8Lossy(stderr)}`);
    },
  };
}

/** Waits until the port is taken. */
async function untilListening(port: number, transport: SippTransport): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const socket = await (transport === "udp" ? bindUdp : listenTcp)({ host: "127.0.0.1", port })
      .catch(() => undefined);
    if (socket === undefined) return;
    await socket.close();
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error("SIPp does not listen");
}
