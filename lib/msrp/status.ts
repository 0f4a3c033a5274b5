/** Status codes and the Status header field (RFC 4975 §10, §9; 408 and 423 by RFC 4976; 404, 424, 425 and 428 by RFC 7701). */
import { PeerError } from "../base/errors.ts";
import { escapeText } from "../base/escape.ts";

/** The value of a Status header field: `000 200 OK`. */
export interface Status {
  /** Three digits; `000` reads the code as that of a response (§7.1.3). */
  readonly namespace: string;
  readonly code: number;
  readonly comment?: string | undefined;
}

/** The comment that goes with `code`. Some peers misread a response without one, so it is always sent. */
export function statusComment(code: number): string {
  return COMMENTS[code] ?? (code >= 200 && code < 300 ? "OK" : "Failed");
}

/** Whether `code` reports success. */
export function isSuccess(code: number): boolean {
  return code >= 200 && code < 300;
}

/**
 * Reads the value of a Status header field.
 * @throws {PeerError} `msrp/bad-status`.
 */
export function parseStatus(text: string): Status {
  const match = STATUS.exec(text);
  if (match === null) {
    throw new PeerError(
      "msrp/bad-status",
      "RFC 4975 §9",
      `expected a Status like 000 200 OK, found "${escapeText(text, 60)}"`,
    );
  }
  const [, namespace = "", code = "", comment] = match;
  return { namespace, code: Number(code), ...(comment !== undefined && { comment }) };
}

/**
 * Writes the value of a Status header field.
 * @throws {RangeError} when the code or the namespace is not of three digits.
 */
export function writeStatus({ namespace, code, comment }: Status): string {
  if (!/^\d{3}$/.test(namespace)) throw new RangeError(`not a Status namespace: ${namespace}`);
  checkStatusCode(code);
  return comment === undefined ? `${namespace} ${code}` : `${namespace} ${code} ${comment}`;
}

/** @throws {RangeError} when `code` is not an integer of three digits. */
export function checkStatusCode(code: number): void {
  if (!Number.isInteger(code) || code < 100 || code > 999) {
    throw new RangeError(`not a status code: ${code}`);
  }
}

// Status = "Status:" SP namespace SP status-code [SP comment]
const STATUS = /^(\d{3}) (\d{3})(?: (.*))?$/s;

const COMMENTS: { readonly [code: number]: string } = {
  200: "OK",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Failure To Resolve Recipient's URI",
  408: "Timeout",
  413: "Stop Sending Message",
  415: "Unsupported Media Type",
  423: "Parameters Out of Bounds",
  424: "Malformed Nickname",
  425: "Nickname Reserved Or Already In Use",
  428: "Private Messages Not Supported",
  481: "No Such Session",
  501: "Unknown Method",
  506: "Session Already Bound",
};
