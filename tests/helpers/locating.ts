/** Locating with a zone in a table instead of DNS, without waiting. */
import { SottoError } from "../../lib/base/errors.ts";
import type {
  Destination,
  Locating,
  Location,
  LookUp,
  LookUpAnswer,
  NaptrRule,
  SrvServer,
} from "../../lib/sip/mod.ts";

/** What names have: NAPTR and SRV as in a zone file, and addresses. */
export interface Zone {
  readonly naptr?: Readonly<Record<string, readonly string[]>>;
  readonly srv?: Readonly<Record<string, readonly string[]>>;
  readonly address?: Readonly<Record<string, readonly string[]>>;
  /** Names whose server is silent. */
  readonly silent?: readonly string[];
}

/** What came of locating. */
export interface Located extends Location {
  /** `SRV _sip._udp.example.com`; those asked at once are joined with ` + `. */
  readonly asked: readonly string[];
  /** `udp 192.0.2.1:5060`, in order. */
  readonly places: readonly string[];
}

/** Runs `locating` to its end. */
export function locateIn(zone: Zone, locating: Locating): Located {
  const asked: string[] = [];
  let step = locating.next([]);
  while (!step.done) {
    asked.push(step.value.map(({ type, name }) => `${type} ${name}`).join(" + "));
    step = locating.next(step.value.map((it) => answerOf(zone, it)));
  }
  return { ...step.value, asked, places: step.value.destinations.map(showPlace) };
}

/** `udp 192.0.2.1:5060`. */
export function showPlace({ transport, host, port }: Destination): string {
  return `${transport} ${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function answerOf(zone: Zone, { type, name }: LookUp): LookUpAnswer {
  if (zone.silent?.includes(name)) {
    return { error: new SottoError("transport/name-server", `nobody answers for ${name}`) };
  }
  if (type === "NAPTR") return { naptr: (zone.naptr?.[name] ?? []).map(naptrRule) };
  if (type === "SRV") return { srv: (zone.srv?.[name] ?? []).map(srvServer) };
  const addresses = zone.address?.[name] ?? [];
  return addresses.length > 0
    ? { addresses }
    : { error: new SottoError("transport/name-not-found", `no host ${name}`) };
}

/** `50 50 s SIPS+D2T _sips._tcp.example.com`, with an expression as a sixth word. */
export function naptrRule(text: string): NaptrRule {
  const [order, preference, flags = "", services = "", replacement = "", regexp = ""] = text
    .split(" ");
  return {
    order: Number(order),
    preference: Number(preference),
    flags,
    services,
    regexp,
    replacement,
  };
}

/** `0 1 5060 server1.example.com`. */
export function srvServer(text: string): SrvServer {
  const [priority, weight, port, target = ""] = text.split(" ");
  return { priority: Number(priority), weight: Number(weight), port: Number(port), target };
}
