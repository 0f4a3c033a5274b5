/** An `m=message` description as MSRP reads and writes it (RFC 4975 §8, RFC 6135, RFC 6714, RFC 5547). */

import { acceptsType, bareType, parseAcceptTypes } from "./accept_types.ts";
import {
  type CertificateFingerprint,
  type Direction,
  parseDirection,
  parseFingerprints,
  parseSetup,
  preferredFingerprints,
  type Setup,
  writeFingerprint,
} from "./attributes.ts";
import { parseChatroom } from "./chatroom.ts";
import {
  type Attribute,
  attributeValue,
  type Connection,
  type MediaDescription,
  type SessionDescription,
} from "./session_description.ts";

/** What carries the medium. */
export type MsrpTransport = "TCP/MSRP" | "TCP/TLS/MSRP";

/** What one side says of its MSRP medium. */
export interface MsrpMedia {
  /** Position among the media of its description. */
  readonly index: number;
  readonly port: number;
  /** Port 0: in an answer a refusal, in an offer a medium that is over (RFC 3264 §6, §8.2). */
  readonly isRefused: boolean;
  readonly transport: MsrpTransport;
  readonly formats: readonly string[];
  /** URIs of `a=path` as written, nearest hop first; empty when there is none. */
  readonly path: readonly string[];
  /** Entries of `a=accept-types`; `undefined` when it is missing. */
  readonly acceptTypes?: readonly string[] | undefined;
  /** Entries of `a=accept-wrapped-types`. */
  readonly acceptWrappedTypes?: readonly string[] | undefined;
  /** Octets of the largest message it wants: a hint. */
  readonly maxSize?: number | undefined;
  readonly setup?: Setup | undefined;
  /** All fingerprints, of the medium or else of the session. */
  readonly fingerprints: readonly CertificateFingerprint[];
  /** The first of those that count ({@link preferredFingerprints}). */
  readonly fingerprint?: CertificateFingerprint | undefined;
  readonly direction: Direction;
  /** `c=` of the medium or else of the session. */
  readonly connection?: Connection | undefined;
  /** Tokens of `a=chatroom` (RFC 7701 §8): the peer is a room. */
  readonly chatroom?: readonly string[] | undefined;
  /** `a=msrp-cema` (RFC 6714). */
  readonly hasCema: boolean;
  /** Value of `a=file-selector` (RFC 5547): this medium moves a file. */
  readonly fileSelector?: string | undefined;
  /** Every attribute as written. */
  readonly attributes: readonly Attribute[];
}

/** The medium at `index`, or `undefined` when it is no MSRP medium over TCP or TLS. */
export function parseMsrpMedia(
  session: SessionDescription,
  index: number,
): MsrpMedia | undefined {
  const medium = session.media[index];
  const transport = medium?.protocol.toUpperCase();
  if (medium === undefined || medium.media.toLowerCase() !== "message") return undefined;
  if (transport !== "TCP/MSRP" && transport !== "TCP/TLS/MSRP") return undefined;
  const { attributes, port } = medium;
  const value = (name: string): string | undefined => attributeValue(attributes, name);
  const fingerprints = parseFingerprints(attributes, session.attributes);
  const maxSize = value("max-size")?.trim();
  return {
    index,
    port,
    isRefused: port === 0,
    transport,
    formats: medium.formats,
    path: words(value("path") ?? ""),
    acceptTypes: apply(value("accept-types"), parseAcceptTypes),
    acceptWrappedTypes: apply(value("accept-wrapped-types"), parseAcceptTypes),
    maxSize: maxSize !== undefined && /^\d{1,15}$/.test(maxSize) ? Number(maxSize) : undefined,
    setup: parseSetup(attributes, session.attributes),
    fingerprints,
    fingerprint: preferredFingerprints(fingerprints)[0],
    direction: parseDirection(attributes, session.attributes),
    connection: medium.connections?.[0] ?? session.connection,
    chatroom: apply(value("chatroom"), parseChatroom),
    hasCema: value("msrp-cema") !== undefined,
    fileSelector: value("file-selector"),
    attributes,
  };
}

/** All MSRP media of a description, refused ones included. */
export function msrpMediaOf(session: SessionDescription): MsrpMedia[] {
  return session.media.flatMap((_, index) => parseMsrpMedia(session, index) ?? []);
}

/** Whether `media`'s owner can be sent content of `type` as the root of a message. */
export function acceptsRoot(media: MsrpMedia, type: string): boolean {
  return acceptsType(media.acceptTypes ?? [], type);
}

/**
 * Whether `media`'s owner can be sent `type` inside a `container` such as `message/cpim`:
 * the container must be listed as a root, the content in either list. `*` as a root does
 * not stand for containers, which must be named (RFC 4975 §8.6).
 */
export function acceptsWrapped(media: MsrpMedia, container: string, type: string): boolean {
  const roots = media.acceptTypes ?? [];
  const namesContainer = roots.some((it) => bareType(it) === bareType(container));
  return namesContainer && acceptsType([...roots, ...media.acceptWrappedTypes ?? []], type);
}

/** What we say of our own MSRP medium. */
export interface MsrpMediaChoice {
  readonly transport: MsrpTransport;
  /** Our path, ending with our own URI, which must have a port (RFC 4975 §8.2). */
  readonly path: readonly string[];
  readonly acceptTypes: readonly string[];
  readonly acceptWrappedTypes?: readonly string[] | undefined;
  readonly maxSize?: number | undefined;
  readonly setup?: Exclude<Setup, "holdconn"> | undefined;
  readonly fingerprints?: readonly CertificateFingerprint[] | undefined;
  readonly direction?: Direction | undefined;
  /** Further attributes, written last. */
  readonly attributes?: readonly Attribute[] | undefined;
}

/**
 * The description of our medium. Port and `c=` are those of our own URI (RFC 4975 §8.1).
 *
 * @throws {TypeError} when the path is empty, our URI has no port, or no type is accepted.
 */
export function describeMsrpMedia(choice: MsrpMediaChoice): MediaDescription {
  const { acceptTypes, acceptWrappedTypes = [], maxSize, setup, fingerprints = [] } = choice;
  if (acceptTypes.length === 0) throw new TypeError("expected at least one accepted type");
  const { host, port } = ownAddress(choice.path);
  const { direction = "sendrecv" } = choice;
  return {
    media: "message",
    port,
    protocol: choice.transport,
    formats: ["*"],
    connections: [connectionTo(host)],
    attributes: [
      { name: "path", value: choice.path.join(" ") },
      ...(direction === "sendrecv" ? [] : [{ name: direction }]),
      { name: "accept-types", value: acceptTypes.join(" ") },
      ...(acceptWrappedTypes.length === 0
        ? []
        : [{ name: "accept-wrapped-types", value: acceptWrappedTypes.join(" ") }]),
      ...(maxSize === undefined ? [] : [{ name: "max-size", value: String(maxSize) }]),
      ...(setup === undefined ? [] : [{ name: "setup", value: setup }]),
      ...fingerprints.map(writeFingerprint),
      ...(choice.attributes ?? []),
    ],
  };
}

/** `c=` for a host name or an address without brackets. */
export function connectionTo(host: string): Connection {
  return { networkType: "IN", addressType: host.includes(":") ? "IP6" : "IP4", address: host };
}

/** Host and port of the last URI of a path, of which lib/sdp knows no more than this much. */
export function ownAddress(path: readonly string[]): { host: string; port: number } {
  const match = /^msrps?:\/\/(?:[^@/]*@)?(\[[0-9A-Fa-f:.]+\]|[^:/;[\]]+):(\d{1,5})[/;]/i
    .exec(path.at(-1) ?? "");
  const port = Number(match?.[2]);
  if (match === null || port === 0 || port > 65_535) {
    throw new TypeError("expected a path that ends with an MSRP URI with a port");
  }
  return { host: (match[1] ?? "").replace(/^\[|\]$/g, ""), port };
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((it) => it !== "");
}

function apply<T>(value: string | undefined, parse: (value: string) => T): T | undefined {
  return value === undefined ? undefined : parse(value);
}
