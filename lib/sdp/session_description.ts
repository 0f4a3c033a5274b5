/** The data that a session description holds (RFC 8866 §5), field by field as the grammar names them. */

/** A whole description: what `v=` begins. */
export interface SessionDescription {
  readonly origin: Origin;
  /** `s=`; a single space or `-` where there is none (RFC 8866 §5.3). */
  readonly sessionName: string;
  /** `i=` */
  readonly information?: string | undefined;
  /** `u=` */
  readonly uri?: string | undefined;
  /** `e=` lines. */
  readonly emails?: readonly string[] | undefined;
  /** `p=` lines. */
  readonly phones?: readonly string[] | undefined;
  /** `c=` that holds for every medium without its own. */
  readonly connection?: Connection | undefined;
  readonly bandwidths?: readonly Bandwidth[] | undefined;
  /** `t=` lines; none is written as `t=0 0`, which bounds nothing (RFC 8866 §5.9). */
  readonly times?: readonly TimeDescription[] | undefined;
  /** `k=`: obsolete (RFC 8866 §5.12); kept, never used. */
  readonly key?: string | undefined;
  readonly attributes: readonly Attribute[];
  readonly media: readonly MediaDescription[];
  /** Lines of types that RFC 8866 does not know. */
  readonly unknownLines?: readonly UnknownLine[] | undefined;
}

/** `o=`: who made this description, and which edition it is (RFC 8866 §5.2). */
export interface Origin {
  /** `-` where there is none. */
  readonly username: string;
  /** Digits; unique together with the other fields but the version. */
  readonly sessionId: string;
  /** Digits; grows by one with every change (RFC 3264 §8). */
  readonly sessionVersion: string;
  readonly networkType: string;
  readonly addressType: string;
  readonly address: string;
}

/** `c=` (RFC 8866 §5.7). */
export interface Connection {
  /** `IN` */
  readonly networkType: string;
  /** `IP4` or `IP6`. */
  readonly addressType: string;
  /** Address or host name as written, with what follows a slash. */
  readonly address: string;
}

/** `b=` (RFC 8866 §5.8). */
export interface Bandwidth {
  readonly type: string;
  /** Digits. */
  readonly bandwidth: string;
}

/** `t=` with the `r=` and `z=` lines below it (RFC 8866 §5.9–5.11). */
export interface TimeDescription {
  /** Seconds since 1900, or `0`. */
  readonly start: string;
  readonly stop: string;
  /** Values of `r=` lines, as written. */
  readonly repeats?: readonly string[] | undefined;
  /** Value of the `z=` line, as written. */
  readonly zones?: string | undefined;
}

/** `a=` (RFC 8866 §5.13). */
export interface Attribute {
  readonly name: string;
  /** Absent for a property attribute such as `a=recvonly`. */
  readonly value?: string | undefined;
}

/** What one `m=` line begins (RFC 8866 §5.14). */
export interface MediaDescription {
  /** `message`, `audio`, … */
  readonly media: string;
  /** 0 to 65535; 0 in an answer refuses the medium (RFC 3264 §6). */
  readonly port: number;
  /** The number after the port's slash. */
  readonly portCount?: number | undefined;
  /** For example `TCP/TLS/MSRP`. */
  readonly protocol: string;
  /** At least one. */
  readonly formats: readonly string[];
  readonly information?: string | undefined;
  /** `c=` lines; several only for multicast. */
  readonly connections?: readonly Connection[] | undefined;
  readonly bandwidths?: readonly Bandwidth[] | undefined;
  readonly key?: string | undefined;
  readonly attributes: readonly Attribute[];
  readonly unknownLines?: readonly UnknownLine[] | undefined;
}

/** A line whose letter RFC 8866 does not define. */
export interface UnknownLine {
  /** One letter. */
  readonly type: string;
  readonly value: string;
}

/** Value of the first attribute of this name; `""` for one without value, `undefined` for none. */
export function attributeValue(
  attributes: readonly Attribute[],
  name: string,
): string | undefined {
  const found = attributes.find((it) => it.name === name);
  return found === undefined ? undefined : found.value ?? "";
}

/** Values of all attributes of this name. */
export function attributeValues(attributes: readonly Attribute[], name: string): string[] {
  return attributes.filter((it) => it.name === name).map((it) => it.value ?? "");
}
