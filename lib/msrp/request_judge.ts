/** Whether a request is taken, and what it is answered when not (RFC 4975 §5.4, §7.3, §10). */
import { PeerError } from "../base/errors.ts";
import { escapeText } from "../base/escape.ts";
import { acceptsContentType } from "./accept_types.ts";
import { type ChunkHead, type HeaderField, headerValue } from "./chunk.ts";
import { isFileOffset } from "./file_offset.ts";
import { readRequestFields, type RequestFields, wantsNoFailureReport } from "./header_fields.ts";
import { parseNickname } from "./nickname.ts";
import type { SessionState } from "./session_state.ts";
import type { MsrpUri } from "./uri.ts";

/** What a To-Path leads to. */
export type SessionLookup = (to: MsrpUri) => SessionState | "bound-elsewhere" | undefined;

/** The request is taken. */
export interface Acceptance {
  readonly type: "accept";
  readonly session: SessionState;
  readonly fields: RequestFields;
}

/** The request is not taken. */
export interface Refusal {
  readonly type: "refuse";
  readonly session: SessionState | undefined;
  readonly code: number;
  readonly error: PeerError;
  /** Nothing may be answered: a REPORT, or Failure-Report `no`. */
  readonly isSilent: boolean;
}

/** What {@link judgeRequest} finds. */
export type Verdict = Acceptance | Refusal;

/** Judges a request by its head alone: a refusal need not wait for the body. */
export function judgeRequest(head: ChunkHead, hasBody: boolean, find: SessionLookup): Verdict {
  const method = head.startLine.kind === "request" ? head.startLine.method : "";
  // §7.1.2: a REPORT is never answered. §7.2: nor what asks for no failure reports.
  const isSilent = method === "REPORT" || wantsNoFailureReport(head.headers) ||
    head.fromPath.length === 0;
  const refuse = (code: number, error: PeerError, session?: SessionState): Refusal => ({
    type: "refuse",
    session,
    code,
    error,
    isSilent,
  });
  if (head.problem !== undefined) return refuse(400, head.problem);

  // §7.3: exactly one URI, that of a session which belongs to this connection.
  const [to, ...further] = head.toPath;
  const found = to === undefined || further.length > 0 ? undefined : find(to);
  if (found === undefined) {
    return refuse(
      481,
      new PeerError("msrp/no-such-session", "RFC 4975 §7.3", "expected the URI of a session"),
    );
  }
  if (found === "bound-elsewhere") {
    return refuse(
      506,
      new PeerError(
        "msrp/session-bound-elsewhere",
        "RFC 4975 §5.4",
        "expected requests of this session on its own connection",
      ),
    );
  }
  const isNickname = method === "NICKNAME" && found.config.reserveNickname !== undefined;
  const isKnown = method === "SEND" || method === "REPORT" || isNickname ||
    (isFileOffset(head) && found.config.fileOffset !== undefined);
  if (!isKnown) {
    return refuse(
      501,
      new PeerError(
        "msrp/unknown-method",
        "RFC 4975 §12",
        `expected SEND or REPORT, found ${escapeText(method, 64)}`,
      ),
      found,
    );
  }
  try {
    const fields = readRequestFields(head.headers);
    if (isNickname) checkNickname(head.headers);
    else if (method === "SEND") checkSend(fields, hasBody, found);
    else if (method === "REPORT") checkReport(fields);
    return { type: "accept", session: found, fields };
  } catch (error) {
    if (!(error instanceof PeerError)) throw error;
    const refusal = refuse(CODES[error.code] ?? 400, error, found);
    // RFC 7701 §7.1: a NICKNAME may not ask for silence, and gets its answer in any case.
    return isNickname ? { ...refusal, isSilent: false } : refusal;
  }
}

function checkSend(fields: RequestFields, hasBody: boolean, session: SessionState): void {
  const { contentType, messageId } = fields;
  if (contentType === undefined) return; // Body-less, or so the octets must show.
  if (!hasBody) {
    throw new PeerError(
      "msrp/bad-body",
      "RFC 4975 §7.1",
      "expected a body after a Content-Type",
    );
  }
  if (messageId === undefined) {
    throw new PeerError(
      "msrp/bad-message-id",
      "RFC 4975 §7.1.1",
      "expected a Message-ID with every chunk",
    );
  }
  if (!acceptsContentType(session.config.acceptTypes, contentType)) {
    throw new PeerError(
      "msrp/unsupported-type",
      "RFC 4975 §7.3.1",
      `expected one of our accept-types, found ${escapeText(contentType, 80)}`,
    );
  }
  if (session.hasRefused(messageId)) {
    throw new PeerError(
      "msrp/message-refused",
      "RFC 4975 §10.5",
      "expected no further chunk of a message that was refused",
    );
  }
}

function checkReport({ status, messageId }: RequestFields): void {
  if (status === undefined || messageId === undefined) {
    throw new PeerError(
      "msrp/bad-report",
      "RFC 4975 §7.1.2",
      "expected a Status and a Message-ID in a REPORT",
    );
  }
}

/** RFC 7701 §7.1: Use-Nickname is there, and the report header fields are not. */
function checkNickname(headers: readonly HeaderField[]): void {
  const value = headerValue(headers, "Use-Nickname");
  const forbidden = ["Success-Report", "Failure-Report"]
    .find((it) => headerValue(headers, it) !== undefined);
  if (value === undefined || forbidden !== undefined) {
    throw new PeerError(
      "msrp/bad-nickname-request",
      "RFC 7701 §7.1",
      value === undefined
        ? "expected a Use-Nickname in a NICKNAME"
        : `expected no ${forbidden} in a NICKNAME`,
    );
  }
  parseNickname(value);
}

/** What a fault is answered; 400 where nothing else is said. */
const CODES: { readonly [code: string]: number } = {
  "msrp/unsupported-type": 415,
  "msrp/message-refused": 413,
  "msrp/bad-nickname": 424,
};
