import { assertEquals } from "@std/assert";
import plugin from "../../../../tools/lint/layers.ts";

const ROOT = decodeURIComponent(new URL("../../../../", import.meta.url).pathname);

/** What the plugin says of `source` when it stands at `path`, as `rule: message`. */
function report(path: string, source: string): string[] {
  return Deno.lint.runPlugin(plugin, ROOT + path, source)
    .map((it) => `${it.id.replace("layers/", "")}: ${it.message}`).sort();
}

Deno.test("layers reports every broken rule of a core", () => {
  const source = `
    import { parseMsrpUri } from "../msrp/mod.ts";
    import { Conversation } from "../session/chat_session.ts";
    import { sha256 } from "@noble/hashes/sha2.js";
    export { formatUri } from "../sip/message/uri.ts";
    export * from "../../cli/main.ts";
    const lazy = import("../storage/mod.ts");
    export async function greet(at: Promise<string>) {
      await at;
      Date.now();
      new Date();
      performance.now();
      setTimeout(greet, 10);
      Math.random();
      crypto.getRandomValues(new Uint8Array(1));
      Deno.readFileSync("x");
      console.log(globalThis.crypto);
      fetch("x");
    }`;
  assertEquals(report("lib/otr/example.ts", source), [
    "cores-are-pure: a promise does not belong in a protocol core",
    "cores-are-pure: an async function does not belong in a protocol core",
    "cores-are-pure: randomness does not belong in a protocol core",
    "cores-are-pure: randomness does not belong in a protocol core",
    "cores-are-pure: randomness does not belong in a protocol core",
    "cores-are-pure: the clock does not belong in a protocol core",
    "cores-are-pure: the clock does not belong in a protocol core",
    "cores-are-pure: the clock does not belong in a protocol core",
    "cores-are-pure: the clock does not belong in a protocol core",
    "cores-are-pure: the network does not belong in a protocol core",
    "cores-are-pure: the operating system does not belong in a protocol core",
    "cores-are-pure: the terminal does not belong in a protocol core",
    "cores-are-pure: waiting does not belong in a protocol core",
    "imports-follow-the-arrows: lib/otr must not import @noble/hashes/sha2.js",
    "imports-follow-the-arrows: lib/otr must not import from cli",
    "imports-follow-the-arrows: lib/otr must not import from lib/msrp",
    "imports-follow-the-arrows: lib/otr must not import from lib/session",
    "imports-follow-the-arrows: lib/otr must not import from lib/sip",
    "imports-follow-the-arrows: lib/otr must not import from lib/storage",
  ]);
});

Deno.test("layers reports every broken rule of the session layer", () => {
  const source = `
    import { Conversation } from "../otr/conversation.ts";
    import net from "node:net";
    import { main } from "../../cli/main.ts";
    await Deno.connect({ port: 1 });
    Deno.readTextFile("x");
    Date.now();
    new Date();
    performance.now();
    setTimeout(main, 5);
    AbortSignal.timeout(5);
    crypto.randomUUID();
    fetch("x");`;
  assertEquals(report("lib/session/example.ts", source), [
    "files-only-in-storage: files belong in lib/storage or in cli",
    "imports-follow-the-arrows: enter lib/otr by its mod.ts",
    "imports-follow-the-arrows: lib/session must not import from cli",
    "imports-follow-the-arrows: lib/session must not import node:net",
    "one-clock: AbortSignal.timeout: the session layer reads time in lib/session/clock.ts alone",
    "one-clock: Date.now: the session layer reads time in lib/session/clock.ts alone",
    "one-clock: new Date(): the session layer reads time in lib/session/clock.ts alone",
    "one-clock: performance.now: the session layer reads time in lib/session/clock.ts alone",
    "one-clock: setTimeout: the session layer reads time in lib/session/clock.ts alone",
    "one-source-of-randomness: randomness is drawn in lib/session/random.ts alone",
    "sockets-only-in-transport: sockets and name look-ups belong in lib/transport",
    "sockets-only-in-transport: sockets and name look-ups belong in lib/transport",
    "sockets-only-in-transport: sockets and name look-ups belong in lib/transport",
  ]);
});

Deno.test("layers keeps the command line thin", () => {
  const source = `
    import { Conversation } from "../lib/otr/mod.ts";
    import { Driver } from "../lib/session/driver.ts";
    import { ascii } from "../lib/base/ascii.ts";
    import { Command } from "commander";
    Deno.listen({ port: 0 });`;
  assertEquals(report("cli/example.ts", source), [
    "imports-follow-the-arrows: enter lib/session by its mod.ts",
    "sockets-only-in-transport: sockets and name look-ups belong in lib/transport",
  ]);
});

Deno.test("layers lets an ordinary core be", () => {
  const source = `
    import type { Instant } from "../base/output.ts";
    import { sha1 } from "@noble/hashes/legacy.js";
    interface Options { Date: string; readonly fetch: boolean; crypto: AkeCrypto }
    export function f(crypto: AkeCrypto, o: Options) {
      return { Date: o.Date, hash: crypto.hash(o.fetch), parts: import.meta.url };
    }`;
  assertEquals(report("lib/otr/crypto/example.ts", source), []);
});

Deno.test("layers lets the clock read time and the random file draw", () => {
  assertEquals(report("lib/session/clock.ts", "export const now = () => performance.now();"), []);
  const random = "export const r = () => crypto.getRandomValues(new Uint8Array(1));";
  assertEquals(report("lib/session/random.ts", random), []);
});

Deno.test("layers lets a test reach the private files of its own room only", () => {
  const source = `
    import { Ake } from "../../../lib/otr/ake/ake_state.ts";
    import { Driver } from "../../../lib/session/driver.ts";`;
  const expected = ["imports-follow-the-arrows: enter lib/session by its mod.ts"];
  assertEquals(report("tests/unit/otr/example_test.ts", source), expected);
  assertEquals(report("tests/property/otr/example_test.ts", source), expected);
});

Deno.test("layers has no opinion on files outside of the project", () => {
  assertEquals(Deno.lint.runPlugin(plugin, "/elsewhere/lib/otr/x.ts", "Date.now()"), []);
});
