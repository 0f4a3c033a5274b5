/** Trace objects as lines for people. Everything from the wire is escaped. */
import { escapeText } from "../../base/escape.ts";
import { showHostPort } from "../analysis/trace_analysis.ts";
import type {
  ChunkObject,
  DeliveryObject,
  FindingObject,
  Located,
  MediaSummary,
  MessageObject,
  OtrObject,
  SipObject,
  TraceObject,
} from "../analysis/trace_object.ts";
import { formatInstant } from "../instant_text.ts";

/** What a part of a line is: the caller may give each its colour. */
export type ListingStyle = "request" | "response" | "failure" | "detail" | "otr" | "finding";

/** How {@link Listing} writes. */
export interface ListingOptions {
  /** Colours a part of a line; default: none. */
  readonly paint?: (style: ListingStyle, text: string) => string;
  /** Most characters of a message's text. Default 200. */
  readonly textLength?: number;
}

/** Writes the listing, one object after the other; names the date where it changes. */
export class Listing {
  readonly #paint: (style: ListingStyle, text: string) => string;
  readonly #textLength: number;
  #date: string | undefined;

  /** @param options See {@link ListingOptions}. */
  constructor({ paint = (_, text) => text, textLength = 200 }: ListingOptions = {}) {
    this.#paint = paint;
    this.#textLength = textLength;
  }

  /**
   * The lines for an object, without line ends; none for what the lines before it have said.
   *
   * @param input Stands before the number of the frame, where there are several inputs.
   */
  lines(object: TraceObject, input?: number): string[] {
    switch (object.type) {
      case "chunk":
        return this.#located(object, input, [this.#chunk(object)]);
      case "sip":
        return this.#located(object, input, [
          this.#sip(object),
          ...object.media.map(describeMedia),
        ]);
      case "message":
        return [indented(this.#paint("detail", describeMessage(object, this.#textLength)))];
      case "otr":
        return [indented(this.#paint("otr", describeOtr(object)))];
      case "delivery":
        return this.#delivery(object);
      case "finding":
        return [`    ! ${this.#paint("finding", describeFinding(object))}`];
      case "remark":
        return [...this.#dateLine(object.at), `    · ${clock(object.at)}${object.text}`];
      default:
        return object satisfies never;
    }
  }

  #located(
    object: Located,
    input: number | undefined,
    [first = "", ...rest]: string[],
  ): string[] {
    const { frame, at } = object;
    const src = showHostPort(object.src);
    const dst = showHostPort(object.dst);
    const ends = src === undefined ? "" : `${src} → ${dst ?? "?"}  `;
    const number = input === undefined ? String(frame) : `${input}:${frame}`;
    const line = `${number.padStart(5)}  ${clock(at)}${escapeText(ends)}${first}`;
    return [...this.#dateLine(at), line, ...rest.map(indented)];
  }

  #dateLine(at: number | undefined): string[] {
    const date = at === undefined ? this.#date : formatInstant(at).slice(0, 10);
    if (date === undefined || date === this.#date) return [];
    this.#date = date;
    return [`${date} (UTC)`];
  }

  #chunk(chunk: ChunkObject): string {
    const { transactionId, method, status, comment, reportStatus, messageId, byteRange } = chunk;
    const id = escapeText(transactionId, 40);
    if (method === undefined) {
      const style = (status ?? 0) >= 300 || status === 0 ? "failure" : "response";
      const shown = `${status}${comment === undefined ? "" : ` ${escapeText(comment, 80)}`}`;
      const answers = chunk.answers === undefined
        ? " (answers nothing seen)"
        : ` (answers ${escapeText(chunk.answers.method, 20)} of ${chunk.answers.frame})`;
      return `MSRP ${this.#paint(style, shown)} ${id}${answers}${endOf(chunk)}`;
    }
    const parts = [
      `MSRP ${this.#paint("request", escapeText(method, 40))} ${id}`,
      reportStatus && `status ${escapeText(reportStatus, 80)}`,
      byteRange && escapeText(byteRange, 60),
      chunk.flag ?? "truncated",
      chunk.contentType && escapeText(chunk.contentType, 80),
      chunk.bodyLength === undefined ? "no body" : octets(chunk.bodyLength),
      messageId && `id ${escapeText(messageId, 60)}`,
      chunk.successReport && `success-report ${escapeText(chunk.successReport, 10)}`,
      chunk.failureReport && `failure-report ${escapeText(chunk.failureReport, 10)}`,
      chunk.session && `session ${chunk.session}`,
    ];
    return parts.filter(Boolean).join("  ") + endOf(chunk);
  }

  #sip(sip: SipObject): string {
    const { method, requestUri = "", status, reason = "", cseq = "", callId, transport } = sip;
    const body = sip.bodyLength === 0 ? "" : `  ${escapeText(sip.contentType ?? "?", 80)}`;
    const focus = sip.isFocus ? "  isfocus" : "";
    const call = `  call ${escapeText(callId ?? "?", 60)}${body}${focus}`;
    const name = `SIP/${transport.toUpperCase()}`;
    if (method !== undefined) {
      const shown = this.#paint("request", escapeText(method, 40));
      return `${name} ${shown} ${escapeText(requestUri, 120)}${call}`;
    }
    const style = (status ?? 0) >= 300 ? "failure" : "response";
    const shown = this.#paint(style, `${status} ${escapeText(reason, 80)}`);
    return `${name} ${shown} (${escapeText(cseq, 60)})${call}`;
  }

  /** That a response came is in the listing already: only what cannot be seen at once is said. */
  #delivery({ message, delivery }: DeliveryObject): string[] {
    const { outcome, code, comment, by } = delivery;
    if (outcome === "not-asked" || outcome === "accepted") return [];
    const style = outcome === "delivered" ? "detail" : "failure";
    const why = code === undefined
      ? ""
      : ` (${code}${comment ? ` ${escapeText(comment, 80)}` : ""})`;
    const how = by === "report" ? ", says a report" : "";
    const id = escapeText(message.messageId, 60);
    return [indented(this.#paint(style, `message ${id} ${outcome}${how}${why}`))];
  }
}

function indented(text: string): string {
  return `       └ ${text}`;
}

function clock(at: number | undefined): string {
  return at === undefined ? "" : `${formatInstant(at, 6).slice(11, -1)}  `;
}

function octets(count: number): string {
  return count === 1 ? "1 octet" : `${count} octets`;
}

function endOf({ isTruncated, missing, lastFrame, method }: ChunkObject): string {
  const cut = isTruncated && method === undefined ? "  truncated" : "";
  const holes = missing > 0 ? `  ${octets(missing)} missing` : "";
  return `${cut}${holes}${lastFrame === undefined ? "" : `  up to ${lastFrame}`}`;
}

function describeMedia({ port, transport, path, setup, isRefused }: MediaSummary): string {
  if (isRefused) return "media: refused (port 0)";
  const uris = path.map((it) => escapeText(it, 200)).join(" ");
  const role = setup === undefined ? "" : `  setup ${escapeText(setup, 20)}`;
  return `media: ${transport} port ${port}${role}  path ${uris || "(none)"}`;
}

function describeMessage(message: MessageObject, textLength: number): string {
  const { cpim, wrappedType, contentType, chunks, size, composing, text } = message;
  const type = escapeText(contentType ?? "no type", 80);
  const parts = [
    `message ${escapeText(message.messageId, 60)}: ${type}`,
    wrappedType && `of ${escapeText(wrappedType, 80)}`,
    cpim && `from ${escapeText(cpim.from ?? "?", 120)} to ${escapeText(cpim.to.join(", "), 120)}`,
    `${octets(size)}${chunks > 1 ? ` in ${chunks} chunks` : ""}`,
    message.isAborted && "given up by its sender",
    !message.isAborted && !message.isComplete && "incomplete",
    composing && `typing: ${escapeText(composing, 20)}`,
    text !== undefined && `"${escapeText(text, isArmoured(text) ? 16 : textLength)}"`,
  ];
  return parts.filter(Boolean).join("  ");
}

/** What nobody can read is only begun. */
function isArmoured(text: string): boolean {
  return /^\s*\?OTR[:|,]/.test(text);
}

function describeOtr(otr: OtrObject): string {
  const { version, kind, senderInstance, receiverInstance, details, state } = otr;
  const of = version === undefined ? "" : ` v${version}`;
  const parts = [
    `OTR${of} ${kind}`,
    senderInstance !== undefined && `${senderInstance} → ${receiverInstance}`,
    ...Object.entries(details).map(([name, value]) => describeDetail(name, value)),
    `now ${state}`,
  ];
  return parts.filter(Boolean).join("  ");
}

/** `senderKeyId 3` as `sender key id 3`; what is false, zero or too long for a line is left to JSON. */
function describeDetail(name: string, value: OtrObject["details"][string]): string | undefined {
  if (value === false || value === 0 || name === "flags" || name === "hashedGx") return undefined;
  const words = name.replace(/[A-Z]/g, (it) => ` ${it.toLowerCase()}`);
  if (value === true) return words;
  return `${words} ${escapeText(Array.isArray(value) ? value.join(",") : String(value), 80)}`;
}

function describeFinding(finding: FindingObject): string {
  const { severity, id, message, clause, offset, frame } = finding;
  const place = offset === undefined ? "" : ` at octet ${offset}`;
  const where = frame === undefined || frame === 0 ? "" : ` in ${frame}`;
  return `${severity} ${escapeText(id)}: ${escapeText(message, 300)} (${clause}${place}${where})`;
}
