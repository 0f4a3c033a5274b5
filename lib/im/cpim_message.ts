/** What a `message/cpim` body holds (RFC 3862): message headers, and one MIME part. */

import type { ContentType } from "./content_type.ts";

/** Namespace of the headers that RFC 3862 §4 defines. */
export const CPIM_NAMESPACE = "urn:ietf:params:cpim-headers:";

/** A read message. */
export interface CpimMessage {
  /** Every message header in order, known or not. */
  readonly headers: readonly CpimHeader[];
  readonly from?: CpimAddress | undefined;
  readonly to: readonly CpimAddress[];
  readonly cc: readonly CpimAddress[];
  /** As written; RFC 3339 if the peer keeps to RFC 3862 §4.4. */
  readonly dateTime?: string | undefined;
  readonly subjects: readonly CpimSubject[];
  /** What `Require` names, in order. */
  readonly required: readonly CpimName[];
  /** Headers of the MIME part, names as written. */
  readonly contentHeaders: readonly (readonly [name: string, value: string])[];
  /** `text/plain` when the part does not say. */
  readonly contentType: ContentType;
  /** The part's octets as they came: no transfer encoding is undone. */
  readonly body: Uint8Array;
}

/** A header's or feature's name and where it is defined (RFC 3862 §3.4). */
export interface CpimName {
  /** URI; `undefined` for a prefix that nothing declared. */
  readonly namespace: string | undefined;
  /** Without prefix; case matters. */
  readonly name: string;
}

/** A message header. */
export interface CpimHeader extends CpimName {
  /** Parameters before the value, such as `lang`; values unquoted. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
  /** The value with its escapes undone (RFC 3862 §2.3). */
  readonly value: string;
  /** The value as written. */
  readonly rawValue: string;
}

/** `[Formal-name] <URI>`. */
export interface CpimAddress {
  /** Formal name, unquoted. */
  readonly name?: string | undefined;
  readonly uri: string;
}

/** `Subject`, of which there may be one per language. */
export interface CpimSubject {
  readonly text: string;
  /** Language tag. */
  readonly language?: string | undefined;
}

/** The value of the first header of this name and namespace. */
export function cpimHeader(
  { headers }: CpimMessage,
  namespace: string,
  name: string,
): string | undefined {
  return headers.find((it) => it.name === name && it.namespace === namespace)?.value;
}

/**
 * What `Require` names and nobody here understands: with anything in the answer, the
 * message must not be processed, and its sender told so (RFC 3862 §4.7).
 *
 * @param understood What the caller understands beyond the headers of RFC 3862 itself.
 */
export function unsupportedFeatures(
  { required }: CpimMessage,
  understood: readonly CpimName[] = [],
): CpimName[] {
  return required.filter((it) =>
    !(it.namespace === CPIM_NAMESPACE && CORE_HEADERS.includes(it.name)) &&
    !understood.some((known) => known.name === it.name && known.namespace === it.namespace)
  );
}

const CORE_HEADERS: readonly string[] = [
  "From",
  "To",
  "cc",
  "DateTime",
  "Subject",
  "NS",
  "Require",
];
