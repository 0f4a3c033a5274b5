/**
 * What a received string is: plaintext, tagged plaintext, query, error, fragment or
 * encoded message ("Details of the protocol"); and the same back to text, octet by octet.
 */
import { PeerError } from "../../base/errors.ts";
import { decodeBase64, encodeBase64 } from "./base64.ts";
import {
  asPeerError,
  type EncodedMessage,
  readEncodedMessage,
  type UnknownEncoded,
  writeEncodedMessage,
} from "./encoded_message.ts";
import { type ErrorMessage, readErrorMessage, writeErrorMessage } from "./error_message.ts";
import { type Fragment, readFragment } from "./fragment.ts";
import { type QueryMessage, readQuery } from "./query_message.ts";
import { readTaggedPlaintext, type TaggedPlaintext } from "./whitespace_tag.ts";

/** Text before and after `?OTR:….`: carried along, never looked at. */
export interface Surroundings {
  readonly prefix: string;
  readonly suffix: string;
}

/** A message that OTR has nothing to do with. */
export interface PlaintextMessage {
  readonly type: "plaintext";
  readonly text: string;
}

/** Something that claims to be OTR's and is not well-formed. */
export interface MalformedMessage {
  readonly type: "malformed";
  readonly error: PeerError;
  readonly text: string;
}

/** Every form a message on the wire can have. */
export type OtrMessage =
  | PlaintextMessage
  | TaggedPlaintext
  | QueryMessage
  | ErrorMessage
  | Fragment
  | EncodedMessage & Surroundings
  | UnknownEncoded & Surroundings
  | MalformedMessage;

/**
 * Says what `text` is. Never throws: what the peer got wrong is `malformed`.
 *
 * The first `?OTR` that is followed by one of the marks decides, wherever it stands.
 */
export function parseOtrMessage(text: string): OtrMessage {
  try {
    MARK.lastIndex = 0;
    for (let match = MARK.exec(text); match !== null; match = MARK.exec(text)) {
      const read = readMarked(text, match.index, match[1] ?? "");
      if (read !== undefined) return read;
    }
  } catch (error) {
    return { type: "malformed", error: asPeerError(error), text };
  }
  return readTaggedPlaintext(text) ?? { type: "plaintext", text };
}

/** Writes a message as it was read, or one made by hand. */
export function writeOtrMessage(message: OtrMessage): string {
  switch (message.type) {
    case "plaintext":
    case "malformed":
      return message.text;
    case "tagged-plaintext":
      return message.text.slice(0, message.at) + message.tag + message.text.slice(message.at);
    case "query":
      return message.prefix + message.tag + message.suffix;
    case "error":
      return message.prefix + writeErrorMessage(message.text);
    case "fragment":
      return message.prefix + message.text;
    case "unknown":
      return message.prefix + armour(message.bytes) + message.suffix;
    default:
      return message.prefix + armour(writeEncodedMessage(message)) + message.suffix;
  }
}

/** `?OTR:` base64 `.` */
export function armour(bytes: Uint8Array): string {
  return `?OTR:${encodeBase64(bytes)}.`;
}

const MARK = /\?OTR(\||,|:| Error:|\?|v)/g;

function readMarked(text: string, at: number, mark: string): OtrMessage | undefined {
  switch (mark) {
    case "|":
    case ",":
      return readFragment(text, at);
    case ":":
      return readArmoured(text, at);
    case "?":
    case "v":
      return readQuery(text, at);
    default:
      return readErrorMessage(text, at);
  }
}

function readArmoured(text: string, at: number): OtrMessage {
  const from = at + "?OTR:".length;
  const dot = text.indexOf(".", from);
  if (dot < 0) {
    throw new PeerError("otr/unterminated", RULE, "expected a full stop after the base64");
  }
  const bytes = decodeBase64(text.slice(from, dot));
  if (bytes === undefined) {
    throw new PeerError("otr/bad-base64", RULE, "expected base64 between ?OTR: and the full stop");
  }
  const surroundings = { prefix: text.slice(0, at), suffix: text.slice(dot + 1) };
  return { ...readEncodedMessage(bytes), ...surroundings };
}

const RULE = "OTRv3 Encoded messages";
