/** The attributes of RFC 5547 §6–8 in offers and answers. */
import { assertEquals } from "@std/assert";
import {
  answeredFile,
  createMsrpAnswer,
  createMsrpOffer,
  fileAttributes,
  type FileDescription,
  msrpMediaOf,
  parseFileDescription,
  parseSessionDescription,
  refuseEveryMedium,
  writeSessionDescription,
} from "../../../lib/sdp/mod.ts";

/** Figure 2 of RFC 5547, with the folded line in one piece. */
const FIGURE_2 = `v=0\r
o=alice 2890844526 2890844526 IN IP4 host.atlanta.example.com\r
s=\r
c=IN IP4 host.atlanta.example.com\r
t=0 0\r
m=message 7654 TCP/MSRP *\r
i=This is my latest picture\r
a=sendonly\r
a=accept-types:message/cpim\r
a=accept-wrapped-types:*\r
a=path:msrp://atlanta.example.com:7654/jshA7we;tcp\r
a=file-selector:name:"My cool picture.jpg" type:image/jpeg size:32349 hash:sha-1:72:24:5F:E8:65:3D:DA:F3:71:36:2F:86:D4:71:91:3E:E4:A2:CE:2E\r
a=file-transfer-id:vBnG916bdberum2fFEABR1FR3ExZMUrd\r
a=file-disposition:attachment\r
a=file-date:creation:"Mon, 15 May 2006 15:01:31 +0300"\r
a=file-icon:cid:id2@alicepc.example.com\r
a=file-range:1-32349\r
`;

const PICTURE: FileDescription = {
  selector: {
    name: "My cool picture.jpg",
    type: "image/jpeg",
    size: 32_349,
    hashes: [{ algorithm: "sha-1", value: "72245fe8653ddaf371362f86d471913ee4a2ce2e" }],
  },
  transferId: "vBnG916bdberum2fFEABR1FR3ExZMUrd",
  disposition: "attachment",
  dates: { creation: Date.UTC(2006, 4, 15, 12, 1, 31) },
  icon: "id2@alicepc.example.com",
  range: { start: 1, stop: 32_349 },
};

const NOTES: FileDescription = {
  selector: { name: "notes.txt", size: 5, hashes: [] },
  transferId: "Q6LMoGymJdh0IKIgD6wD0jkcfgva4xvE",
};

const session = { sessionId: "1", sessionVersion: "1" };

function medium(file: FileDescription, port: number): {
  transport: "TCP/MSRP";
  path: string[];
  acceptTypes: string[];
  direction: "sendonly" | "recvonly";
  attributes: ReturnType<typeof fileAttributes>;
} {
  return {
    transport: "TCP/MSRP",
    path: [`msrp://192.0.2.1:${port}/s${port};tcp`],
    acceptTypes: ["*"],
    direction: "sendonly",
    attributes: fileAttributes(file),
  };
}

function lines(description: Parameters<typeof writeSessionDescription>[0]): string[] {
  return new TextDecoder().decode(writeSessionDescription(description)).split("\r\n");
}

Deno.test("MSRP-184 figure 2 of RFC 5547 is read to the last attribute", () => {
  const [media] = msrpMediaOf(parseSessionDescription(FIGURE_2));
  assertEquals(media?.direction, "sendonly");
  assertEquals(parseFileDescription(media?.attributes ?? []), PICTURE);
});

Deno.test("MSRP-184 what was read is written as it stood", () => {
  const attributes = FIGURE_2.split("\r\n").filter((it) => it.startsWith("a=file-"));
  assertEquals(
    fileAttributes(PICTURE).map(({ name, value }) => `a=${name}:${value}`),
    // Only the zone of the date is ours: the instant is the same.
    attributes.map((it) => it.replace("15:01:31 +0300", "12:01:31 +0000")),
  );
});

Deno.test("MSRP-184 a push offer says sendonly, with a medium of its own for each file", () => {
  const offer = createMsrpOffer({
    ...session,
    media: { ...medium(NOTES, 4001), direction: "sendrecv", attributes: [] },
    further: [medium(NOTES, 4002), medium(PICTURE, 4003)],
  });
  const media = msrpMediaOf(parseSessionDescription(writeSessionDescription(offer)));
  assertEquals(media.map((it) => it.port), [4001, 4002, 4003]);
  assertEquals(media.map((it) => it.direction), ["sendrecv", "sendonly", "sendonly"]);
  assertEquals(media.map((it) => parseFileDescription(it.attributes)?.transferId), [
    undefined,
    NOTES.transferId,
    PICTURE.transferId,
  ]);
});

Deno.test("MSRP-184 the answer to a pull offer says sendonly, that to a push offer recvonly", () => {
  for (const [offered, answered] of [["sendonly", "recvonly"], ["recvonly", "sendonly"]] as const) {
    const offer = createMsrpOffer({
      ...session,
      media: { ...medium(NOTES, 4001), direction: offered },
    });
    const answer = createMsrpAnswer(offer, {
      ...session,
      index: 0,
      media: { ...medium(answeredFile(NOTES), 5001), direction: answered },
    });
    assertEquals(msrpMediaOf(answer)[0]?.direction, answered);
  }
});

Deno.test("MSRP-185 an answer repeats name, type, size, transfer id and range, and no icon, disposition or date", () => {
  const offer = parseSessionDescription(FIGURE_2);
  const answer = createMsrpAnswer(offer, {
    ...session,
    index: 0,
    media: { ...medium(answeredFile(PICTURE), 5001), direction: "recvonly" },
  });
  assertEquals(
    lines(answer).filter((it) => it.startsWith("a=file-") || it === "a=recvonly"),
    FIGURE_2.split("\r\n").map((it) => it.replace("sendonly", "recvonly")).filter((it) =>
      /^a=(recvonly|file-(selector|transfer-id|range))/.test(it)
    ),
  );
});

Deno.test("MSRP-185 a refused file keeps selector and transfer id at port 0, beside one that is taken", () => {
  const offer = createMsrpOffer({
    ...session,
    media: medium(NOTES, 4001),
    further: [medium(PICTURE, 4002)],
  });
  const answer = createMsrpAnswer(offer, {
    ...session,
    index: 1,
    media: { ...medium(answeredFile(PICTURE), 5002), direction: "recvonly" },
  });
  const [notes, picture] = answer.media;
  assertEquals([notes?.port, picture?.port], [0, 5002]);
  assertEquals(notes?.attributes, fileAttributes(NOTES));
});

Deno.test("MSRP-185 an answer that refuses everything mirrors selector and transfer id alone", () => {
  const answer = refuseEveryMedium(parseSessionDescription(FIGURE_2), {
    ...session,
    address: "192.0.2.2",
  });
  assertEquals(
    answer.media[0]?.attributes.map((it) => it.name),
    ["file-selector", "file-transfer-id"],
  );
  assertEquals(answer.media[0]?.port, 0);
});

Deno.test("MSRP-189 a=file-range: both ends included, an open end, the whole file by default", () => {
  const read = (range?: string): unknown =>
    parseFileDescription([
      { name: "file-selector", value: "size:9" },
      ...(range === undefined ? [] : [{ name: "file-range", value: range }]),
    ])?.range;
  assertEquals(read("3-9"), { start: 3, stop: 9 });
  assertEquals(read("3-*"), { start: 3, stop: "*" });
  assertEquals(read(), undefined);
});

Deno.test("RFC5547-8.5 an empty file-selector is a capability, no file", () => {
  const offer = createMsrpOffer({
    ...session,
    media: {
      ...medium(NOTES, 4001),
      direction: "sendrecv",
      attributes: [{ name: "file-selector" }],
    },
  });
  assertEquals(lines(offer).includes("a=file-selector"), true);
  assertEquals(parseFileDescription(msrpMediaOf(offer)[0]?.attributes ?? []), undefined);
});
