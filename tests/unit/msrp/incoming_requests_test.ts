import { assertEquals } from "@std/assert";
import { fromLatin1, latin1 } from "../../../lib/base/ascii.ts";
import { ChunkParser } from "../../../lib/msrp/chunk_parser.ts";
import { IncomingRequests } from "../../../lib/msrp/incoming_requests.ts";
import { SessionState } from "../../../lib/msrp/session_state.ts";
import { frame, sendFrame, sessionConfig } from "../../helpers/msrp_peer.ts";

/** What the host is asked to do for the frames in `text`, in order. */
function log(text: string): string[] {
  const session = new SessionState(sessionConfig(), {});
  const asked: string[] = [];
  const incoming = new IncomingRequests({
    findSession: () => session,
    hold: () => false,
    respond: (bytes) => asked.push(latin1(bytes).split("\r\n", 1)[0] ?? ""),
    succeed: (_, messageId) => asked.push(`succeed ${messageId}`),
    receiveReport: (_, { status }) => asked.push(`report ${status?.code}`),
    report: (event) => asked.push(event.type),
  });
  for (const event of new ChunkParser().feed(fromLatin1(text))) {
    if (event.type === "chunk-start") incoming.begin(event.head, event.hasBody, 0);
    else if (event.type === "chunk-data") incoming.add(event.bytes);
    else if (event.type === "chunk-end") incoming.end(event.continuation, event.bodyLength, 0);
  }
  return asked;
}

Deno.test("IncomingRequests binds, answers, reports, and then hands the message on", () => {
  assertEquals(log(sendFrame("x", { headers: ["Success-Report: yes"] })), [
    "session-bound",
    "MSRP tid12345 200 OK",
    "succeed msg45678",
    "message-received",
  ]);
});

Deno.test("IncomingRequests refuses once and drops the rest", () => {
  assertEquals(log(sendFrame("x".repeat(50)).replace("text/plain", "image/png")), [
    "session-bound",
    "peer-error",
    "MSRP tid12345 415 Unsupported Media Type",
  ]);
  assertEquals(log(frame("SEND", { headers: ["Message-ID: 1234"], body: "typeless" })), [
    "session-bound",
    "peer-error",
    "MSRP tid12345 400 Bad Request",
  ]);
});

Deno.test("IncomingRequests passes reports on and answers none", () => {
  const text = frame("REPORT", { headers: ["Message-ID: 1234", "Status: 000 413 No"], body: "x" });
  assertEquals(log(text), ["session-bound", "report 413"]);
});

Deno.test("IncomingRequests takes a blank line without octets for no body", () => {
  assertEquals(log(frame("SEND", { headers: ["Keep-Alive: yes"], body: "" })), [
    "session-bound",
    "MSRP tid12345 200 OK",
    "keep-alive-answered",
  ]);
});
