import { assertEquals } from "@std/assert";
import { utf8 } from "../../../../lib/base/bytes.ts";
import { explainSip } from "../../../../lib/trace/analysis/sip_observer.ts";

const SEEN = { frame: 7, at: 1000, src: undefined, dst: undefined };

function invite(body: string, extra = ""): Uint8Array {
  return utf8(
    "INVITE sip:bob@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n" +
      "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\n" +
      `Max-Forwards: 70\r\nContact: <sip:a@192.0.2.1>${extra}\r\nContent-Type: application/sdp\r\n` +
      `Content-Length: ${body.length}\r\n\r\n${body}`,
  );
}

const SDP = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n" +
  "m=message 40000 TCP/MSRP *\r\na=accept-types:text/plain\r\na=setup:active\r\n" +
  "a=path:msrp://192.0.2.1:40000/abc;tcp\r\n";

Deno.test("explainSip() reads a request and the MSRP media it offers", () => {
  const { object, findings } = explainSip(invite(SDP), "udp", SEEN);
  assertEquals([object?.method, object?.callId, object?.cseq], ["INVITE", "x", "1 INVITE"]);
  assertEquals(object?.media, [{
    port: 40000,
    transport: "TCP/MSRP",
    path: ["msrp://192.0.2.1:40000/abc;tcp"],
    setup: "active",
    acceptTypes: ["text/plain"],
    isRefused: false,
  }]);
  assertEquals(findings, []);
});

Deno.test("explainSip() sees a focus", () => {
  assertEquals(explainSip(invite(SDP, ";isfocus"), "udp", SEEN).object?.isFocus, true);
  assertEquals(explainSip(invite(SDP), "udp", SEEN).object?.isFocus, false);
});

Deno.test("explainSip() shows as much of a broken message as can be read", () => {
  const broken = utf8("OPTIONS sip:bob@x SIP/2.0\r\nCall-ID: x\r\nNot a header\r\n\r\n");
  const { object, findings } = explainSip(broken, "udp", SEEN);
  assertEquals(object?.method, "OPTIONS");
  assertEquals(findings.length, 1);
  assertEquals(findings[0]?.frame, 7);
  const noSip = explainSip(utf8("hello"), "udp", SEEN);
  assertEquals([noSip.object, noSip.findings.length], [undefined, 1]);
});

Deno.test("explainSip() names a session description that it cannot read", () => {
  const { object, findings } = explainSip(invite("v=0\r\nnonsense"), "udp", SEEN);
  assertEquals(object?.media, []);
  assertEquals(findings.length, 1);
});
