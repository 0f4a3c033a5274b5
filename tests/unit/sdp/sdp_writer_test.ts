import { assertEquals, assertThrows } from "@std/assert";
import { decodeUtf8 } from "../../../lib/base/bytes.ts";
import type { SessionDescription } from "../../../lib/sdp/session_description.ts";
import { writeSessionDescription } from "../../../lib/sdp/sdp_writer.ts";

const MINIMAL: SessionDescription = {
  origin: {
    username: "-",
    sessionId: "1",
    sessionVersion: "1",
    networkType: "IN",
    addressType: "IP4",
    address: "192.0.2.1",
  },
  sessionName: "",
  attributes: [],
  media: [],
};

Deno.test("writeSessionDescription() writes what the grammar demands even of little", () => {
  assertEquals(
    decodeUtf8(writeSessionDescription(MINIMAL)),
    "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n",
  );
});

Deno.test("writeSessionDescription() keeps the order of RFC 8866 §9", () => {
  const connection = { networkType: "IN", addressType: "IP6", address: "2001:db8::1" };
  const bandwidths = [{ type: "AS", bandwidth: "64" }];
  const written = decodeUtf8(writeSessionDescription({
    ...MINIMAL,
    sessionName: "Grüße",
    information: "i",
    uri: "u",
    emails: ["e1", "e2"],
    phones: ["p"],
    connection,
    bandwidths,
    times: [{ start: "1", stop: "2", repeats: ["3 4 5"], zones: "6 7" }],
    key: "prompt",
    attributes: [{ name: "a", value: "" }],
    media: [{
      media: "message",
      port: 9,
      portCount: 2,
      protocol: "TCP/MSRP",
      formats: ["*", "x"],
      information: "mi",
      connections: [connection],
      bandwidths,
      key: "mk",
      attributes: [{ name: "inactive" }],
      unknownLines: [{ type: "y", value: "z" }],
    }],
  }));
  assertEquals(
    written?.split("\r\n").map((it) => it.replace(/^(.)=.*$/, "$1")).join(""),
    "vosiueepcbtrzkamicbkay",
  );
  assertEquals(written?.includes("m=message 9/2 TCP/MSRP * x\r\n"), true);
  assertEquals(written?.includes("a=a:\r\n"), true);
});

Deno.test("writeSessionDescription() refuses to smuggle lines", () => {
  for (const evil of ["x\r\na=path:msrp://evil", "x\ny", "x\0"]) {
    assertThrows(() => writeSessionDescription({ ...MINIMAL, sessionName: evil }), TypeError);
  }
});
