/** Method names: which exist, and which this user agent serves (RFC 3261 §7.1, §8.2.1). */

/** Methods that this user agent understands and serves, in the order of its Allow header field. */
export const SERVED_METHODS: readonly string[] = [
  "INVITE",
  "ACK",
  "CANCEL",
  "BYE",
  "OPTIONS",
  "UPDATE",
  "PRACK",
];

/**
 * Methods that have a specification but are not served here. They are answered 405; a method
 * that nobody specified is answered 501 (RFC 3261 §8.2.1, §21.5.2).
 */
const RECOGNIZED_METHODS: ReadonlySet<string> = new Set([
  ...SERVED_METHODS,
  "REGISTER",
  "SUBSCRIBE",
  "NOTIFY",
  "PUBLISH",
  "REFER",
  "MESSAGE",
  "INFO",
]);

/** Whether some specification defines `method`. Methods are case-sensitive (§7.1). */
export function isRecognizedMethod(method: string): boolean {
  return RECOGNIZED_METHODS.has(method);
}

/** Whether this user agent serves `method`. */
export function isServedMethod(method: string): boolean {
  return SERVED_METHODS.includes(method);
}
