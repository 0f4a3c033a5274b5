/** `?OTR Error:` and a text for people ("OTR Error Messages"). */

/** An error message of the peer. */
export interface ErrorMessage {
  readonly type: "error";
  /** What follows the colon, white space included: shown to people only escaped. */
  readonly text: string;
  /** Text before it. */
  readonly prefix: string;
}

const MARK = "?OTR Error:";

/** Reads the error message that begins at `at`, if one does. */
export function readErrorMessage(text: string, at: number): ErrorMessage | undefined {
  if (!text.startsWith(MARK, at)) return undefined;
  return { type: "error", text: text.slice(at + MARK.length), prefix: text.slice(0, at) };
}

/** Writes an error message. */
export function writeErrorMessage(text: string): string {
  return `${MARK}${text}`;
}
