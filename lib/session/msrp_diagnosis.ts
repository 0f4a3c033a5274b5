/**
 * Why an MSRP session that is up stays silent: who connected, bound, sent and answered, by the
 * frames that passed, and what the silent side owes. Pure: fed with what happened, it only counts.
 */
import type { WireRecord, WireTap } from "../base/wire_tap.ts";
import { ChunkParser, type ChunkStart, headerValue } from "../msrp/mod.ts";

/** What the session descriptions decided. */
export interface DiagnosedSession {
  /** Who was to connect: we, when `active`. */
  readonly role: "active" | "passive";
  /** Relays of ours stand on the path: we connect to the first, whatever the role. */
  readonly ourRelay: boolean;
  /** Relays of the peer's stand on the path. */
  readonly theirRelay: boolean;
}

/** Who is meant. */
export type DiagnosedSide = "we" | "peer" | "our relay" | "their relay";

/** One thing that has to happen, in the order in which it has to. */
export interface DiagnosedStep {
  readonly step: "connected" | "path" | "bind" | "bind-answer" | "send" | "answer" | "report";
  /** Whose turn it is. */
  readonly by: DiagnosedSide;
  /** The clause that asks for it. */
  readonly clause: string;
  readonly state: "done" | "refused" | "missing" | "not-needed";
  /** What was seen, or what is missing; for people. */
  readonly text: string;
}

/** The outcome. */
export interface MsrpReport {
  readonly steps: readonly DiagnosedStep[];
  /** The first step that is missing or was refused: there it hangs. */
  readonly stuckAt: DiagnosedStep | undefined;
  /** Frames that passed. */
  readonly counts: MsrpCounts;
}

/** What passed, each way. */
export interface MsrpCounts {
  /** SENDs with content. */
  readonly sent: number;
  readonly received: number;
  /** Of ours, those that were answered with 200 and with anything else. */
  readonly answered: number;
  readonly refused: number;
  /** Success reports on messages of ours that asked for one. */
  readonly reportsWanted: number;
  readonly reports: number;
}

/** Collects what happens in one session. */
export class MsrpDiagnosis {
  readonly #session: DiagnosedSession;
  readonly #directions = { in: new ChunkParser(), out: new ChunkParser() };
  /** What our live requests were; forgotten when answered, and the first of too many. */
  readonly #asked = new Map<string, "AUTH" | "bind" | "message">();
  #connected = false;
  /** `none`, `asked`, `granted`, or the status that refused. */
  #auth = "none";
  #bind: { sent: boolean; received: boolean; answer: string | undefined } = {
    sent: false,
    received: false,
    answer: undefined,
  };
  #lastRefusal = "";
  #counts = { sent: 0, received: 0, answered: 0, refused: 0, reportsWanted: 0, reports: 0 };

  /** @param session What was agreed on. */
  constructor(session: DiagnosedSession) {
    this.#session = session;
  }

  /** Give this to whoever records the frames; the first octet says that a connection stands. */
  readonly tap: WireTap = (record: WireRecord): void => {
    this.#connected = true;
    for (const event of this.#directions[record.direction].feed(record.data)) {
      if (event.type === "chunk-start") this.#see(record.direction, event);
    }
  };

  /** The connection stands, whether or not anything was said on it. */
  connected(): void {
    this.#connected = true;
  }

  /** What is known now. Ask when the patience is over. */
  report(): MsrpReport {
    const steps = this.#steps();
    return {
      steps,
      stuckAt: steps.find((it) => it.state === "missing" || it.state === "refused"),
      counts: { ...this.#counts },
    };
  }

  #see(direction: "in" | "out", { head, hasBody }: ChunkStart): void {
    const { startLine, headers } = head;
    const { transactionId } = startLine;
    if (startLine.kind === "response") {
      if (direction === "in") this.#answered(transactionId, startLine.code, startLine.comment);
      return;
    }
    if (direction === "in") {
      if (startLine.method === "SEND") {
        this.#bind.received = true;
        if (hasBody) this.#counts.received++;
      } else if (startLine.method === "REPORT") {
        if (/^000 2\d\d/.test(headerValue(headers, "Status") ?? "")) this.#counts.reports++;
      }
      return;
    }
    if (startLine.method === "AUTH") {
      this.#auth = "asked";
      this.#ask(transactionId, "AUTH");
    } else if (startLine.method === "SEND") {
      const isMessage = hasBody;
      if (isMessage) {
        this.#counts.sent++;
        if (headerValue(headers, "Success-Report")?.toLowerCase() === "yes") {
          this.#counts.reportsWanted++;
        }
      }
      this.#bind.sent = true;
      if (headerValue(headers, "Failure-Report")?.toLowerCase() !== "no") {
        this.#ask(transactionId, isMessage ? "message" : "bind");
      }
    }
  }

  #ask(transactionId: string, what: "AUTH" | "bind" | "message"): void {
    this.#asked.set(transactionId, what);
    const [oldest] = this.#asked.keys();
    if (this.#asked.size > REMEMBERED && oldest !== undefined) this.#asked.delete(oldest);
  }

  #answered(transactionId: string, code: number, comment = ""): void {
    const what = this.#asked.get(transactionId);
    this.#asked.delete(transactionId);
    const status = `${code} ${comment}`.trim();
    if (what === "AUTH") this.#auth = code === 200 ? "granted" : code === 401 ? this.#auth : status;
    else if (what === "bind") this.#bind.answer = code === 200 ? "200" : status;
    else if (what === "message" && code === 200) this.#counts.answered++;
    else if (what === "message") {
      this.#counts.refused++;
      this.#lastRefusal = status;
    }
    // A message that was answered shows that the session is bound, whoever bound it.
    if (what === "message" && code === 200) this.#bind.answer ??= "200";
  }

  #steps(): DiagnosedStep[] {
    const { role, ourRelay, theirRelay } = this.#session;
    const active: DiagnosedSide = role === "active" ? "we" : "peer";
    const near: DiagnosedSide = ourRelay
      ? "our relay"
      : theirRelay && role === "active"
      ? "their relay"
      : "peer";
    const { sent, answered, refused, reports, reportsWanted } = this.#counts;
    const step = (
      name: DiagnosedStep["step"],
      by: DiagnosedSide,
      clause: string,
      state: DiagnosedStep["state"],
      text: string,
    ): DiagnosedStep => ({ step: name, by, clause, state, text });
    const connects: DiagnosedSide = ourRelay ? "we" : active;
    const steps = [
      step(
        "connected",
        connects,
        ourRelay ? "RFC 6135 §4.5" : "RFC 6135 §4.2",
        this.#connected ? "done" : "missing",
        this.#connected
          ? `${connects} connected`
          : `${connects === "we" ? "we have" : `the ${connects} has`} not connected${
            connects === "peer" ? " to our port: is it reachable from there?" : ""
          }`,
      ),
    ];
    if (ourRelay) {
      const isRefused = !["none", "asked", "granted"].includes(this.#auth);
      steps.push(step(
        "path",
        "our relay",
        "RFC 4976 §6.3",
        this.#auth === "granted" ? "done" : isRefused ? "refused" : "missing",
        isRefused
          ? `our relay answered AUTH with ${this.#auth}`
          : this.#auth === "granted"
          ? "our relay granted a path"
          : "our relay has not granted a path",
      ));
    }
    const hasBind = role === "active" ? this.#bind.sent : this.#bind.received;
    steps.push(step(
      "bind",
      active,
      "RFC 4975 §5.4",
      hasBind ? "done" : "missing",
      hasBind
        ? `the first SEND came from ${role === "active" ? "us" : "the peer"}`
        : role === "active"
        ? "we have sent no SEND, which the connecting side owes at once"
        : "the peer has sent no SEND, which the connecting side owes at once",
    ));
    if (role === "active") {
      const { answer } = this.#bind;
      steps.push(step(
        "bind-answer",
        near,
        ourRelay || theirRelay ? "RFC 4976 §6.4.1" : "RFC 4975 §7.2",
        answer === undefined ? "missing" : answer === "200" ? "done" : "refused",
        answer === undefined
          ? `${the(near)} has not answered the SEND that binds`
          : `${the(near)} answered the SEND that binds with ${answer}`,
      ));
    }
    steps.push(step(
      "send",
      "we",
      "RFC 4975 §7.1",
      sent > 0 ? "done" : "missing",
      sent > 0 ? `we sent ${sent} with content` : "we have sent no message",
    ));
    const unanswered = sent - answered - refused;
    steps.push(step(
      "answer",
      near,
      ourRelay ? "RFC 4976 §6.4.1" : "RFC 4975 §7.2",
      sent === 0
        ? "not-needed"
        : refused > 0 && answered === 0
        ? "refused"
        : answered === 0
        ? "missing"
        : "done",
      refused > 0 && answered === 0
        ? `${the(near)} answered with ${this.#lastRefusal}`
        : `${the(near)} answered ${answered} of ${sent}` +
          (unanswered > 0 ? `, ${unanswered} without answer` : "") +
          (near === "peer" ? "" : ": that a relay has it, not that it arrived"),
    ));
    steps.push(step(
      "report",
      "peer",
      "RFC 4975 §7.1.2",
      reportsWanted === 0 ? "not-needed" : reports > 0 ? "done" : "missing",
      reportsWanted === 0
        ? "we asked for no success report"
        : `the peer reported on ${reports} of ${reportsWanted}`,
    ));
    return steps;
  }
}

/** A side as a sentence names it. */
function the(side: DiagnosedSide): string {
  return side === "peer" ? "the peer" : side;
}

/** Requests of ours whose answers are told apart. */
const REMEMBERED = 1_024;
