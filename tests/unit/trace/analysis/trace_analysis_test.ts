import { assertEquals } from "@std/assert";
import { utf8 } from "../../../../lib/base/bytes.ts";
import type { Arrival } from "../../../../lib/trace/arrival.ts";
import { showHostPort, TraceAnalysis } from "../../../../lib/trace/analysis/trace_analysis.ts";
import { responseFrame, sendFrame } from "../../../helpers/capture_files.ts";
import { explainArrivals, ofType } from "../../../helpers/trace_objects.ts";

const A = { host: "192.0.2.1", port: 40000 };
const B = { host: "192.0.2.2", port: 2855 };
const SEEN = { frame: 1, at: 1000, src: A, dst: B } as const;

Deno.test("TraceAnalysis explains every kind of arrival", () => {
  const message = "MESSAGE sip:bob@x SIP/2.0\r\nVia: SIP/2.0/UDP x;branch=z9hG4bK1\r\n" +
    "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: x\r\nCSeq: 1 MESSAGE\r\n" +
    "Max-Forwards: 70\r\nContent-Type: text/plain\r\nContent-Length: 7\r\n\r\n?OTRv3?";
  const stream = { connection: 1, transport: "tcp" } as const;
  const arrivals: [Arrival, string[]][] = [
    [{ type: "datagram", ...SEEN, data: utf8(message) }, ["sip", "message", "otr"]],
    [{ type: "datagram", ...SEEN, data: utf8("\r\n\r\n") }, []],
    [{ type: "octets", ...SEEN, ...stream, data: sendFrame("aaaa", "hi") }, ["chunk", "message"]],
    [{ type: "gap", ...SEEN, connection: 1, octets: 5 }, ["finding"]],
    [{ type: "end", ...SEEN, connection: 1, how: "fin" }, []],
    [
      {
        type: "unit",
        ...SEEN,
        connection: 7,
        data: responseFrame("bbbb"),
        protocol: "msrp",
        transport: "tcp",
        isStripped: false,
      },
      ["chunk"],
    ],
    [
      {
        type: "unit",
        ...SEEN,
        connection: 0,
        data: utf8("\r\n\r\n"),
        protocol: "sip",
        transport: "udp",
        isStripped: false,
      },
      [],
    ],
    [{ type: "remark", ...SEEN, text: "Connected" }, ["remark"]],
    [
      { type: "finding", finding: { id: "X", severity: "note", clause: "x", message: "x" } },
      ["finding"],
    ],
  ];
  const analysis = new TraceAnalysis();
  for (const [arrival, wanted] of arrivals) {
    assertEquals(analysis.receive(arrival).map((it) => it.type), wanted, arrival.type);
  }
});

Deno.test("TraceAnalysis joins a session to the dialog that announced it", () => {
  const sdp = "v=0\r\no=- 1 1 IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\n" +
    "m=message 2855 TCP/MSRP *\r\na=accept-types:*\r\na=path:msrp://192.0.2.2:2855/b;tcp\r\n";
  const invite = "INVITE sip:bob@x SIP/2.0\r\nVia: SIP/2.0/UDP x;branch=z9hG4bK1\r\n" +
    "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: the-call\r\nCSeq: 1 INVITE\r\n" +
    "Contact: <sip:a@x>\r\nMax-Forwards: 70\r\nContent-Type: application/sdp\r\n" +
    `Content-Length: ${sdp.length}\r\n\r\n${sdp}`;
  const objects = explainArrivals([
    { type: "datagram", ...SEEN, data: utf8(invite) },
    {
      type: "octets",
      ...SEEN,
      connection: 1,
      transport: "tcp",
      data: sendFrame("aaaa", "hi"),
    },
  ]);
  assertEquals(ofType(objects, "chunk")[0]?.callId, "the-call");
  assertEquals(ofType(objects, "message")[0]?.callId, "the-call");
});

Deno.test("TraceAnalysis shows a record of a log that holds half a frame as truncated", () => {
  const objects = explainArrivals([{
    type: "unit",
    ...SEEN,
    connection: 1,
    data: sendFrame("aaaa", "hello").subarray(0, -9),
    protocol: "msrp",
    transport: "tcp",
    isStripped: false,
  }]);
  assertEquals(ofType(objects, "chunk")[0]?.isTruncated, true);
  assertEquals(ofType(objects, "message")[0]?.isComplete, false);
});

Deno.test("TraceAnalysis gives up after 30 seconds of the trace what waits for an answer", () => {
  const analysis = new TraceAnalysis();
  const data = sendFrame("aaaa", "hi");
  analysis.receive({ type: "octets", ...SEEN, connection: 1, transport: "tcp", data });
  const objects = analysis.receive({ type: "remark", ...SEEN, at: 60_000, text: "later" });
  assertEquals(objects.map((it) => it.type), ["delivery", "remark"]);
});

Deno.test("showHostPort() puts IPv6 into brackets", () => {
  assertEquals(showHostPort(A), "192.0.2.1:40000");
  assertEquals(showHostPort({ host: "::1", port: 5060 }), "[::1]:5060");
  assertEquals(showHostPort(undefined), undefined);
});
