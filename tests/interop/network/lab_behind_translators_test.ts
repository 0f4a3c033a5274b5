/** Two people in homes that nobody reaches call each other through a lab on the street (RFC 5626, RFC 3581). */
import { assertEquals } from "@std/assert";
import { livePeerTest } from "../../helpers/live_peer.ts";
import {
  NETWORK_NEEDS,
  type NetworkHost,
  networkObstacle,
  TranslatedNetwork,
} from "../../helpers/translated_network.ts";

const PROGRAM = new URL("../../helpers/translated_call.ts", import.meta.url).pathname;

// Where the sandbox allows no namespaces, the test says so: nothing else can be done about it.
const obstacle = await networkObstacle();

/** A program on a host, and its lines. */
class Host implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;
  #text = "";

  constructor({ within }: NetworkHost, ...args: string[]) {
    const [program = "", ...rest] = within;
    this.#child = new Deno.Command(program, {
      args: [...rest, Deno.execPath(), "run", "--quiet", "--allow-all", PROGRAM, ...args],
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#lines = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** The next line, or what is left at the end. */
  async line(): Promise<string> {
    while (!this.#text.includes("\n")) {
      const { value, done } = await this.#lines.read();
      if (done) break;
      this.#text += value;
    }
    const [line = "", ...rest] = this.#text.split("\n");
    this.#text = rest.join("\n");
    return line;
  }

  /** All lines until it ends. */
  async rest(): Promise<string[]> {
    const lines: string[] = [];
    for (let line = await this.line(); line !== ""; line = await this.line()) lines.push(line);
    return lines;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It ended by itself.
    }
    await this.#lines.cancel();
    await this.#child.status;
  }
}

for (const transport of ["udp", "tcp"] as const) {
  livePeerTest(
    `the lab carries a call between two homes behind translators over ${transport}${
      obstacle === undefined ? "" : ` (skipped: ${obstacle})`
    }`,
    { needs: NETWORK_NEEDS },
    async () => {
      if (obstacle !== undefined) return;
      await using network = await TranslatedNetwork.make(2);
      const [home1, home2] = network.homes;
      if (home1 === undefined || home2 === undefined) throw new Error("no homes");
      await using server = new Host(network.street, "server");
      assertEquals(await server.line(), "listening 2");
      const { address } = network.street;
      await using bob = new Host(home2, "wait", transport, address);
      assertEquals(await bob.line(), "registered");
      await using alice = new Host(home1, "call", transport, address);
      // Ringing may be overtaken by the answer, where it is lost.
      const heard = await alice.rest();
      assertEquals(heard.filter((it) => it !== "ringing"), [
        "answered",
        "offer",
        "ended by remote",
      ]);
      assertEquals(await bob.rest(), ["confirmed", "offer-answered", "ended by local"]);
    },
  );
}
