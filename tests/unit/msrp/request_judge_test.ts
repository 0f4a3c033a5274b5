import { assertEquals } from "@std/assert";
import { fromLatin1 } from "../../../lib/base/ascii.ts";
import { ChunkParser } from "../../../lib/msrp/chunk_parser.ts";
import { judgeRequest, type Verdict } from "../../../lib/msrp/request_judge.ts";
import { SessionState } from "../../../lib/msrp/session_state.ts";
import { frame, sendFrame, sessionConfig } from "../../helpers/msrp_peer.ts";

function judge(text: string, found: SessionState | "bound-elsewhere" | undefined): Verdict {
  for (const event of new ChunkParser().feed(fromLatin1(text))) {
    if (event.type === "chunk-start") return judgeRequest(event.head, event.hasBody, () => found);
  }
  throw new Error("no head");
}

/** Method × what is wrong with it: the code, `!` when nothing is answered. */
const TABLE: { readonly [method: string]: readonly string[] } = {
  //        fine, no session, elsewhere, malformed
  SEND: ["ok", "481", "506", "400"],
  REPORT: ["ok", "481!", "506!", "400!"],
  NICKNAME: ["501", "481", "506", "400"],
};

Deno.test("judgeRequest() crosses methods and faults as RFC 4975 has it", () => {
  const session = new SessionState(sessionConfig(), {});
  for (const [method, expected] of Object.entries(TABLE)) {
    const headers = ["Message-ID: 1234", "Status: 000 200 OK"];
    const verdicts = [
      judge(frame(method, { headers }), session),
      judge(frame(method, { headers }), undefined),
      judge(frame(method, { headers }), "bound-elsewhere"),
      judge(frame(method, { headers: ["nonsense"] }), session),
    ].map((it) => it.type === "accept" ? "ok" : `${it.code}${it.isSilent ? "!" : ""}`);
    assertEquals(verdicts, expected, method);
  }
});

Deno.test("judgeRequest() gives each fault of a SEND its code and its clause", () => {
  const session = new SessionState(sessionConfig(), {});
  session.refuse("refused1");
  const cases: [string, number, string][] = [
    [sendFrame("x").replace("text/plain", "image/png"), 415, "msrp/unsupported-type"],
    [sendFrame("x", { id: "refused1" }), 413, "msrp/message-refused"],
    [sendFrame("x", { range: "x" }), 400, "msrp/bad-byte-range"],
    [
      frame("SEND", { headers: ["Content-Type: text/plain"], body: "x" }),
      400,
      "msrp/bad-message-id",
    ],
    [frame("SEND", { headers: ["Content-Type: text/plain"] }), 400, "msrp/bad-body"],
    [frame("REPORT", { headers: ["Message-ID: 1234"] }), 400, "msrp/bad-report"],
    [frame("REPORT", { headers: ["Status: 000 200"] }), 400, "msrp/bad-report"],
  ];
  for (const [text, code, fault] of cases) {
    const verdict = judge(text, session);
    if (verdict.type === "accept") throw new Error(`accepted, expected ${fault}`);
    assertEquals(`${verdict.code} ${verdict.error.code}`, `${code} ${fault}`);
    assertEquals(verdict.error.rule.startsWith("RFC 4975 §"), true);
  }
});
