/** What a person is told when a relay does not carry us (RFC 4976 §5.1). */
import { SottoError } from "../base/errors.ts";
import { escapeText } from "../base/escape.ts";
import type { MsrpUri, RelayPathEvent, RelayPathRefused } from "../msrp/mod.ts";

/** Codes of `relayError`. */
export type RelayErrorCode =
  | "session/relay-credentials"
  | "session/relay-refused"
  | "session/relay-no-answer"
  | "session/relay-fault";

/** A refusal as an error: which relay, what it said, what was sent. */
export function relayError(refusal: RelayPathRefused): SottoError {
  const { relay, cause, code, comment, credentials, error } = refusal;
  const name = `the MSRP relay ${showRelay(relay)}`;
  const said = `${code} ${escapeText(comment, 80)}`.trim();
  switch (cause) {
    case "credentials":
      return new SottoError(
        "session/relay-credentials",
        `${name} does not accept the user name and password: ${said}`,
      );
    case "refused":
      return new SottoError("session/relay-refused", `${name} refuses to relay for us: ${said}`);
    case "no-answer":
    case "connection": {
      const how = cause === "no-answer" ? "does not answer" : "hung up in answer to";
      const what = cause === "no-answer" ? " AUTH" : " our AUTH";
      const sent = credentials === "none"
        ? ""
        : credentials === "with-uri"
        ? ' with credentials that have "uri"'
        : ' with credentials that have no "uri"';
      return new SottoError("session/relay-no-answer", `${name} ${how}${what}${sent}`);
    }
    case "fault":
      return new SottoError(
        "session/relay-fault",
        `${name} answered what cannot be used: ${error?.message ?? said}`,
        error === undefined ? {} : { cause: error },
      );
    default:
      return cause satisfies never;
  }
}

/** `host:port`, or the host alone. */
export function showRelay({ host, port }: Pick<MsrpUri, "host" | "port">): string {
  const shown = host.includes(":") ? `[${host}]` : host;
  return port === undefined ? shown : `${shown}:${port}`;
}

/**
 * What has to be told of a path after it was granted; `undefined` when all is well.
 */
export function relayTrouble(event: RelayPathEvent): SottoError | undefined {
  switch (event.type) {
    case "relay-refused": {
      if (event.remaining === undefined) return undefined; // The attempt itself has failed, and says so.
      const seconds = Math.round(event.remaining / 1_000);
      return new SottoError(
        "session/relay-refresh",
        `${relayError(event).message}; the path through it ends in ${seconds} seconds`,
      );
    }
    case "relay-granted":
      return undefined; // That it moved is trouble only where the peer cannot be told.
    case "relay-expired":
      return new SottoError(
        "session/relay-expired",
        "the time of the path through the MSRP relay is over: messages may not arrive any more",
      );
    default:
      return event satisfies never;
  }
}
