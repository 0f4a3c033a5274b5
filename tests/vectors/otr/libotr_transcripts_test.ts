/** What libotr 4.1.1 said to itself: read, and written again octet by octet. */
import { assert, assertEquals } from "@std/assert";
import { type OtrMessage, parseOtrMessage, writeOtrMessage } from "../../../lib/otr/mod.ts";

const FOLDER = new URL("../../../fixtures/otr/libotr-transcripts/", import.meta.url);

/** Messages on the wire, in order, with their sender. */
function messagesOf(name: string): { from: string; wire: string }[] {
  const lines = Deno.readTextFileSync(new URL(`${name}.jsonl`, FOLDER)).trim().split("\n");
  return lines.map((it) => JSON.parse(it)).filter((it) => typeof it.wire === "string");
}

/** How many messages of each type a transcript has, fragments and their contents included. */
const EXPECTED: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "v2-query": {
    query: 1,
    "dh-commit": 1,
    "dh-key": 1,
    "reveal-signature": 1,
    signature: 1,
    data: 7,
  },
  "v3-query-smp": {
    query: 1,
    "dh-commit": 1,
    "dh-key": 1,
    "reveal-signature": 1,
    signature: 1,
    data: 15,
    plaintext: 1,
  },
  "v3-fragmented": {
    query: 1,
    fragment: 25,
    "dh-commit": 1,
    "dh-key": 1,
    "reveal-signature": 1,
    signature: 1,
    data: 2,
  },
};

for (const [name, expected] of Object.entries(EXPECTED)) {
  Deno.test(`writeOtrMessage() writes every message of ${name} as libotr did`, () => {
    const counts: Record<string, number> = {};
    for (const { wire } of withJoined(messagesOf(name))) {
      const message = parseOtrMessage(wire);
      counts[message.type] = (counts[message.type] ?? 0) + 1;
      assertEquals(writeOtrMessage(message), wire);
    }
    assertEquals(counts, expected);
  });
}

Deno.test("parseOtrMessage() reads fragments whose pieces join to the messages they carry", () => {
  const joined = withJoined(messagesOf("v3-fragmented")).map((it) => parseOtrMessage(it.wire))
    .filter((it) => it.type !== "fragment" && it.type !== "query");
  assertEquals(joined.map((it) => it.type), [
    "dh-commit",
    "dh-key",
    "reveal-signature",
    "signature",
    "data",
    "data",
  ]);
  for (const message of joined) {
    assert("senderTag" in message && message.senderTag >= 0x100);
  }
});

/** The messages, each run of fragments followed by what it carries. */
function withJoined(messages: readonly { from: string; wire: string }[]): { wire: string }[] {
  const pieces = new Map<string, string>();
  return messages.flatMap(({ from, wire }) => {
    const message: OtrMessage = parseOtrMessage(wire);
    if (message.type !== "fragment") return [{ wire }];
    const soFar = (message.k === 1 ? "" : pieces.get(from) ?? "") + message.piece;
    pieces.set(from, soFar);
    return message.k === message.n ? [{ wire }, { wire: soFar }] : [{ wire }];
  });
}
