import { assert, assertEquals } from "@std/assert";
import { latin1 } from "../../../lib/base/ascii.ts";
import { utf8 } from "../../../lib/base/bytes.ts";
import { OutgoingRequests } from "../../../lib/msrp/outgoing_requests.ts";
import { SessionState } from "../../../lib/msrp/session_state.ts";
import { sessionConfig } from "../../helpers/msrp_peer.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

/** Our half, with everything that it asks of the connection written down. */
class Bench {
  readonly session = new SessionState(sessionConfig(), {});
  readonly log: string[] = [];
  readonly outgoing: OutgoingRequests;

  constructor() {
    this.outgoing = new OutgoingRequests(seededRandom(1), {}, {
      session: (id) => id === this.session.id ? this.session : undefined,
      transmit: ({ data }) => this.log.push(latin1(data)),
      report: (events) => this.log.push(...events.map((it) => it.type)),
      isTaken: () => false,
    });
  }

  /** What happened since the last call, frames by their first words. */
  taken(): string[] {
    return this.log.splice(0).map((it) =>
      it.startsWith("MSRP ") ? it.replace(/^MSRP \S+ (\S+)[^]*([$+#])\r\n$/, "$1$2") : it
    );
  }

  /** Sends and answers with the transaction identifier. */
  send(): string {
    this.outgoing.send(this.session, { contentType: "text/plain", body: utf8("x") });
    this.outgoing.flush(0);
    return /^MSRP (\S+)/.exec(this.log.join(""))?.[1] ?? "";
  }
}

Deno.test("OutgoingRequests lets nothing leave before flush()", () => {
  const bench = new Bench();
  bench.outgoing.bind(bench.session, 0);
  bench.outgoing.respond(utf8("MSRP abcd 200 OK\r\n-------abcd$\r\n"));
  assertEquals(bench.taken(), []);
  bench.outgoing.flush(0);
  assertEquals(bench.taken(), ["SEND$", "200$"]);
  assert(bench.outgoing.wantsWritable);
  bench.outgoing.handleWritable();
  assert(!bench.outgoing.wantsWritable);
});

/** What each answer means, crossed with what it answers; written from §7.3.2 and §10. */
const TABLE: readonly (readonly [code: number, toBind: string, toMessage: string])[] = [
  [200, "session-bound", "message-sent"],
  [400, "session-failed", "message-failed"],
  [403, "session-failed", "message-failed"],
  [408, "session-failed", "message-failed"],
  [413, "session-failed", "message-failed"],
  [415, "session-failed", "message-failed"],
  [481, "session-failed", "message-failed session-failed"],
  [501, "session-failed", "message-failed"],
  [506, "session-failed", "message-failed session-failed"],
];

Deno.test("OutgoingRequests.receiveResponse() crosses codes with what was asked", () => {
  for (const [code, toBind, toMessage] of TABLE) {
    const binding = new Bench();
    binding.outgoing.bind(binding.session, 0);
    binding.outgoing.flush(0);
    const [, tid = ""] = /^MSRP (\S+)/.exec(binding.log.join("")) ?? [];
    binding.taken();
    binding.outgoing.receiveResponse({ kind: "response", transactionId: tid, code }, 0);
    assertEquals(binding.taken().join(" "), toBind, `${code} to a bind`);

    const sending = new Bench();
    sending.session.status = "bound";
    const transactionId = sending.send();
    sending.taken();
    sending.outgoing.receiveResponse({ kind: "response", transactionId, code }, 0);
    assertEquals(sending.taken().join(" "), toMessage, `${code} to a message`);
    sending.outgoing.receiveResponse({ kind: "response", transactionId, code }, 0);
    assertEquals(sending.taken(), [], "a second answer means nothing");
  }
});

Deno.test("OutgoingRequests.expire() treats silence as 408", () => {
  const bench = new Bench();
  bench.session.status = "bound";
  bench.send();
  assertEquals(bench.outgoing.deadline, 30_000);
  bench.taken();
  bench.outgoing.expire(29_999);
  assertEquals(bench.taken(), []);
  bench.outgoing.expire(30_000);
  assertEquals(bench.taken(), ["message-failed"]);
});

Deno.test("OutgoingRequests.sendReport() says nothing about what is forgotten or unwanted", () => {
  const bench = new Bench();
  const { session, outgoing } = bench;
  outgoing.sendReport(session, "unknown1", { code: 200 });
  session.remember("known123", {
    fromPath: session.config.remotePath,
    successReport: true,
    failureReport: "no",
    length: 7,
  });
  outgoing.sendReport(session, "known123", { code: 400 });
  outgoing.flush(0);
  assertEquals(bench.taken(), []);
  outgoing.sendReport(session, "known123", { code: 200, comment: "read" });
  outgoing.flush(0);
  assert(bench.log.join("").includes("Byte-Range: 1-7/7\r\nStatus: 000 200 read\r\n"));
});
