import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { SottoError } from "../../../../lib/base/errors.ts";
import { CommandPeer } from "../../../../lib/harness/mod.ts";

/** A peer whose program is written out in the test. */
function peerRunning(script: string, options: { timeout?: number; longestLine?: number } = {}) {
  return CommandPeer.start({
    label: "a test program",
    command: Deno.execPath(),
    args: ["eval", "--no-lock", script],
    ...options,
  });
}

const ECHO = `
  for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
    for (const line of text.trim().split("\\n")) {
      const op = JSON.parse(line);
      console.log(JSON.stringify({ ev: "inject", msg: op.text ?? "" }));
      console.log(JSON.stringify({ ev: "later-invention", n: 1 }));
      console.log(JSON.stringify({ ev: "done", op: op.op }));
    }
  }`;

Deno.test("CommandPeer.perform() returns the events before done, whatever their names", async () => {
  await using peer = peerRunning(ECHO);
  const text = 'é 😀 "quoted" \\ \u2028 \u0000';
  assertEquals(await peer.perform({ op: "send", text }) as unknown[], [
    { ev: "inject", msg: text },
    { ev: "later-invention", n: 1 },
  ]);
  assertEquals((await peer.perform({ op: "query" })).length, 2);
});

Deno.test("CommandPeer.perform() says harness/unsupported when the program exits with 127", async () => {
  await using peer = peerRunning("Deno.exit(127)");
  const error = await assertRejects(() => peer.perform({ op: "query" }), SottoError);
  assertEquals(error.code, "harness/unsupported");
});

Deno.test("CommandPeer.perform() quotes what a program that died said on stderr", async () => {
  await using peer = peerRunning("console.error('no \\x1b[31mkey'); Deno.exit(3)");
  const error = await assertRejects(() => peer.perform({ op: "query" }), SottoError);
  assertEquals(error.code, "harness/peer-exited");
  assertStringIncludes(error.message, "status 3: no \\x1b[31mkey");
});

Deno.test("CommandPeer.perform() ends a program that does not answer in time", async () => {
  await using peer = peerRunning("await new Promise((r) => setTimeout(r, 60_000))", {
    timeout: 50,
  });
  const error = await assertRejects(() => peer.perform({ op: "query" }), SottoError);
  assertEquals(error.code, "harness/peer-timeout");
});

for (const garbage of ["not json", "[]", '{"event":"ready"}', "null"]) {
  Deno.test(`CommandPeer.perform() refuses ${garbage} as an event`, async () => {
    await using peer = peerRunning(`console.log(${JSON.stringify(garbage)})`);
    const error = await assertRejects(() => peer.perform({ op: "query" }), SottoError);
    assertEquals(error.code, "harness/peer-garbage");
  });
}

Deno.test("CommandPeer.perform() refuses a line past its limit, also one without an end", async () => {
  await using peer = peerRunning(
    "for (;;) await Deno.stdout.write(new Uint8Array(4096).fill(97))",
    {
      longestLine: 10_000,
    },
  );
  const error = await assertRejects(() => peer.perform({ op: "query" }), SottoError);
  assertEquals(error.code, "harness/peer-garbage");
});

Deno.test("CommandPeer.start() says harness/peer-not-found when there is no such program", () => {
  try {
    CommandPeer.start({ label: "nobody", command: "/nonexistent/program" });
  } catch (error) {
    assertEquals(error instanceof SottoError && error.code, "harness/peer-not-found");
    return;
  }
  throw new Error("expected a failure");
});

Deno.test("CommandPeer.close() ends a program that keeps running, and may be repeated", async () => {
  const peer = peerRunning("await new Promise((r) => setTimeout(r, 60_000))");
  await peer.close();
  await peer.close();
});
