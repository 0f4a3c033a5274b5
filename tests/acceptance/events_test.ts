/** What `--json` says, line by line, held against docs/cli/events.md. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { PlainMsrpClient } from "../helpers/plain_msrp_client.ts";
import { Answerer, type JsonEvent, runSotto, startSotto } from "../helpers/sotto_process.ts";
import { TemporaryFolder } from "../helpers/temporary_folder.ts";

/** Fields by type of event, as the document has them: `true` where they are always there. */
type Promised = ReadonlyMap<string, ReadonlyMap<string, boolean>>;

const HEX40 = /^[0-9a-f]{40}$/;
const ADDRESS = /^[^@\s]+@[^@\s]+$/;
/** What a field may hold, where more can be said of it than that it is there. */
const VALUES: Readonly<Record<string, RegExp>> = {
  "call.state": /^(calling|ringing|connected|rejected|ended)$/,
  "call.peer": ADDRESS,
  "call.status": /^[1-6]\d\d$/,
  "call.focus": /^(true|false)$/,
  "msrp.state": /^(connecting|bound|closed)$/,
  "msrp.localPath": /^msrps?:\/\/127\.0\.0\.1:\d+\/\S+;tcp$/,
  "msrp.remotePath": /^(msrps?:\/\/127\.0\.0\.1:\d+\/\S+;tcp)?$/,
  "msrp.tls": /^(true|false)$/,
  "otr.state": /^(plaintext|negotiating|encrypted|finished|unavailable|disabled)$/,
  "otr.lock": /^(gray|orange|green|red)$/,
  "otr.version": /^[23]$/,
  "otr.fingerprint": HEX40,
  "otr.trust": /^(verified|unverified|changed)$/,
  "otr.ssid": /^[0-9a-f]{16}$/,
  "fingerprint-changed.peer": ADDRESS,
  "fingerprint-changed.fingerprint": HEX40,
  "message.direction": /^(in|out)$/,
  "message.from": ADDRESS,
  "message.to": ADDRESS,
  "message.contentType": /^text\//,
  "message.encryption": /^(|unverified|verified|failed)$/,
  "delivery.status": /^(delivered|failed)$/,
  "delivery.code": /^\d{3}$/,
  "composing.from": ADDRESS,
  "composing.state": /^(active|idle)$/,
  "smp.state": /^(asked|in-progress|success|failure|aborted|error)$/,
  "smp.role": /^(initiator|responder)$/,
  "error.code": /^[a-z]+\/[a-z0-9-]+$/,
  "error.side": /^(local|remote)$/,
  "error.rule": /^RFC \d+|^OTR/,
};

const promised = readDocument(
  await Deno.readTextFile(new URL("../../docs/cli/events.md", import.meta.url)),
);

function readDocument(text: string): Promised {
  const types = new Map<string, Map<string, boolean>>();
  for (const section of text.split(/^### /m).slice(1)) {
    const type = /^`([a-z-]+)`/.exec(section)?.[1] ?? "";
    const rows = section.matchAll(/^\| `(\w+)` *\| (\w+) *\|/gm);
    types.set(type, new Map([...rows].map(([, field = "", there]) => [field, there === "always"])));
  }
  return types;
}

/** Every line of stdout is an event as the document has it; every line of stderr is sotto's. */
function assertPromised(stdout: string, stderr: string): JsonEvent[] {
  const lines = stdout.split("\n");
  assertEquals(lines.pop(), "", "the last line ends");
  const events = lines.map((line): JsonEvent => JSON.parse(line));
  for (const event of events) {
    const { v, at, type, ...fields } = event;
    assertEquals(v, 1);
    assertMatch(String(at), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const known = promised.get(String(type));
    assert(known !== undefined, `undocumented: ${JSON.stringify(event)}`);
    for (const [field, isAlways] of known) {
      if (isAlways) assert(field in fields, `${field} is missing: ${JSON.stringify(event)}`);
    }
    for (const [field, value] of Object.entries(fields)) {
      assert(known.has(field), `undocumented: ${field} of ${JSON.stringify(event)}`);
      assert(value !== null || field === "question", `null: ${JSON.stringify(event)}`);
      const pattern = VALUES[`${type}.${field}`];
      if (pattern !== undefined) assertMatch(String(value), pattern, JSON.stringify(event));
    }
  }
  // In order: nothing happens before what it follows from.
  assertEquals(events.map((it) => it["at"]), events.map((it) => it["at"]).toSorted());
  for (const line of stderr.split("\n").slice(0, -1)) assertMatch(line, /^sotto: /);
  return events;
}

function pick(events: readonly JsonEvent[], type: string, ...fields: readonly string[]): unknown[] {
  return events.filter((it) => it["type"] === type).map((it) => fields.map((name) => it[name]));
}

/** Types that the contract does not have: some are only ever added. */
const ADDED = new Set(["imdn", "file", "registration", "conference"]);

Deno.test("docs/cli/events.md has every event of the contract", () => {
  assertEquals([...promised.keys()].filter((it) => !ADDED.has(it)), [
    "listening",
    "call",
    "msrp",
    "otr",
    "fingerprint-changed",
    "message",
    "delivery",
    "composing",
    "smp",
    "error",
  ]);
  for (const [type, fields] of promised) assert(fields.size > 0, type);
});

Deno.test("events of a verified conversation, from both sides", async () => {
  await using folder = await TemporaryFolder.make();
  await Deno.writeTextFile(folder.file("s.txt"), "under the clock\n");
  const bob = await Answerer.start(
    { folder: folder.path, home: "bob" },
    ...["--once", "--listen", "127.0.0.1:0;transport=udp", "--smp-answer-file", "s.txt"],
    ...["--expect", "hello", "--send", "goodbye"],
  );
  await using _ = bob;
  const call = await runSotto(
    { folder: folder.path, home: "alice" },
    ...["call", await bob.target("bob"), "--from", "alice@example.com", "--json"],
    ...["--smp-secret-file", "s.txt", "--smp-question", "where did we meet?"],
    ...["--send", "hello", "--expect", "goodbye"],
  );
  const answer = await bob.result();
  assertEquals([call.status, answer.status], [0, 0], call.stderr + answer.stderr);
  const ours = assertPromised(call.stdout, call.stderr);
  const theirs = assertPromised(answer.stdout, answer.stderr);

  assertEquals(theirs[0]?.["type"], "listening");
  assertEquals(pick(ours, "call", "state", "peer", "status", "focus"), [
    ["calling", "bob@127.0.0.1", undefined, undefined],
    ["ringing", "bob@127.0.0.1", 180, undefined],
    ["connected", "bob@127.0.0.1", 200, false],
    ["ended", "bob@127.0.0.1", undefined, undefined],
  ]);
  assertEquals(pick(theirs, "call", "state", "peer"), [
    ["ringing", "alice@example.com"],
    ["connected", "alice@example.com"],
    ["ended", "alice@example.com"],
  ]);
  assertEquals(new Set([...ours, ...theirs].flatMap((it) => it["callId"] ?? [])).size, 1);

  for (const side of [ours, theirs]) {
    assertEquals(pick(side, "msrp", "state").flat(), ["connecting", "bound", "closed"]);
  }
  const paths = pick(ours, "msrp", "localPath", "remotePath")[1];
  assertEquals(pick(theirs, "msrp", "remotePath", "localPath")[1], paths);

  // Both name the other's key, and agree on the session.
  const keys = await Promise.all(["bob", "alice"].map(async (home) => {
    const { stdout } = await runSotto({ folder: folder.path, home }, "fingerprint", "--json");
    return JSON.parse(stdout).fingerprint;
  }));
  const encrypted = [ours, theirs].map((side) => side.find((it) => it["state"] === "encrypted"));
  assertEquals(encrypted.map((it) => it?.["fingerprint"]), keys);
  assertEquals(encrypted[0]?.["ssid"], encrypted[1]?.["ssid"]);
  assertEquals(pick(ours, "otr", "state", "lock", "trust"), [
    ["negotiating", "gray", undefined],
    ["encrypted", "orange", "unverified"],
    ["encrypted", "green", "verified"],
  ]);

  const question = "where did we meet?";
  assertEquals(pick(ours, "smp", "state", "role", "question"), [
    ["in-progress", "initiator", question],
    ["success", "initiator", question],
  ]);
  assertEquals(pick(theirs, "smp", "state", "role", "question"), [
    ["asked", "responder", question],
    ["in-progress", "responder", question],
    ["success", "responder", question],
  ]);

  // With a question only the side that asked gains trust.
  assertEquals(pick(ours, "message", "direction", "body", "encryption", "from"), [
    ["out", "hello", "verified", "alice@example.com"],
    ["in", "goodbye", "verified", "bob@127.0.0.1"],
  ]);
  assertEquals(pick(theirs, "message", "direction", "body", "encryption", "to"), [
    ["in", "hello", "unverified", "anonymous@anonymous.invalid"],
    ["out", "goodbye", "unverified", "alice@example.com"],
  ]);
  for (const side of [ours, theirs]) {
    const [sent] = side.filter((it) => it["direction"] === "out");
    assertEquals(pick(side, "delivery", "id", "status", "code"), [[
      sent?.["id"],
      "delivered",
      200,
    ]]);
  }
  assertEquals(pick(ours, "message", "id").flat(), pick(theirs, "message", "id").flat());
});

Deno.test("events of a plain peer: fallback, composing, hostile text, a broken rule", async () => {
  await using folder = await TemporaryFolder.make();
  await using bob = await PlainMsrpClient.open();
  await using call = startSotto(
    { folder: folder.path, home: "alice" },
    ...["call", bob.phone.uri, "--msrp", "tcp", "--send", "hello", "--expect", "end", "--json"],
  );
  const hostile = "\x1b]0;title\x07\x1b[31mred\u009b1m\u2028\u202etxt.exe\r\nsotto: error: no\x00";
  await bob.answerCall();
  await bob.heard((it) => it.startsWith("?OTR"));
  await bob.say("no OTR here");
  await bob.heard("hello");
  const composing = (state: string): string =>
    `<?xml version="1.0"?><isComposing xmlns="urn:ietf:params:xml:ns:im-iscomposing"><state>${state}</state></isComposing>`;
  await bob.say(composing("active"), { contentType: "application/im-iscomposing+xml" });
  await bob.say(hostile, { cpim: true });
  await bob.say(composing("idle"), { contentType: "application/im-iscomposing+xml" });
  await bob.say("From: nobody", { contentType: "message/cpim" });
  await bob.say("end");
  const result = await call.result();
  assertEquals(result.status, 0, result.stdout + result.stderr);
  const events = assertPromised(result.stdout, result.stderr);
  assertEquals(pick(events, "otr", "state", "lock"), [
    ["negotiating", "gray"],
    ["unavailable", "gray"],
  ]);
  assertMatch(result.stderr, /^sotto: not encrypted: /m);
  assertEquals(pick(events, "composing", "from", "state"), [
    ["plain@127.0.0.1", "active"],
    ["plain@127.0.0.1", "idle"],
  ]);
  assertEquals(pick(events, "message", "direction", "body", "encryption"), [
    ["in", "no OTR here", ""],
    ["out", "hello", ""],
    ["in", hostile, ""],
    ["in", "end", ""],
  ]);
  const [error] = events.filter((it) => it["type"] === "error");
  assertEquals(error?.["side"], "remote");
  assertMatch(String(error?.["rule"]), /^RFC 3862/);
  // deno-lint-ignore no-control-regex
  assertEquals(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e]/.exec(result.stdout), null);
});

Deno.test("a failure with --json is the last event, and the same words on stderr", async () => {
  await using folder = await TemporaryFolder.make();
  const alice = { folder: folder.path, home: "alice" };
  for (
    const args of [
      ["call", "nobody", "--json"],
      ["call", "sip:bob@127.0.0.1:9", "--proxy", "sip:p", "--json"],
      ["call", "sip:bob@127.0.0.1:9;transport=tcp", "--send", "x", "--json"],
      ["smp", "sip:bob@127.0.0.1:9", "--no-input", "--json"],
    ]
  ) {
    const { status, stdout, stderr } = await runSotto(alice, ...args);
    assert(status > 0);
    const last = assertPromised(stdout, stderr).at(-1);
    assertEquals(last?.["type"], "error");
    assert(stderr.includes(`sotto: error: ${last?.["message"]}\n`), stderr);
  }
});
