import { assertEquals, assertThrows } from "@std/assert";
import { PeerError } from "../../../lib/base/errors.ts";
import { parseMsrpPath, parseMsrpUri, writeMsrpPath, writeMsrpUri } from "../../../lib/msrp/uri.ts";

Deno.test("parseMsrpUri() and writeMsrpUri() keep a URI as it was written", () => {
  for (
    const text of [
      "msrp://host.example.com:8493/asfd34;tcp",
      "msrps://alice%41@[2001:DB8::1]:0/x;TCP;a=b;c",
      "msrp://relay.example.com;tcp",
      "msrp://192.0.2.1:2855/~._-+=/;ws",
    ]
  ) assertEquals(writeMsrpUri(parseMsrpUri(text)), text);
});

Deno.test("writeMsrpUri() refuses parts that would not come back", () => {
  const good = parseMsrpUri("msrp://h:1/a;tcp");
  for (
    const bad of [
      { host: "" },
      { host: "a/b" },
      { host: "a\r\nb" },
      { port: 65_536 },
      { port: -1 },
      { sessionId: "a b" },
      { sessionId: "" },
      { sessionId: "a;tcp" },
      { host: "a;tcp" },
      { host: "::g" },
      { userInfo: "a@b" },
      { transport: "t;x" },
      { parameters: [{ name: "a;b" }] },
    ]
  ) assertThrows(() => writeMsrpUri({ ...good, ...bad }), TypeError);
});

Deno.test("parseMsrpUri() shows what it found, escaped and cut", () => {
  const error = assertThrows(() => parseMsrpUri(`sip:\u001b[31m${"x".repeat(500)}`), PeerError);
  assertEquals(error.code, "msrp/bad-uri");
  assertEquals(error.message.includes("\\x1b"), true);
  assertEquals(error.message.length < 200, true);
});

Deno.test("parseMsrpPath() and writeMsrpPath() are each other's inverse", () => {
  const text = "msrps://a:1;tcp msrp://b:2/x;tcp";
  assertEquals(writeMsrpPath(parseMsrpPath(text)), text);
  assertEquals(assertThrows(() => parseMsrpPath(text, 1), PeerError).code, "msrp/path-too-long");
});
