import { assertEquals } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { type Peer, type PeerOperation, servePeer } from "../../../lib/harness/mod.ts";
import { everySplit } from "../../helpers/every_split.ts";

/** Answers every operation by an event that repeats it. */
function mirror(): Peer {
  return {
    label: "mirror",
    perform: (operation: PeerOperation) =>
      Promise.resolve([{ ev: "error", error: JSON.stringify(operation) }]),
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function* arriving(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield await Promise.resolve(piece);
}

async function answersTo(
  pieces: readonly Uint8Array[],
  longestLine?: number,
): Promise<Record<string, unknown>[]> {
  const answers: Record<string, unknown>[] = [];
  const options = longestLine === undefined ? {} : { longestLine };
  await servePeer(mirror(), arriving(pieces), (line) => answers.push(JSON.parse(line)), options);
  return answers;
}

Deno.test("servePeer() answers each operation by events and one done, however the input is cut", async () => {
  const input = utf8('{"op":"query"}\n\n{"op":"send","text":"é 😀"}\r\n{"op":"state"}');
  for (const { label, pieces } of everySplit(input)) {
    assertEquals(
      await answersTo(pieces),
      [
        { ev: "error", error: '{"op":"query"}' },
        { ev: "done", op: "query" },
        { ev: "error", error: '{"op":"send","text":"é 😀"}' },
        { ev: "done", op: "send" },
        { ev: "error", error: '{"op":"state"}' },
        { ev: "done", op: "state" },
      ],
      label,
    );
  }
});

Deno.test("servePeer() stops at quit", async () => {
  const input = utf8('{"op":"quit"}\n{"op":"query"}\n');
  assertEquals((await answersTo([input])).map((it) => it["op"] ?? it["ev"]), ["error", "quit"]);
});

for (const line of ["nonsense", "[]", "null", '"op"', "{}", '{"op":1}']) {
  Deno.test(`servePeer() answers ${line} by an error and goes on`, async () => {
    const answers = await answersTo([utf8(`${line}\n{"op":"state"}\n`)]);
    assertEquals(answers.map((it) => it["ev"]), ["error", "done", "error", "done"]);
    assertEquals(answers[1], { ev: "done", op: null });
  });
}

Deno.test("servePeer() drops a line past its limit and reads the next one", async () => {
  const long = utf8(`{"op":"send","text":"${"x".repeat(200)}"}`);
  const short = utf8('\n{"op":"state"}\n');
  const answers = await answersTo([long.subarray(0, 150), long.subarray(150), short], 100);
  assertEquals(answers.map((it) => it["op"]), [undefined, null, undefined, "state"]);
  assertEquals(answers[0], { ev: "error", error: "the line is too long" });
});
