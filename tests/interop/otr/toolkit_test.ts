/** libotr's own `otr_parse` reads our messages, and reads in them what we do. */
import { assert, assertEquals } from "@std/assert";
import { toHex, utf8 } from "../../../lib/base/bytes.ts";
import { type EncodedMessage, parseOtrMessage } from "../../../lib/otr/mod.ts";
import { livePeerTest } from "../../helpers/live_peer.ts";
import { Pair, secret } from "../../helpers/otr_pair.ts";

for (const version of [2, 3] as const) {
  livePeerTest(
    `otr_parse reads every message of a version ${version} conversation as parseOtrMessage() does`,
    { needs: ["otr_parse"] },
    async () => {
      const messages = transcript(version).filter((it) => it.startsWith("?OTR:"));
      const ours = messages.map((it) => parseOtrMessage(it) as EncodedMessage);
      const types = new Set(ours.map((it) => it.type));
      assertEquals([...types], ["dh-commit", "dh-key", "reveal-signature", "signature", "data"]);
      assert(ours.some((it) => it.type === "data" && it.oldMacKeys.length >= 20));
      const theirs = (await parseByToolkit(messages)).trim().split(/\n\n+/);
      assertEquals(theirs, ours.map(asToolkit));
    },
  );
}

/** A conversation of ours with text both ways, SMP and an end. */
function transcript(version: 2 | 3): string[] {
  const policy = { versions: [version] };
  const pair = new Pair({ policy }, { policy });
  pair.does("alice", (it, now) => it.query(now)).run();
  for (const text of ["one", "two", "three"]) {
    pair.says("alice", text).run().says("bob", text).run();
  }
  pair.does("alice", (it, now) => it.startSmp(secret("s"), "who?", now)).run();
  pair.does("bob", (it, now) => it.answerSmp(secret("s"), now)).run();
  pair.does("bob", (it, now) => it.endSession(now)).run();
  return pair.wire.map((it) => it.message);
}

async function parseByToolkit(messages: readonly string[]): Promise<string> {
  const child = new Deno.Command("otr_parse", { stdin: "piped", stdout: "piped", stderr: "null" })
    .spawn();
  const writer = child.stdin.getWriter();
  await writer.write(utf8(messages.map((it) => `${it}\n`).join("")));
  await writer.close();
  return new TextDecoder().decode((await child.output()).stdout);
}

/** What the toolkit prints about a message. */
function asToolkit(message: EncodedMessage): string {
  const lines = [
    `Version: ${String(message.version).padStart(2, "0")}`,
    ...message.type === "data" ? [`Flags: ${message.flags}`] : [],
    ...message.version === 3
      ? [`Sender instance: ${message.senderTag}`, `Receiver instance: ${message.receiverTag}`]
      : [],
    ...fieldsOf(message),
  ];
  return [`${TITLES[message.type]} Message:`, ...lines.map((it) => `\t${it}`)].join("\n");
}

const TITLES = {
  "dh-commit": "D-H Commit",
  "dh-key": "D-H Key",
  "reveal-signature": "Reveal Signature",
  signature: "Signature",
  data: "Data",
} as const;

function fieldsOf(message: EncodedMessage): string[] {
  switch (message.type) {
    case "dh-commit":
      return [
        `Encrypted Key: ${toHex(message.encryptedGx)}`,
        `Hashed Key: ${toHex(message.hashedGx)}`,
      ];
    case "dh-key":
      return [`D-H Key: ${toHex(message.gy)}`];
    case "reveal-signature":
      return [
        `Key: ${toHex(message.revealedKey)}`,
        `Encrypted Signature: ${toHex(message.encryptedSignature)}`,
        `MAC: ${toHex(message.mac)}`,
      ];
    case "signature":
      return [
        `Encrypted Signature: ${toHex(message.encryptedSignature)}`,
        `MAC: ${toHex(message.mac)}`,
      ];
    case "data":
      return [
        `Sender keyid: ${message.senderKeyId}`,
        `Rcpt keyid: ${message.recipientKeyId}`,
        `DH y: ${toHex(message.nextDh)}`,
        `Counter: ${toHex(message.counter)}`,
        `Encrypted message: ${toHex(message.encryptedMessage)}`,
        `MAC: ${toHex(message.mac)}`,
        ...revealed(message.oldMacKeys),
      ];
    default:
      return message satisfies never;
  }
}

function revealed(oldMacKeys: Uint8Array): string[] {
  if (oldMacKeys.length === 0) return [];
  const keys = Array.from(
    { length: oldMacKeys.length / 20 },
    (_, at) => `\tKey ${at + 1}: ${toHex(oldMacKeys.subarray(20 * at, 20 * at + 20))}`,
  );
  return ["Revealed MAC keys:", ...keys];
}
