/** Where a service is to be found: SRV (RFC 2782) and NAPTR (RFC 3403) records, as they were answered. */

import { askDns, type DnsOptions } from "./dns_query.ts";

/** One server of a service. */
export interface SrvRecord {
  /** Lower is tried first, 0–65535. */
  readonly priority: number;
  /** Share among those of the same priority, 0–65535. */
  readonly weight: number;
  readonly port: number;
  /** A host's name without final dot; `.` when the service is decidedly not available. */
  readonly target: string;
}

/** One rule that leads from a domain to a service. */
export interface NaptrRecord {
  /** Lower comes first, 0–65535. */
  readonly order: number;
  /** Lower is preferred among those of the same order, 0–65535. */
  readonly preference: number;
  /** `s`: the replacement is asked for SRV records next. */
  readonly flags: string;
  /** For example `SIPS+D2T`. */
  readonly services: string;
  readonly regexp: string;
  /** A name without final dot, or `.` for none. */
  readonly replacement: string;
}

/**
 * The SRV records of a service, in no order: who connects has to sort them (RFC 2782, "Usage
 * rules"; `sortSrv` of `lib/sip` does). Empty when there are none. Search domains of the
 * system are not tried.
 *
 * @param name For example `_msrps._tcp.example.com`.
 * @throws {SottoError} `transport/name-server`, `transport/name-not-found`.
 */
export async function resolveSrv(name: string, options: DnsOptions = {}): Promise<SrvRecord[]> {
  const records = await askDns(absolute(name), "SRV", options);
  return records.map(({ priority, weight, port, target }) => ({
    priority,
    weight,
    port,
    target: relative(target),
  }));
}

/**
 * The NAPTR records of a domain, in no order. Empty when there are none. Search domains of the
 * system are not tried.
 *
 * @param name For example `example.com`.
 * @throws {SottoError} `transport/name-server`, `transport/name-not-found`.
 */
export async function resolveNaptr(
  name: string,
  options: DnsOptions = {},
): Promise<NaptrRecord[]> {
  const records = await askDns(absolute(name), "NAPTR", options);
  return records.map(({ order, preference, flags, services, regexp, replacement }) => ({
    order,
    preference,
    flags,
    services,
    regexp,
    replacement: relative(replacement),
  }));
}

/** With a final dot no search domain is appended, which could name somebody else's service. */
function absolute(name: string): string {
  return name.endsWith(".") ? name : `${name}.`;
}

function relative(name: string): string {
  return name === "." ? name : name.replace(/\.$/, "");
}
