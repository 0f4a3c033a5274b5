import { assertEquals } from "@std/assert";
import { livePeerTest } from "../../helpers/live_peer.ts";
import {
  NETWORK_NEEDS,
  type NetworkHost,
  networkObstacle,
  TranslatedNetwork,
} from "../../helpers/translated_network.ts";

// Where the sandbox allows no namespaces, the test says so: nothing else can be done about it.
const obstacle = await networkObstacle();

/** Accepts one connection at port 5000, and tells who it was. */
const LISTEN = `
  const listener = Deno.listen({ hostname: "0.0.0.0", port: 5000 });
  console.log("ready");
  const connection = await listener.accept();
  console.log(connection.remoteAddr.hostname);
  Deno.exit();`;
const CONNECT = `
  const signal = AbortSignal.timeout(2_000);
  await Deno.connect({ hostname: Deno.args[0], port: 5000, signal });`;

function start(host: NetworkHost, code: string, ...args: string[]): Deno.ChildProcess {
  const [program = "", ...rest] = host.within;
  return new Deno.Command(program, {
    args: [...rest, Deno.execPath(), "eval", code, ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
}

livePeerTest(
  `a network with address translators hides homes${
    obstacle === undefined ? "" : ` (skipped: ${obstacle})`
  }`,
  { needs: NETWORK_NEEDS },
  async () => {
    if (obstacle !== undefined) return;
    await using network = await TranslatedNetwork.make(2);
    const [home1, home2] = network.homes;
    if (home1 === undefined || home2 === undefined) throw new Error("no homes");
    for (const [from, to, seen] of [[home1, network.street, home1.seenAs]] as const) {
      const listener = start(to, LISTEN);
      const lines = listener.stdout.pipeThrough(new TextDecoderStream()).getReader();
      assertEquals((await lines.read()).value, "ready\n");
      const { success } = await start(from, CONNECT, to.address).output();
      assertEquals(success, true);
      assertEquals((await lines.read()).value, `${seen}\n`);
      await lines.cancel();
      await listener.status;
    }
    for (const unreachable of [home2.address, home2.seenAs]) {
      const { success } = await start(home1, CONNECT, unreachable).output();
      assertEquals(success, false);
    }
  },
);
