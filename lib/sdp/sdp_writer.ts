/** Session descriptions into octets, in the order of RFC 8866 §9. */

import { utf8 } from "../base/bytes.ts";
import type {
  Attribute,
  Bandwidth,
  Connection,
  MediaDescription,
  Origin,
  SessionDescription,
  UnknownLine,
} from "./session_description.ts";

/**
 * The octets of `description`, lines ended by CRLF.
 *
 * @throws {TypeError} when a value holds a line break or NUL, which no line can carry.
 */
export function writeSessionDescription(description: SessionDescription): Uint8Array {
  const lines = sessionLines(description);
  for (const medium of description.media) lines.push(...mediaLines(medium));
  for (const line of lines) {
    if (/[\0\r\n]/.test(line)) throw new TypeError("expected SDP values without line breaks");
  }
  return utf8(lines.map((line) => `${line}\r\n`).join(""));
}

function sessionLines(it: SessionDescription): string[] {
  return [
    "v=0",
    originLine(it.origin),
    // s= must not be empty (RFC 8866 §5.3).
    `s=${it.sessionName === "" ? "-" : it.sessionName}`,
    ...lines("i", it.information),
    ...lines("u", it.uri),
    ...lines("e", ...it.emails ?? []),
    ...lines("p", ...it.phones ?? []),
    ...it.connection === undefined ? [] : [connectionLine(it.connection)],
    ...(it.bandwidths ?? []).map(bandwidthLine),
    ...timeLines(it),
    ...lines("k", it.key),
    ...it.attributes.map(attributeLine),
    ...(it.unknownLines ?? []).map(unknownLine),
  ];
}

function mediaLines(it: MediaDescription): string[] {
  const count = it.portCount === undefined ? "" : `/${it.portCount}`;
  return [
    `m=${it.media} ${it.port}${count} ${it.protocol} ${it.formats.join(" ")}`,
    ...lines("i", it.information),
    ...(it.connections ?? []).map(connectionLine),
    ...(it.bandwidths ?? []).map(bandwidthLine),
    ...lines("k", it.key),
    ...it.attributes.map(attributeLine),
    ...(it.unknownLines ?? []).map(unknownLine),
  ];
}

function lines(type: string, ...values: readonly (string | undefined)[]): string[] {
  return values.filter((it) => it !== undefined).map((it) => `${type}=${it}`);
}

function originLine(it: Origin): string {
  const { username, sessionId, sessionVersion, networkType, addressType, address } = it;
  return `o=${username} ${sessionId} ${sessionVersion} ${networkType} ${addressType} ${address}`;
}

function connectionLine({ networkType, addressType, address }: Connection): string {
  return `c=${networkType} ${addressType} ${address}`;
}

function bandwidthLine({ type, bandwidth }: Bandwidth): string {
  return `b=${type}:${bandwidth}`;
}

function timeLines({ times = [{ start: "0", stop: "0" }] }: SessionDescription): string[] {
  return times.flatMap((it) => [
    `t=${it.start} ${it.stop}`,
    ...lines("r", ...it.repeats ?? []),
    ...lines("z", it.zones),
  ]);
}

function attributeLine({ name, value }: Attribute): string {
  return value === undefined ? `a=${name}` : `a=${name}:${value}`;
}

function unknownLine({ type, value }: UnknownLine): string {
  return `${type}=${value}`;
}
