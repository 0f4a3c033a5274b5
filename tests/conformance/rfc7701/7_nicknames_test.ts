/** RFC 7701 §7: the NICKNAME request, from both ends; §6: whole messages that a switch refuses. */
import { assertEquals, assertThrows } from "@std/assert";
import { SottoError } from "../../../lib/base/errors.ts";
import { type MsrpSessionConfig, writeMsrpPath } from "../../../lib/msrp/mod.ts";
import { frame, MsrpBench, OURS, sendFrame, SESSION, THEIRS } from "../../helpers/msrp_peer.ts";

/** What a NICKNAME with these lines is answered by a switch that answers `code`. */
function answered(lines: readonly string[], code = 200): { codes: number[]; asked: string[] } {
  const asked: string[] = [];
  const bench = MsrpBench.bound({
    reserveNickname: (nickname) => {
      asked.push(nickname);
      return code;
    },
  });
  return { codes: bench.receive(frame("NICKNAME", { headers: lines })).codes(), asked };
}

Deno.test("MSRP-181 a NICKNAME names itself in quotes, asks for no report and has no body", () => {
  const bench = MsrpBench.bound();
  bench.act(bench.core.useNickname(SESSION, 'Alice "the great"', bench.now));
  const [request] = bench.frames();
  assertEquals(request?.startLine.kind === "request" && request.startLine.method, "NICKNAME");
  assertEquals(writeMsrpPath(request?.toPath ?? []), THEIRS);
  assertEquals(writeMsrpPath(request?.fromPath ?? []), OURS);
  assertEquals(request?.headers, [{ name: "Use-Nickname", value: '"Alice \\"the great\\""' }]);
  assertEquals(request?.body, undefined);
});

Deno.test("MSRP-181 the answer to a NICKNAME is told, and silence is one", () => {
  for (const code of [200, 403, 424, 425, 501]) {
    const bench = MsrpBench.bound();
    bench.act(bench.core.useNickname(SESSION, "Alice", bench.now));
    const [request] = bench.frames();
    bench.receive(frame(`${code} said so`, {
      transactionId: request?.startLine.transactionId ?? "",
    }));
    assertEquals(bench.takeEvents(), [{
      type: "nickname-answered",
      session: SESSION,
      nickname: "Alice",
      code,
      comment: "said so",
    }]);
    bench.send("the session goes on");
    assertEquals(bench.frames().length, 1);
  }
  const silent = MsrpBench.bound();
  silent.act(silent.core.useNickname(SESSION, "Alice", silent.now)).wait(30_000);
  assertEquals(silent.takeEvents().map((it) => it.type === "nickname-answered" && it.code), [408]);
});

Deno.test("MSRP-181 481 to a NICKNAME ends the session as it does for a SEND", () => {
  const bench = MsrpBench.bound();
  bench.act(bench.core.useNickname(SESSION, "Alice", bench.now));
  const transactionId = bench.frames()[0]?.startLine.transactionId ?? "";
  bench.receive(frame("481 No Such Session", { transactionId }));
  assertEquals(bench.takeEvents().map((it) => it.type), ["nickname-answered", "session-failed"]);
  const error = assertThrows(
    () => bench.core.useNickname(SESSION, "Alice", bench.now),
    SottoError,
  );
  assertEquals(error.code, "msrp/session-failed");
});

Deno.test("MSRP-181 a switch answers with 200, 403 or 425 as its policy says", () => {
  for (const code of [200, 403, 425]) {
    const { codes, asked } = answered(['Use-Nickname: "Alice in Wonderland"'], code);
    assertEquals([codes, asked], [[code], ["Alice in Wonderland"]]);
  }
});

Deno.test("MSRP-181 an empty quoted string gives the nickname up", () => {
  assertEquals(answered(['Use-Nickname: ""']), { codes: [200], asked: [""] });
});

Deno.test("MSRP-181 Blink's nickname without quotes is taken", () => {
  assertEquals(answered(["Use-Nickname: Alice"]), { codes: [200], asked: ["Alice"] });
});

Deno.test("MSRP-181 a malformed nickname is answered 424, and not asked for", () => {
  for (const bad of ['"open', '"\\x"', `"${"x".repeat(1_024)}"`]) {
    assertEquals(answered([`Use-Nickname: ${bad}`]), { codes: [424], asked: [] }, bad.slice(0, 20));
  }
});

Deno.test("MSRP-181 reports may not be asked for, and Use-Nickname must be there: 400", () => {
  const name = 'Use-Nickname: "Alice"';
  for (const report of ["Success-Report: yes", "Failure-Report: yes", "Failure-Report: no"]) {
    assertEquals(answered([name, report]), { codes: [400], asked: [] }, report);
  }
  assertEquals(answered([]), { codes: [400], asked: [] });
  assertEquals(answered([name, name]), { codes: [400], asked: [] }, "twice");
});

Deno.test("MSRP-181 who is no switch answers NICKNAME with 501", () => {
  const bench = MsrpBench.bound();
  bench.receive(frame("NICKNAME", { headers: ['Use-Nickname: "Alice"'] }));
  assertEquals(bench.codes(), [501]);
});

/** What a SEND of `body` is answered, and what came of it, where `no` is refused with `code`. */
function judged(
  body: string,
  code: number,
  more: Partial<MsrpSessionConfig> & { readonly headers?: readonly string[] } = {},
): { codes: number[]; events: string[] } {
  const { headers = [], ...config } = more;
  const bench = MsrpBench.bound({
    judgeMessage: (it) => new TextDecoder().decode(it.body) === "no" ? code : undefined,
    ...config,
  });
  bench.receive(sendFrame(body, { headers }));
  return { codes: bench.codes(), events: bench.takeEvents().map((it) => it.type) };
}

Deno.test("MSRP-182 what a switch refuses by its content gets that answer, and is not delivered", () => {
  for (const code of [403, 404, 428]) {
    assertEquals(judged("no", code), { codes: [code], events: [] });
    assertEquals(judged("yes", code), { codes: [200], events: ["message-received"] });
  }
});

Deno.test("MSRP-182 a refused message is not reported as a success", () => {
  const bench = MsrpBench.bound({ judgeMessage: () => 404 });
  bench.receive(sendFrame("no", { headers: ["Success-Report: yes"] }));
  const frames = bench.frames();
  assertEquals(frames.map((it) => it.startLine.kind), ["response"]);
});

Deno.test("MSRP-182 who asked for no failures is not told of this one; partial is", () => {
  assertEquals(judged("no", 404, { headers: ["Failure-Report: no"] }), { codes: [], events: [] });
  assertEquals(judged("no", 404, { headers: ["Failure-Report: partial"] }).codes, [404]);
});

Deno.test("MSRP-182 a message in chunks is refused at its last one", () => {
  const bench = MsrpBench.bound({ judgeMessage: () => 404 });
  bench.receive(sendFrame("n", { range: "1-1/2", flag: "+", transactionId: "first123" }));
  bench.receive(sendFrame("o", { range: "2-2/2", transactionId: "second12" }));
  assertEquals(bench.codes(), [200, 404]);
  assertEquals(bench.takeEvents(), []);
});
