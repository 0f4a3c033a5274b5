/** SIP message → octets. Total: a valid value cannot fail (RFC 3261 §7). */

import { concatBytes, utf8 } from "../../base/bytes.ts";
import { withoutHeader } from "./header_fields.ts";
import type { SipMessage } from "./message.ts";

/**
 * The message as octets, in UTF-8, with the Content-Length of its body whatever its header
 * fields said about that: streams cannot do without (§20.14).
 *
 * @throws {RangeError} when a header field holds a line break: it would become two.
 */
export function writeSipMessage(message: SipMessage): Uint8Array<ArrayBuffer> {
  const lines = [startLine(message)];
  for (const { name, value } of withoutHeader(message.headers, "Content-Length")) {
    lines.push(`${name}: ${value}`);
  }
  lines.push(`Content-Length: ${message.body.length}`);
  for (const line of lines) {
    if (/[\r\n]/.test(line)) throw new RangeError("a header field must not hold a line break");
  }
  return concatBytes(utf8(`${lines.join("\r\n")}\r\n\r\n`), message.body);
}

function startLine(message: SipMessage): string {
  return message.kind === "request"
    ? `${message.method} ${message.requestUri} SIP/2.0`
    : `SIP/2.0 ${message.status} ${message.reason}`;
}
