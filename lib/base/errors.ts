/**
 * The two kinds of error that this package throws or reports on purpose.
 * Every code is explained in docs/errors, a page a room; a test compares those pages with the code.
 */

/** The rooms that own error codes. */
export type ErrorRoom =
  | "base"
  | "auth"
  | "otr"
  | "msrp"
  | "sip"
  | "sdp"
  | "im"
  | "transport"
  | "storage"
  | "session"
  | "trace"
  | "lab"
  | "harness"
  | "cli";

/** A stable name such as `msrp/bad-start-line`. Messages may change, codes do not. */
export type ErrorCode = `${ErrorRoom}/${string}`;

/** Base of everything this package throws on purpose. */
export class SottoError extends Error {
  override readonly name: string = "SottoError";
  /** What happened, stable across releases. */
  readonly code: ErrorCode;

  /**
   * @param code Stable name, listed in docs/errors.
   * @param message For people: lower case, no full stop, never a secret.
   * @param options `cause`, where there is one.
   */
  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Where in the input a {@link PeerError} was noticed. */
export interface PeerErrorOptions extends ErrorOptions {
  /** Byte offset from the start of the message or stream, where that is known. */
  readonly offset?: number | undefined;
}

/** The peer broke a rule of its protocol. Carried in events, not thrown at the application. */
export class PeerError extends SottoError {
  override readonly name = "PeerError";
  /** The rule that was broken, for example `RFC 4975 §7.1`. */
  readonly rule: string;
  /** Byte offset of the fault, where known. */
  readonly offset: number | undefined;

  /**
   * @param code Stable name, listed in docs/errors.
   * @param rule The clause that was broken.
   * @param message For people; bytes of the peer's only escaped (`lib/base/escape.ts`).
   * @param options `cause` and `offset`.
   */
  constructor(code: ErrorCode, rule: string, message: string, options: PeerErrorOptions = {}) {
    super(code, message, options);
    this.rule = rule;
    this.offset = options.offset;
  }
}
