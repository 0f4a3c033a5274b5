import { assertEquals } from "@std/assert";
import { admitFile } from "../../../lib/session/file_admission.ts";
import type { FileReception, OfferedFile } from "../../../lib/session/file_offer.ts";
import { type MsrpMedia, msrpMediaOf, parseSessionDescription } from "../../../lib/sdp/mod.ts";
import { PatternReception } from "../../helpers/pattern_file.ts";

function medium(...attributes: readonly string[]): MsrpMedia {
  const lines = [
    "v=0",
    "o=- 1 1 IN IP4 192.0.2.1",
    "s=-",
    "t=0 0",
    "c=IN IP4 192.0.2.1",
    "m=message 4000 TCP/MSRP *",
    "a=path:msrp://192.0.2.1:4000/abc;tcp",
    "a=accept-types:*",
    ...attributes.map((it) => `a=${it}`),
  ];
  const [media] = msrpMediaOf(parseSessionDescription(lines.join("\r\n")));
  if (media === undefined) throw new Error("expected a medium");
  return media;
}

const FILE = 'file-selector:name:"a" size:10';

async function refusal(
  media: MsrpMedia,
  at = 0,
  reception: FileReception | undefined = new PatternReception(100),
): Promise<string | undefined> {
  return (await admitFile(media, at, reception)).refusal;
}

Deno.test("admitFile() finds a place for a file that is pushed", async () => {
  const reception = new PatternReception(100);
  const media = medium("sendonly", FILE, "file-transfer-id:x");
  const { description, sink } = await admitFile(media, 0, reception);
  assertEquals([description.transferId, sink === reception.sinks[0]], ["x", true]);
  assertEquals(reception.sinks[0]?.file.continuesAt, undefined);
});

Deno.test("admitFile() asks for the beginning of a file of which the rest is offered", async () => {
  const asked: OfferedFile[] = [];
  const reception = new PatternReception(100);
  const accept = (file: OfferedFile) => {
    asked.push(file);
    return reception.accept(file);
  };
  for (const range of ["4-10", "4-*", "1-10"]) {
    await admitFile(medium("sendonly", FILE, `file-range:${range}`), 0, { maxSize: 100, accept });
  }
  assertEquals(asked.map((it) => it.continuesAt), [3, 3, undefined]);
});

for (
  const [why, attributes, expected] of [
    ["is to be fetched", ["recvonly", FILE], "nothing is offered for others to fetch"],
    [
      "is too large",
      ["sendonly", "file-selector:size:101"],
      "101 octets, and at most 100 are taken",
    ],
    [
      "is sent in part",
      ["sendonly", FILE, "file-range:1-5"],
      "only the rest of a file is taken, not a part of it",
    ],
    [
      "cannot be read",
      ["sendonly", "file-selector:size:x"],
      'expected a size in octets, found "x"',
    ],
  ] as const
) {
  Deno.test(`admitFile() refuses a file that ${why}`, async () => {
    assertEquals(await refusal(medium(...attributes)), expected);
  });
}

Deno.test("admitFile() refuses the seventeenth file, and every file where none are taken", async () => {
  const media = medium("sendonly", FILE);
  assertEquals(await refusal(media, 15), undefined);
  assertEquals(await refusal(media, 16), "more than 16 files at once");
  assertEquals((await admitFile(media, 0, undefined)).refusal, "files are not taken");
});

Deno.test("admitFile() passes on what the place says, however it says it", async () => {
  const media = medium("sendonly", FILE);
  const says = { maxSize: 100, accept: () => Promise.resolve({ refusal: "no room" }) };
  assertEquals(await refusal(media, 0, says), "no room");
  const throws = { maxSize: 100, accept: () => Promise.reject(new Error("no disk")) };
  assertEquals(await refusal(media, 0, throws), "no disk");
});
