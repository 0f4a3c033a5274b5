/** RFC 4975 §6, §6.1, §9: MSRP URIs and their comparison. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { PeerError } from "../../../lib/base/errors.ts";
import { msrpUrisMatch, parseMsrpPath, parseMsrpUri, writeMsrpUri } from "../../../lib/msrp/mod.ts";
import { frame, MsrpBench, OURS } from "../../helpers/msrp_peer.ts";

function matches(a: string, b: string): boolean {
  const forth = msrpUrisMatch(parseMsrpUri(a), parseMsrpUri(b));
  assertEquals(msrpUrisMatch(parseMsrpUri(b), parseMsrpUri(a)), forth, "both ways alike");
  return forth;
}

Deno.test("MSRP-030 a URI has a scheme, an authority, perhaps a session-id, and a transport", () => {
  const uri = parseMsrpUri("msrps://alice@host.example.com:8493/asfd34;tcp;a=b;c");
  assertEquals(uri, {
    scheme: "msrps",
    userInfo: "alice",
    host: "host.example.com",
    port: 8493,
    sessionId: "asfd34",
    transport: "tcp",
    parameters: [{ name: "a", value: "b" }, { name: "c" }],
  });
  assertEquals(parseMsrpUri("msrp://relay.example.com;tcp"), {
    scheme: "msrp",
    host: "relay.example.com",
    transport: "tcp",
  });
  for (
    const bad of [
      "",
      "sip://host:1/a;tcp",
      "msrp:host:1/a;tcp",
      "msrp://host:1/a",
      "msrp://host:1/a;",
      "msrp://:1/a;tcp",
      "msrp:///a;tcp",
      "msrp://host:1/;tcp",
      "msrp://host:65536/a;tcp",
      "msrp://host:x/a;tcp",
      "msrp://host:1/a;t-c-p",
      "msrp://host:1/a;tcp;=x",
      "msrp://host:1/a b;tcp",
      "msrp://ho st:1/a;tcp",
      "msrp://[::1:1/a;tcp",
    ]
  ) assertThrows(() => parseMsrpUri(bad), PeerError, "expected an MSRP URI");
});

Deno.test("MSRP-031 a session-id may hold unreserved characters and + = /", () => {
  const id = "aZ09-._~+/b64==";
  assertEquals(parseMsrpUri(`msrp://h:1/${id};tcp`).sessionId, id);
  for (const bad of ["a%20", "a,b", "a:b", "a@b", "é"]) {
    assertThrows(() => parseMsrpUri(`msrp://h:1/${bad};tcp`), PeerError);
  }
});

Deno.test("MSRP-032 scheme and authority compare in any case, without userinfo, percent-decoded", () => {
  assert(matches("MSRP://Host.Example:1/a;tcp", "msrp://hOST.eXAMPLE:1/a;tcp"));
  assert(!matches("msrp://h:1/a;tcp", "msrps://h:1/a;tcp"));
  assert(matches("msrp://alice@h:1/a;tcp", "msrp://bob@h:1/a;tcp"));
  assert(matches("msrp://%68ost:1/a;tcp", "msrp://HOST:1/a;tcp"));
  assert(!matches("msrp://a%2fb:1/a;tcp", "msrp://ab:1/a;tcp"));
  assert(matches("msrp://a%2fb:1/a;tcp", "msrp://a%2Fb:1/a;tcp"));
});

Deno.test("MSRP-033 an explicit port never equals an absent one", () => {
  assert(!matches("msrp://h:2855/a;tcp", "msrp://h/a;tcp"));
  assert(!matches("msrp://h:2855/a;tcp", "msrp://h:2856/a;tcp"));
  assert(matches("msrp://h:2855/a;tcp", "msrp://h:02855/a;tcp"));
  assert(matches("msrp://h/a;tcp", "msrp://h/a;tcp"));
});

Deno.test("MSRP-034 a session-id compares by case, and never equals an absent one", () => {
  assert(!matches("msrp://h:1/abc;tcp", "msrp://h:1/ABC;tcp"));
  assert(!matches("msrp://h:1/abc;tcp", "msrp://h:1;tcp"));
});

Deno.test("MSRP-035 transports compare in any case, and other parameters do not count", () => {
  assert(matches("msrp://h:1/a;tcp", "msrp://h:1/a;TCP"));
  assert(!matches("msrp://h:1/a;tcp", "msrp://h:1/a;ws"));
  assert(matches("msrp://h:1/a;tcp;x=1", "msrp://h:1/a;tcp"));
});

Deno.test("MSRP-036 IPv6 addresses compare as addresses", () => {
  const uri = parseMsrpUri("msrp://[2001:DB8::1]:7654/a;tcp");
  assertEquals(uri.host, "2001:DB8::1");
  assertEquals(writeMsrpUri(uri), "msrp://[2001:DB8::1]:7654/a;tcp");
  const long = "msrp://[2001:0db8:0:0:0:0:0:1]:7654/a;tcp";
  assert(matches("msrp://[2001:DB8::1]:7654/a;tcp", long));
  assert(matches("msrp://[::ffff:192.0.2.1]:1/a;tcp", "msrp://[::FFFF:c000:201]:1/a;tcp"));
  assert(!matches("msrp://[::1]:1/a;tcp", "msrp://[::2]:1/a;tcp"));
  for (const bad of ["::1::", "1:2:3:4:5:6:7:8:9", "12345::", "::256.0.0.1", "g::", "1:2:3"]) {
    assertThrows(() => parseMsrpUri(`msrp://[${bad}]:1/a;tcp`), PeerError);
  }
});

Deno.test("MSRP-037 the URIs of a session carry their port on the wire", () => {
  const bench = MsrpBench.bound();
  bench.send("x");
  for (const uri of bench.frames().flatMap((it) => [...it.toPath, ...it.fromPath])) {
    assert(uri.port !== undefined);
  }
  // One without a port is another URI: not a session of ours.
  bench.receive(frame("SEND", { to: OURS.replace(":7654", ""), headers: ["Message-ID: 1234"] }));
  assertEquals(bench.codes(), [481]);
});

Deno.test("parseMsrpPath() reads URIs with spaces between and keeps to its limit", () => {
  const path = parseMsrpPath("msrp://r.example:1;tcp msrp://h:2/a;tcp");
  assertEquals(path.map((it) => it.port), [1, 2]);
  assertThrows(() => parseMsrpPath("msrp://h:1/a;tcp  "), PeerError);
  const many = Array.from({ length: 17 }, () => "msrp://h:1/a;tcp").join(" ");
  assertThrows(() => parseMsrpPath(many), PeerError, "at most 16");
});
