/** CVE-2012-3461, CVE-2016-2851, CVE-2012-2369: lengths that lie, base64 that is none, text that bites. */
import { assert, assertEquals, assertNotMatch } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import {
  armour,
  type ConversationEvent,
  decodeBase64,
  encodeBase64,
  type Tlv,
} from "../../../lib/otr/mod.ts";
import { Pair } from "../../helpers/otr_pair.ts";
import { Mallory } from "./mallory.ts";

/** Bob, in private with Alice, hears something; she can still talk to him afterwards. */
function bobSurvives(pair: Pair, message: string): ConversationEvent[] {
  pair.hears("bob", message);
  pair.intercept("bob");
  return pair.take("bob");
}

function assertStillTalks(pair: Pair): void {
  pair.says("alice", "still here").run();
  assertEquals(pair.heard("bob"), ["still here"]);
}

const SHORT_BASE64 = [
  "?OTR:===.",
  "?OTR:",
  "?OTR:.",
  "?OTR: .",
  "?OTR:=.",
  "?OTR:A.",
  "?OTR:AA.",
  "?OTR:AA==.",
  "?OTR:AAM.",
  "?OTR:AAMC.",
  "?OTR:AAMD.",
  "?OTR:AAMCAAAA.",
  "?OTR:====.",
  "?OTR:....",
  "?OTR:AAMC",
  "?OTR:\u0000.",
  "?OTR:é.",
  "?OTR:AAMD\n.",
];

for (const message of SHORT_BASE64) {
  Deno.test(`CVE-2012-3461 ${JSON.stringify(message)} is refused, and nothing else happens`, () => {
    const pair = Pair.encrypted();
    const events = bobSurvives(pair, message);
    assert(events.length <= 1, JSON.stringify(events));
    assert(events.every((it) => it.type === "peer-error" || it.type === "message-unreadable"));
    assertStillTalks(pair);
  });
}

/** One message of each type, from an honest conversation. */
function honestMessages(version: 2 | 3): string[] {
  const policy = { versions: [version] };
  const pair = new Pair({ policy }, { policy });
  pair.does("alice", (it, now) => it.query(now)).run();
  pair.says("alice", "hello").run().says("bob", "hi").run().says("alice", "again").run();
  return pair.wire.map((it) => it.message).filter((it) => it.startsWith("?OTR:"));
}

for (const version of [2, 3] as const) {
  Deno.test(`CVE-2012-3461 no message of version ${version} hurts when it ends early`, () => {
    const policy = { versions: [version] };
    const pair = Pair.encrypted({ policy }, { policy });
    for (const message of honestMessages(version)) {
      const octets = decodeBase64(message.slice(5, -1)) ?? new Uint8Array();
      for (let length = 0; length < octets.length; length += length < 40 ? 1 : 7) {
        bobSurvives(pair, armour(octets.subarray(0, length)));
      }
      for (let length = 5; length < message.length; length += 5) {
        bobSurvives(pair, message.slice(0, length));
        bobSurvives(pair, `${message.slice(0, length)}.`);
      }
    }
    assertStillTalks(pair);
  });
}

const LENGTHS = [0xffffffff, 0x80000000, 0x7fffffff, 0xfffffffc, 0x00ffffff];

for (const version of [2, 3] as const) {
  Deno.test(`CVE-2016-2851 no length in a message of version ${version} is believed`, () => {
    const policy = { versions: [version] };
    const pair = Pair.encrypted({ policy }, { policy });
    for (const message of honestMessages(version)) {
      const octets = decodeBase64(message.slice(5, -1)) ?? new Uint8Array();
      for (let at = 3; at + 4 <= octets.length; at += at < 60 ? 1 : 11) {
        for (const length of LENGTHS) {
          const lying = octets.slice();
          new DataView(lying.buffer).setUint32(at, length);
          bobSurvives(pair, armour(lying));
        }
      }
    }
    assertStillTalks(pair);
  });
}

Deno.test("CVE-2016-2851 fragments that would add up to too much are dropped at the limit", () => {
  const limits = { fragmentCharacters: 10_000 };
  const pair = Pair.encrypted({}, { limits });
  const piece = "A".repeat(900);
  for (let k = 1; k <= 65_535; k += 1) {
    const number = (value: number): string => String(value).padStart(5, "0");
    pair.hears("bob", `?OTR|10000001|20000002,${number(k)},65535,?OTR:${piece},`);
    if (k > 200) break;
  }
  pair.take("bob");
  pair.intercept("bob");
  assertStillTalks(pair);
  // A message beyond the limit never comes out of its pieces.
  const text = "x".repeat(20_000);
  const whole = `?OTR:${encodeBase64(utf8(text))}.`;
  const half = whole.length / 2;
  pair.hears("bob", `?OTR|10000001|20000002,00001,00002,${whole.slice(0, half)},`);
  pair.hears("bob", `?OTR|10000001|20000002,00002,00002,${whole.slice(half)},`);
  assert(pair.take("bob").every((it) => it.type !== "message-received"));
  assertStillTalks(pair);
});

Deno.test("CVE-2016-2851 a message past the limit is not looked at", () => {
  const pair = Pair.encrypted({}, { limits: { message: 5000 } });
  const events = bobSurvives(pair, `?OTR:${"A".repeat(6000)}.`);
  assertEquals(events.map((it) => it.type), ["peer-error"]);
  assertStillTalks(pair);
});

Deno.test("CVE-2016-2851 records that claim more than there is end the list", () => {
  const lies: Uint8Array[] = [
    Uint8Array.of(0x78, 0, 0, 1, 0xff, 0xff),
    Uint8Array.of(0x78, 0, 0, 2, 0xff, 0xff, 0, 0, 0, 6),
    Uint8Array.of(0x78, 0, 0),
    Uint8Array.of(0x78, 0, 0, 8, 0, 3, 1, 2, 3),
    Uint8Array.of(0x78, 0, 0, 7, 0, 0),
  ];
  for (const plaintext of lies) {
    const mallory = Mallory.encrypted();
    const [message = ""] = mallory.honest((it, now) => it.sendMessage("x", now));
    mallory.tell(mallory.rewrite(message, { plaintext }));
    const events = mallory.pair.take("bob");
    assertEquals(events.filter((it) => it.type === "message-received").length, 1);
    assertEquals(mallory.pair.bob.messageState, "encrypted");
  }
});

const COUNTS = [0, 1, 5, 7, 0xffff, 0x7fffffff, 0xffffffff];

Deno.test("CVE-2016-2851 an SMP record with any count of numbers is refused and not computed", () => {
  for (const type of [2, 3, 4, 5, 7]) {
    for (const count of COUNTS) {
      const value = new Uint8Array(count === 0 ? 4 : 64);
      const at = type === 7 ? 2 : 0;
      value[0] = type === 7 ? 0x3f : 0;
      if (value.length >= at + 4) new DataView(value.buffer).setUint32(at, count);
      const pair = Pair.encrypted();
      const tlvs: Tlv[] = [{ type, value }];
      pair.does("alice", (it, now) => it.sendMessage("", now, { tlvs })).run();
      const outcomes = pair.taken("bob", "smp").map((it) => it.what);
      assert(!outcomes.includes("asked") && !outcomes.includes("success"), `${type} ${count}`);
      assertStillTalks(pair);
    }
  }
});

const BITING = "\u001b]0;owned\u0007\u001b[2J%s%n%x \r\n\u202egnp.exe\u200b\u0000";

Deno.test("CVE-2012-2369 a text of the peer's is data: it arrives whole and is never a format", () => {
  const pair = Pair.encrypted();
  const text = BITING.replaceAll("\u0000", "");
  pair.says("alice", text).run();
  assertEquals(pair.heard("bob"), [text]);
  pair.hears("bob", `?OTR Error: ${text}`);
  const [error] = pair.taken("bob", "error-received");
  assert(error?.text.includes("%s%n%x"));
});

Deno.test("CVE-2012-2369 no error of ours repeats a control character of the peer's", () => {
  const pair = Pair.encrypted();
  const carriers = [
    `?OTR:${BITING}.`,
    `?OTR|${BITING}|1,1,1,${BITING},`,
    `?OTR,1,2,${BITING}`,
    `?OTRv${BITING}?`,
    `?OTR|10000001|20000002,99999,00001,${BITING},`,
    armour(utf8(BITING)),
  ];
  for (const message of carriers) {
    for (const event of bobSurvives(pair, message)) {
      const said = event.type === "peer-error"
        ? event.error.message
        : event.type === "message-unreadable"
        ? event.reason
        : "";
      // deno-lint-ignore no-control-regex
      assertNotMatch(said, /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e]/);
    }
  }
  assertStillTalks(pair);
});
