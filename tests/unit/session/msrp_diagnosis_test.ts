/** Where a session hangs, and who owes what, from frames alone. */
import { assertEquals } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { type DiagnosedSession, MsrpDiagnosis } from "../../../lib/session/msrp_diagnosis.ts";
import { AgRelay } from "../../helpers/ag_relay.ts";
import { frame, sendFrame } from "../../helpers/msrp_peer.ts";
import { listen, mediaSettings, openPair, relaySettings } from "../../helpers/relayed_media.ts";

const DIRECT: DiagnosedSession = { role: "active", ourRelay: false, theirRelay: false };

class Bench {
  readonly diagnosis: MsrpDiagnosis;

  constructor(session: Partial<DiagnosedSession> = {}) {
    this.diagnosis = new MsrpDiagnosis({ ...DIRECT, ...session });
  }

  out(text: string): this {
    return this.#pass("out", text);
  }

  in(text: string): this {
    return this.#pass("in", text);
  }

  /** `step by state clause` of where it hangs. */
  get stuck(): string | undefined {
    const { stuckAt: it } = this.diagnosis.report();
    return it && `${it.step} ${it.by} ${it.state} ${it.clause}`;
  }

  #pass(direction: "in" | "out", text: string): this {
    const here = { host: "127.0.0.1", port: 1 };
    this.diagnosis.tap({
      at: 0,
      direction,
      protocol: "msrp",
      transport: "tcp",
      local: here,
      remote: here,
      data: utf8(text),
    });
    return this;
  }
}

const bind = frame("SEND", {
  transactionId: "bind1234",
  headers: ["Message-ID: b", "Byte-Range: 1-0/0"],
});
const answer = (transactionId: string, status = "200 OK"): string =>
  frame(status, { transactionId });
const message = sendFrame("hello", { transactionId: "mess1234", headers: ["Success-Report: yes"] });
const success = frame("REPORT", {
  headers: ["Message-ID: msg45678", "Byte-Range: 1-5/5", "Status: 000 200 OK"],
});

Deno.test("MsrpDiagnosis goes through the steps of the active side", () => {
  const bench = new Bench();
  assertEquals(bench.stuck, "connected we missing RFC 6135 §4.2");
  bench.diagnosis.connected();
  assertEquals(bench.stuck, "bind we missing RFC 4975 §5.4");
  bench.out(bind);
  assertEquals(bench.stuck, "bind-answer peer missing RFC 4975 §7.2");
  bench.in(answer("bind1234"));
  assertEquals(bench.stuck, "send we missing RFC 4975 §7.1");
  bench.out(message);
  assertEquals(bench.stuck, "answer peer missing RFC 4975 §7.2");
  bench.in(answer("mess1234"));
  assertEquals(bench.stuck, "report peer missing RFC 4975 §7.1.2");
  bench.in(success);
  assertEquals(bench.stuck, undefined);
  assertEquals(bench.diagnosis.report().counts, {
    sent: 1,
    received: 0,
    answered: 1,
    refused: 0,
    reportsWanted: 1,
    reports: 1,
  });
});

Deno.test("MsrpDiagnosis goes through those of the passive side, where the peer owes the beginning", () => {
  const bench = new Bench({ role: "passive" });
  assertEquals(bench.stuck, "connected peer missing RFC 6135 §4.2");
  bench.diagnosis.connected();
  assertEquals(bench.stuck, "bind peer missing RFC 4975 §5.4");
  bench.in(sendFrame("first words"));
  assertEquals(bench.stuck, "send we missing RFC 4975 §7.1");
  assertEquals(bench.diagnosis.report().counts.received, 1);
});

Deno.test("MsrpDiagnosis blames relays for what relays owe", () => {
  const ours = new Bench({ role: "passive", ourRelay: true });
  assertEquals(ours.stuck, "connected we missing RFC 6135 §4.5");
  ours.out(frame("AUTH", { transactionId: "auth1234" }));
  assertEquals(ours.stuck, "path our relay missing RFC 4976 §6.3");
  ours.in(answer("auth1234", "403 Forbidden"));
  assertEquals(ours.stuck, "path our relay refused RFC 4976 §6.3");
  ours.out(frame("AUTH", { transactionId: "auth5678" })).in(answer("auth5678"));
  assertEquals(ours.stuck, "bind peer missing RFC 4975 §5.4");

  const theirs = new Bench({ theirRelay: true }).out(bind);
  assertEquals(theirs.stuck, "bind-answer their relay missing RFC 4976 §6.4.1");
  theirs.in(answer("bind1234", "481 No Such Session"));
  assertEquals(theirs.stuck, "bind-answer their relay refused RFC 4976 §6.4.1");
});

Deno.test("MsrpDiagnosis tells a refusal from silence, and a relay's 200 from arrival", () => {
  const bench = new Bench().out(bind).in(answer("bind1234")).out(message);
  bench.in(answer("mess1234", "415 Unsupported Media Type"));
  const { stuckAt } = bench.diagnosis.report();
  assertEquals(stuckAt?.text, "the peer answered with 415 Unsupported Media Type");
  const relayed = new Bench({ ourRelay: true })
    .out(frame("AUTH", { transactionId: "auth1234" })).in(answer("auth1234"))
    .out(bind).in(answer("bind1234")).out(message).in(answer("mess1234"));
  assertEquals(relayed.stuck, "report peer missing RFC 4975 §7.1.2");
  const hop = relayed.diagnosis.report().steps.find((it) => it.step === "answer");
  assertEquals(hop?.text, "our relay answered 1 of 1: that a relay has it, not that it arrived");
});

Deno.test("MsrpDiagnosis of a whole session through a relay finds nothing that hangs", async () => {
  await using relay = await AgRelay.start();
  const diagnosis = new MsrpDiagnosis({ role: "active", ourRelay: true, theirRelay: true });
  const of = (user: "alice" | "bob") =>
    relaySettings(relay.port, user, { insecure: true, uriParameter: "no" });
  await using pair = await openPair(
    await mediaSettings({ relay: of("alice"), tap: diagnosis.tap }),
    await mediaSettings({ relay: of("bob") }),
  );
  listen(pair.caller);
  assertEquals(diagnosis.report().stuckAt?.step, "send");
  const early = pair.caller.send({
    contentType: "text/plain",
    body: utf8("hello"),
    successReport: true,
  });
  while (diagnosis.report().counts.answered === 0) await new Promise((it) => setTimeout(it, 5));
  assertEquals(diagnosis.report().stuckAt?.step, "report", "nobody reads at the other end");
  listen(pair.callee);
  assertEquals((await early).status, "delivered");
  assertEquals(diagnosis.report().stuckAt, undefined);
});
