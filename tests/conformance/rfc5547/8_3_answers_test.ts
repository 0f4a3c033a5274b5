/** RFC 5547 §8.1, §8.3, §8.4: our answers to offers of files, the first one and those that follow. */
import { assert, assertEquals } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import {
  ChatMedia,
  type FileSettings,
  platformRandom,
  SystemClock,
} from "../../../lib/session/mod.ts";
import { msrpMediaOf, parseSessionDescription } from "../../../lib/sdp/mod.ts";
import { PatternFile, PatternReception } from "../../helpers/pattern_file.ts";

const SELECTOR = 'file-selector:name:"a picture.jpg" type:image/jpeg size:4092 hash:sha-1:' +
  "72:24:5F:E8:65:3D:DA:F3:71:36:2F:86:D4:71:91:3E:E4:A2:CE:2E";
const ID = "file-transfer-id:Q6LMoGymJdh0IKIgD6wD0jkcfgva4xvE";

/** A medium as sipsimple writes it: lines behind `m=`. */
function medium(port: number, ...attributes: readonly string[]): string[] {
  return [
    `m=message ${port} TCP/MSRP *`,
    "c=IN IP4 127.0.0.1",
    `a=path:msrp://127.0.0.1:${port === 0 ? 2855 : port}/s${port};tcp`,
    "a=accept-types:*",
    "a=setup:active",
    ...attributes.map((it) => `a=${it}`),
  ];
}

const CHAT = [
  "m=message 4001 TCP/MSRP *",
  "c=IN IP4 127.0.0.1",
  "a=path:msrp://127.0.0.1:4001/chat;tcp",
  "a=accept-types:message/cpim text/*",
  "a=setup:active",
];

function offer(version: number, ...media: readonly (readonly string[])[]): Uint8Array {
  const head = ["v=0", `o=- 1 ${version} IN IP4 127.0.0.1`, "s=Blink 5", "t=0 0"];
  return utf8([...head, ...media.flat(), ""].join("\r\n"));
}

function chatMedia(files: FileSettings): ChatMedia {
  return new ChatMedia({
    transport: "tcp",
    setup: "actpass",
    certificate: { certPem: "", keyPem: "" },
    random: platformRandom,
    clock: new SystemClock(),
    files,
  });
}

const TAKING: FileSettings = { outgoing: [], reception: new PatternReception(1_000_000) };

/** Lines of the answer, by medium. */
function mediaLines(sdp: Uint8Array): string[][] {
  const text = new TextDecoder().decode(sdp);
  return text.split(/(?=^m=)/m).slice(1).map((it) => it.trim().split("\r\n"));
}

async function answerTo(
  files: FileSettings,
  ...media: readonly (readonly string[])[]
): Promise<string[][]> {
  await using ours = chatMedia(files);
  const outcome = await ours.readOffer(offer(1, ...media), "127.0.0.1");
  assert(outcome.refusal === undefined, outcome.refusal?.text);
  return mediaLines(outcome.answer);
}

Deno.test("MSRP-185 Blink's push is answered recvonly, with its selector and id, and x-file-offset", async () => {
  const [file] = await answerTo(TAKING, medium(4000, "sendonly", SELECTOR, "x-file-offset:", ID));
  assert(file !== undefined);
  for (
    const line of ["recvonly", "accept-types:*", "setup:passive", SELECTOR, ID, "x-file-offset:"]
  ) {
    assert(file.includes(`a=${line}`), `${line} in\n${file.join("\n")}`);
  }
  assert(file.includes("a=max-size:4092"), "no more than was described (§8.7)");
});

Deno.test("RFC5547-8.3.2 a pull is refused with port 0, and the chat beside it is taken", async () => {
  const [chat, file] = await answerTo(TAKING, CHAT, medium(4000, "recvonly", SELECTOR, ID));
  assert(chat !== undefined && !chat[0]?.startsWith("m=message 0 "));
  assertEquals(file, ["m=message 0 TCP/MSRP *", `a=${SELECTOR}`, `a=${ID}`]);
});

Deno.test("RFC5547-8.2.3 each of several files is taken or refused by itself", async () => {
  const large = "file-selector:size:1000001";
  const answer = await answerTo(
    TAKING,
    medium(4000, "sendonly", SELECTOR, ID),
    medium(4010, "sendonly", large, "file-transfer-id:large"),
    medium(4020, "sendonly", SELECTOR, "file-transfer-id:third"),
  );
  assertEquals(answer.map((it) => it[0]?.startsWith("m=message 0 ")), [false, true, false]);
  assertEquals(answer[1]?.slice(1), [`a=${large}`, "a=file-transfer-id:large"]);
});

Deno.test("MSRP-189 a range is repeated in the answer when its beginning is here", async () => {
  const range = "file-range:101-4092";
  const [file] = await answerTo(TAKING, medium(4000, "sendonly", SELECTOR, ID, range));
  assert(file?.includes(`a=${range}`));
  assert(file?.includes("a=max-size:3992"), "as much as is left");
});

Deno.test("RFC5547-8.1 the same id again is no new transfer, port 0 ends it, another id starts none", async () => {
  await using ours = chatMedia(TAKING);
  const first = await ours.readOffer(
    offer(1, CHAT, medium(4000, "sendonly", SELECTOR, ID)),
    "127.0.0.1",
  );
  assert(first.refusal === undefined);
  const again = ours.readReoffer(offer(1, CHAT, medium(4000, "sendonly", SELECTOR, ID)));
  assert("answer" in again);
  assertEquals(again.answer, first.answer, "nothing changed, so nothing of ours does");

  const over = ours.readReoffer(offer(2, CHAT, medium(0, "sendonly", SELECTOR, ID)));
  assert("answer" in over);
  assertEquals(mediaLines(over.answer)[1], [
    "m=message 0 TCP/MSRP *",
    `a=${SELECTOR}`,
    `a=${ID}`,
  ]);
  const versions = [first.answer, over.answer].map((it) =>
    Number(parseSessionDescription(it).origin.sessionVersion)
  );
  assertEquals(versions[1], (versions[0] ?? 0) + 1);
});

Deno.test("RFC5547-8.1 another file under the same id is an error, and ends the transfer", async () => {
  await using ours = chatMedia(TAKING);
  await ours.readOffer(offer(1, CHAT, medium(4000, "sendonly", SELECTOR, ID)), "127.0.0.1");
  const other = SELECTOR.replace("4092", "4093");
  const outcome = ours.readReoffer(offer(2, CHAT, medium(4000, "sendonly", other, ID)));
  assert("answer" in outcome);
  const [, media] = msrpMediaOf(parseSessionDescription(outcome.answer));
  assertEquals(media?.port, 0);
});

Deno.test("MSRP-184 our push: sendonly, selector with SHA-1, a random id of 128 bits, attachment", async () => {
  const file = new PatternFile("a b.bin", 5);
  const ids = new Set<string>();
  for (let turn = 0; turn < 2; turn++) {
    await using ours = chatMedia({ outgoing: [file] });
    const [, media] = mediaLines(await ours.createOffer("127.0.0.1"));
    assert(media !== undefined);
    assert(media.includes("a=sendonly") && media.includes("a=file-disposition:attachment"));
    const selector = media.find((it) => it.startsWith("a=file-selector:"));
    assert(/name:"a b\.bin" type:\S+ size:5 hash:sha-1(:[0-9A-F]{2}){20}/.test(selector ?? ""));
    const id = media.find((it) => it.startsWith("a=file-transfer-id:"))?.slice(19) ?? "";
    assert(/^[0-9a-f]{32}$/.test(id), id);
    ids.add(id);
  }
  assertEquals(ids.size, 2);
});
