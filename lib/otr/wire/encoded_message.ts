/**
 * The five binary messages ("D-H Commit Message" … "Data Message") and their common
 * header. Bodies and headers are apart: the AKE thinks in bodies, the conversation adds
 * version and instance tags.
 */
import { ByteWriter } from "../../base/byte_writer.ts";
import { PeerError } from "../../base/errors.ts";
import { type DataBody, readDataBody, writeDataBody } from "./data_message.ts";
import { type DhCommitBody, readDhCommitBody, writeDhCommitBody } from "./dh_commit_message.ts";
import { type DhKeyBody, readDhKeyBody, writeDhKeyBody } from "./dh_key_message.ts";
import {
  readRevealSignatureBody,
  type RevealSignatureBody,
  writeRevealSignatureBody,
} from "./reveal_signature_message.ts";
import { readSignatureBody, type SignatureBody, writeSignatureBody } from "./signature_message.ts";
import { WireReader } from "./data_types.ts";
import { type EncodedHeader, MESSAGE_TYPES, writeHeader } from "./encoded_header.ts";

/** The body of an AKE message. */
export type AkeBody = DhCommitBody | DhKeyBody | RevealSignatureBody | SignatureBody;

/** The body of any binary message that we know. */
export type EncodedBody = AkeBody | DataBody;

/** One binary message. */
export type EncodedMessage = EncodedHeader & EncodedBody;

/** A binary message of a version or type that we do not know; also version 1. */
export interface UnknownEncoded {
  readonly type: "unknown";
  readonly version: number;
  readonly messageType: number;
  /** The whole binary message. */
  readonly bytes: Uint8Array;
}

/**
 * Reads the binary form.
 * @throws {PeerError} when it is not what its type says.
 */
export function readEncodedMessage(bytes: Uint8Array): EncodedMessage | UnknownEncoded {
  const reader = new WireReader(bytes);
  const version = reader.short("the protocol version");
  const messageType = reader.byte("the message type");
  if (version !== 2 && version !== 3) return { type: "unknown", version, messageType, bytes };
  const senderTag = version === 3 ? reader.int("the sender instance tag") : 0;
  const receiverTag = version === 3 ? reader.int("the receiver instance tag") : 0;
  const header = { version, senderTag, receiverTag } as const;
  const body = readBody(messageType, reader);
  if (body === undefined) return { type: "unknown", version, messageType, bytes };
  reader.end(`the ${body.type} message`);
  return { ...header, ...body };
}

/** Writes the binary form. */
export function writeEncodedMessage(message: EncodedMessage): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(512);
  writeHeader(writer, message, message.type);
  writeBody(writer, message);
  return writer.finish();
}

function readBody(messageType: number, reader: WireReader): EncodedBody | undefined {
  switch (messageType) {
    case MESSAGE_TYPES["dh-commit"]:
      return readDhCommitBody(reader);
    case MESSAGE_TYPES["dh-key"]:
      return readDhKeyBody(reader);
    case MESSAGE_TYPES["reveal-signature"]:
      return readRevealSignatureBody(reader);
    case MESSAGE_TYPES["signature"]:
      return readSignatureBody(reader);
    case MESSAGE_TYPES["data"]:
      return readDataBody(reader);
    default:
      return undefined;
  }
}

function writeBody(writer: ByteWriter, body: EncodedBody): void {
  switch (body.type) {
    case "dh-commit":
      return writeDhCommitBody(writer, body);
    case "dh-key":
      return writeDhKeyBody(writer, body);
    case "reveal-signature":
      return writeRevealSignatureBody(writer, body);
    case "signature":
      return writeSignatureBody(writer, body);
    case "data":
      return writeDataBody(writer, body);
    default:
      return body satisfies never;
  }
}

/** The malformed message's error, whatever was thrown; rethrows what is not the peer's fault. */
export function asPeerError(error: unknown): PeerError {
  if (error instanceof PeerError) return error;
  throw error;
}
