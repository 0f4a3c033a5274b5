import { assertEquals } from "@std/assert";
import { readFileOffset } from "../../../lib/msrp/file_offset.ts";
import { frame, MsrpBench, sendFrame, SESSION } from "../../helpers/msrp_peer.ts";

const ASK = frame("FILE_OFFSET");

Deno.test("readFileOffset() takes a number, and 0 for anything else", () => {
  const read = (value: string): number => readFileOffset([{ name: "offset", value }]);
  assertEquals([read("5"), read("-5"), read("x"), read("9".repeat(16)), readFileOffset([])], [
    5,
    0,
    0,
    0,
    0,
  ]);
});

Deno.test("FILE_OFFSET is answered with the octets that are here, before the first SEND only", () => {
  const bench = MsrpBench.bound({ streamsIncoming: true, fileOffset: 7 });
  bench.receive(ASK);
  const [answer] = bench.frames();
  assertEquals(answer?.startLine, {
    kind: "response",
    transactionId: "tid12345",
    code: 200,
    comment: "OK",
  });
  assertEquals(answer?.headers, [{ name: "Offset", value: "7" }]);
  bench.receive(sendFrame("abc", { range: "1-3/9", flag: "+" }));
  assertEquals(bench.codes(), [200]);
  assertEquals(bench.receive(ASK).codes(), [413]);
});

Deno.test("FILE_OFFSET is answered 501 where no file is expected", () => {
  assertEquals(MsrpBench.bound().receive(ASK).codes(), [501]);
});

for (
  const [said, answer, offset] of [
    [
      "a number",
      (tid: string) => frame("200 OK", { transactionId: tid, headers: ["Offset: 42"] }),
      42,
    ],
    ["nothing", (tid: string) => frame("200 OK", { transactionId: tid }), 0],
    ["501", (tid: string) => frame("501 No", { transactionId: tid, headers: ["Offset: 42"] }), 0],
  ] as const
) {
  Deno.test(`MsrpConnection.askFileOffset() hears ${said}`, () => {
    const bench = MsrpBench.bound();
    bench.act(bench.core.askFileOffset(SESSION, bench.now));
    const [request] = bench.frames();
    assertEquals(request?.startLine.kind === "request" && request.startLine.method, "FILE_OFFSET");
    bench.receive(answer(request?.startLine.transactionId ?? ""));
    assertEquals(bench.takeEvents(), [{ type: "file-offset", session: SESSION, offset }]);
  });
}

Deno.test("MsrpConnection.askFileOffset() takes silence for a file that is not there", () => {
  const bench = MsrpBench.bound();
  bench.act(bench.core.askFileOffset(SESSION, bench.now));
  bench.wait(30_000);
  assertEquals(bench.takeEvents(), [{ type: "file-offset", session: SESSION, offset: 0 }]);
});
