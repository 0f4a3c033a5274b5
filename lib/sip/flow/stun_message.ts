/** STUN Binding messages (RFC 5389 §6, §7.3, §15), as far as keep-alives of SIP flows need them (RFC 5626 §8). */

import { concatBytes, equalBytes } from "../../base/bytes.ts";
import { PeerError } from "../../base/errors.ts";
import type { HostPort } from "../../base/wire_tap.ts";

/** What a Binding message is. An indication wants no answer. */
export type StunClass = "request" | "indication" | "success" | "error";

/** One Binding message. */
export interface StunMessage {
  readonly class: StunClass;
  /** 12 octets. */
  readonly transaction: Uint8Array;
  /** XOR-MAPPED-ADDRESS: how the sender of the request is seen. */
  readonly mappedAddress?: HostPort | undefined;
  /** ERROR-CODE. */
  readonly errorCode?: number | undefined;
  /** Attributes that have to be understood, and are not (§7.3). */
  readonly unknownAttributes?: readonly number[] | undefined;
}

/** Whether a datagram on a SIP port is STUN: no SIP message begins with such an octet (RFC 5626 §8). */
export function isStun(data: Uint8Array): boolean {
  return data[0] === 0 || data[0] === 1;
}

/**
 * Reads a Binding message.
 *
 * @throws {PeerError} `sip/bad-stun` for everything else.
 */
export function parseStun(data: Uint8Array): StunMessage {
  const view = viewOf(data);
  if (data.length < HEADER || data.length > MOST_OCTETS) throw badStun("it has a strange length");
  const kind = CLASSES.get(view.getUint16(0));
  if (kind === undefined) throw badStun("it is no Binding message");
  if (view.getUint32(4) !== COOKIE) throw badStun("it lacks the magic cookie");
  const length = view.getUint16(2);
  if (length % 4 !== 0 || HEADER + length !== data.length) throw badStun("its length is wrong");
  const transaction = data.slice(8, HEADER);
  const unknown: number[] = [];
  let mappedAddress: HostPort | undefined;
  let errorCode: number | undefined;
  for (const { type, value, at } of attributesOf(data)) {
    if (type === XOR_MAPPED_ADDRESS) mappedAddress ??= readAddress(value, transaction);
    else if (type === ERROR_CODE) errorCode ??= readErrorCode(value);
    else if (type === FINGERPRINT) checkFingerprint(data, at, value);
    else if (type < OPTIONAL && !IGNORED.includes(type)) unknown.push(type);
  }
  return {
    class: kind,
    transaction,
    ...(mappedAddress === undefined ? {} : { mappedAddress }),
    ...(errorCode === undefined ? {} : { errorCode }),
    ...(unknown.length === 0 ? {} : { unknownAttributes: unknown }),
  };
}

/** The message as octets, with a FINGERPRINT (§15.5). */
export function writeStun(message: StunMessage): Uint8Array {
  const { transaction, mappedAddress, errorCode, unknownAttributes } = message;
  const attributes: Uint8Array[] = [];
  if (mappedAddress !== undefined) {
    attributes.push(attribute(XOR_MAPPED_ADDRESS, writeAddress(mappedAddress, transaction)));
  }
  if (errorCode !== undefined) {
    attributes.push(
      attribute(ERROR_CODE, Uint8Array.of(0, 0, Math.trunc(errorCode / 100), errorCode % 100)),
    );
  }
  if (unknownAttributes !== undefined) {
    attributes.push(attribute(UNKNOWN_ATTRIBUTES, concatBytes(...unknownAttributes.map(uint16))));
  }
  const body = concatBytes(...attributes);
  const type = [...CLASSES].find(([, it]) => it === message.class)?.[0] ?? 0;
  const cookie = Uint8Array.of(0x21, 0x12, 0xa4, 0x42);
  // The length counts the FINGERPRINT before it is there.
  const head = [uint16(type), uint16(body.length + 8), cookie, transaction, body];
  const covered = concatBytes(...head);
  return concatBytes(covered, attribute(FINGERPRINT, fingerprintOf(covered)));
}

/**
 * The answer to a Binding request (RFC 5626 §8: a node that takes SIP over UDP is a limited
 * STUN server); `undefined` for everything that gets none.
 *
 * @param from Where the request came from.
 */
export function answerStun(data: Uint8Array, from: HostPort): Uint8Array | undefined {
  let request: StunMessage;
  try {
    request = parseStun(data);
  } catch (error) {
    if (!(error instanceof PeerError)) throw error;
    return undefined;
  }
  const { transaction, unknownAttributes } = request;
  if (request.class !== "request") return undefined;
  return writeStun(
    unknownAttributes === undefined
      ? { class: "success", transaction, mappedAddress: from }
      : { class: "error", transaction, errorCode: 420, unknownAttributes },
  );
}

function* attributesOf(data: Uint8Array) {
  const view = viewOf(data);
  for (let at = HEADER; at < data.length;) {
    if (at + 4 > data.length) throw badStun("an attribute is cut short");
    const type = view.getUint16(at);
    const length = view.getUint16(at + 2);
    const end = at + 4 + length;
    if (end > data.length) throw badStun("an attribute is longer than the message");
    yield { type, value: data.subarray(at + 4, end), at };
    if (type === FINGERPRINT) return; // §15.5: whatever follows is ignored.
    at = end + (4 - length % 4) % 4;
  }
}

/** §15.2: the address and the port, disguised so that no translator rewrites them. */
function readAddress(value: Uint8Array, transaction: Uint8Array): HostPort {
  const family = value[1];
  if (!(family === 1 && value.length === 8) && !(family === 2 && value.length === 20)) {
    throw badStun("an address that is none");
  }
  const port = viewOf(value).getUint16(2) ^ (COOKIE >>> 16);
  const octets = disguised(value.subarray(4), transaction);
  if (family === 1) return { host: octets.join("."), port };
  const groups = Array.from({ length: 8 }, (_, at) => viewOf(octets).getUint16(2 * at));
  return { host: compressed(groups), port };
}

function writeAddress({ host, port }: HostPort, transaction: Uint8Array): Uint8Array {
  const isIpv6 = host.includes(":");
  const octets = isIpv6 ? ipv6Octets(host) : Uint8Array.from(host.split(".").map(Number));
  return concatBytes(
    Uint8Array.of(0, isIpv6 ? 2 : 1),
    uint16(port ^ (COOKIE >>> 16)),
    disguised(octets, transaction),
  );
}

function disguised(octets: Uint8Array, transaction: Uint8Array): Uint8Array {
  const mask = concatBytes(Uint8Array.of(0x21, 0x12, 0xa4, 0x42), transaction);
  return octets.map((it, at) => it ^ (mask[at] ?? 0));
}

/** The longest run of zeros as `::` (RFC 5952 §4.2), so that the same address is the same text. */
function compressed(groups: readonly number[]): string {
  const text = groups.map((it) => it.toString(16)).join(":");
  const runs = [...text.matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)].toSorted((a, b) =>
    b[0].split(":").filter((it) => it === "0").length -
    a[0].split(":").filter((it) => it === "0").length
  );
  const [run] = runs;
  if (run === undefined) return text;
  const before = text.slice(0, run.index);
  const after = text.slice(run.index + run[0].length).replace(/^:/, "");
  return `${before}::${after}`;
}

function ipv6Octets(host: string): Uint8Array {
  const [head = "", tail] = host.replace(/%.*$/, "").split("::");
  const groups = (half: string) => half.split(":").filter((it) => it !== "");
  const right = groups(tail ?? "");
  const gap = Array<string>(Math.max(0, 8 - groups(head).length - right.length)).fill("0");
  const all = [...groups(head), ...gap, ...right];
  return concatBytes(...all.map((it) => uint16(Number.parseInt(it, 16))));
}

/** §15.6: the class is the number of hundreds. */
function readErrorCode(value: Uint8Array): number {
  if (value.length < 4) throw badStun("an error code that is none");
  return ((value[2] ?? 0) & 7) * 100 + (value[3] ?? 0);
}

function checkFingerprint(data: Uint8Array, at: number, value: Uint8Array): void {
  if (at + 8 !== data.length || !equalBytes(value, fingerprintOf(data.subarray(0, at)))) {
    throw badStun("its fingerprint is wrong");
  }
}

/** §15.5: CRC-32 of everything before, disguised. */
function fingerprintOf(covered: Uint8Array): Uint8Array {
  let crc = 0xffffffff;
  for (const octet of covered) {
    crc ^= octet;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) * 0xedb88320);
  }
  const value = ((crc ^ 0xffffffff) ^ 0x5354554e) >>> 0;
  return concatBytes(uint16(value >>> 16), uint16(value & 0xffff));
}

function attribute(type: number, value: Uint8Array): Uint8Array {
  const padding = new Uint8Array((4 - value.length % 4) % 4);
  return concatBytes(uint16(type), uint16(value.length), value, padding);
}

function uint16(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value & 0xff);
}

function viewOf(data: Uint8Array): DataView {
  return new DataView(data.buffer, data.byteOffset, data.byteLength);
}

function badStun(why: string): PeerError {
  return new PeerError("sip/bad-stun", "RFC 5389 §7.3", `no STUN message: ${why}`);
}

const HEADER = 20;
const COOKIE = 0x2112a442;
/** A Binding message of strangers is far shorter; a bound on work. */
const MOST_OCTETS = 1_280;
const CLASSES = new Map<number, StunClass>([
  [0x0001, "request"],
  [0x0011, "indication"],
  [0x0101, "success"],
  [0x0111, "error"],
]);
const XOR_MAPPED_ADDRESS = 0x0020;
const ERROR_CODE = 0x0009;
const UNKNOWN_ATTRIBUTES = 0x000a;
const FINGERPRINT = 0x8028;
/** Attributes from here on need not be understood (§15). */
const OPTIONAL = 0x8000;
/** MAPPED-ADDRESS, and what belongs to authentication, which a keep-alive does without (RFC 5626 §8). */
const IGNORED = [0x0001, 0x0006, 0x0008, UNKNOWN_ATTRIBUTES, 0x0014, 0x0015];
