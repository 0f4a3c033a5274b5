import { assert, assertEquals, assertThrows } from "@std/assert";
import { parseListen } from "../../../../cli/options/session.ts";
import { CliError } from "../../../../cli/output/cli_error.ts";
import { readFlags } from "../../../helpers/session_flags.ts";

Deno.test("SessionOptions leaves open what was not said", () => {
  const flags = readFlags("call");
  assertEquals(
    [flags.timeout, flags.hold, flags.otr, flags.trust, flags.listen, flags.steps],
    [20_000, 0, undefined, undefined, [], []],
  );
  for (const name of ["from", "otr", "trust", "msrp", "trace"]) assert(!(name in flags), name);
});

Deno.test("SessionOptions keeps the order of steps across options", () => {
  const { steps } = readFlags(
    "call",
    ...["--send", "a", "--expect", "A", "--expect-not", "x", "--send", "b"],
  );
  assertEquals(
    steps.map(({ step, place }) => [
      place,
      step.type,
      step.type === "send" ? step.text : step.type === "expect" ? step.pattern.source : "",
    ]),
    [["--send", "send", "a"], ["--expect", "expect", "A"], ["--expect-not", "expect-not", ""], [
      "--send",
      "send",
      "b",
    ]],
  );
});

Deno.test("SessionOptions reads every kind of value", () => {
  const flags = readFlags(
    "answer",
    ...["--from", "bob@example.com", "--listen", "[::1]:0;transport=TLS", "--listen", "h:5070"],
    ...["--otr", "require", "--trust", "verified", "--otr-versions", "2,3", "--chunk-size", "2048"],
    ...["--timeout", "1500ms", "--hold", "2s", "--msrp", "tcp", "--setup", "passive", "--learn"],
    ...["--smp-from", "a@b", "--smp-from", "c@d", "--count", "3", "--echo", "--trace", "t.jsonl"],
  );
  assertEquals(flags.listen, [
    { host: "::1", port: 0, transports: ["tls"] },
    { host: "h", port: 5070, transports: ["udp", "tcp"] },
  ]);
  assertEquals(
    [flags.otr, flags.trust, flags.otrVersions, flags.chunkSize, flags.timeout, flags.hold],
    ["require", "verified", [2, 3], 2048, 1_500, 2_000],
  );
  assertEquals([flags.msrp, flags.setup, flags.learn, flags.count, flags.echo, flags.trace], [
    "tcp",
    "passive",
    true,
    3,
    true,
    "t.jsonl",
  ]);
  assertEquals(flags.smpFrom, ["a@b", "c@d"]);
});

Deno.test("SessionOptions takes the short names of smp, and the long ones", () => {
  const short = readFlags("smp", "--secret-file", "s", "--question", "where?");
  const long = readFlags("smp", "--smp-secret-file", "s", "--smp-question", "where?");
  assertEquals([short.smpSecretFile, short.smpQuestion], ["s", "where?"]);
  assertEquals(long, short);
});

Deno.test("SessionOptions refuses nonsense by name", () => {
  for (
    const [args, words] of [
      [["--otr", "maybe"], "--otr: expected one of require, prefer, accept, off"],
      [["--trust", "all"], "--trust: expected one of"],
      [["--timeout", "soon"], "--timeout"],
      [["--chunk-size", "0"], "--chunk-size: expected a whole number above zero"],
      [["--chunk-size", "1e3"], "--chunk-size"],
      [["--otr-versions", "4"], "--otr-versions: expected 2, 3 or 3,2"],
      [["--otr-versions", ","], "--otr-versions"],
      [["--trace", "t.txt"], "--trace: expected a file that ends in .pcapng or .jsonl"],
      [["--listen", "host:99999"], "--listen"],
      [["--expect", "("], "--expect"],
      [["--smp-secret", "a", "--smp-secret-file", "b"], "two ways to say one thing"],
    ] as const
  ) {
    assertEquals(assertThrows(() => readFlags("call", ...args), CliError, words).status, 2, words);
  }
});

Deno.test("SessionOptions names what a later release builds, and never ignores it", () => {
  for (const flag of ["--receive-dir", "--otr-keylog"]) {
    const args = [flag, "x"];
    assertEquals(assertThrows(() => readFlags("call", ...args), CliError, flag).status, 127);
  }
});

Deno.test("parseListen() knows defaults by transport, and IPv6 in brackets", () => {
  assertEquals(parseListen("host"), { host: "host", port: 5060, transports: ["udp", "tcp"] });
  assertEquals(parseListen("host;transport=tls"), {
    host: "host",
    port: 5061,
    transports: ["tls"],
  });
  assertEquals(parseListen("[2001:db8::1]:5070;transport=udp"), {
    host: "2001:db8::1",
    port: 5070,
    transports: ["udp"],
  });
  for (const text of ["", ":5060", "a:b", "::1", "h:1;transport=sctp", "h:1 "]) {
    assertThrows(() => parseListen(text), CliError, `not ${JSON.stringify(text)}`);
  }
});

Deno.test("SessionOptions: --imdn asks for deliveries with their failures, and for displays", () => {
  assertEquals(readFlags("call").imdn, []);
  assertEquals(readFlags("call", "--imdn", "delivery").imdn, [
    "positive-delivery",
    "negative-delivery",
  ]);
  assertEquals(readFlags("call", "--imdn", "display, delivery").imdn, [
    "display",
    "positive-delivery",
    "negative-delivery",
  ]);
  assertThrows(() => readFlags("call", "--imdn", "reading"), CliError, "--imdn: expected delivery");
});
