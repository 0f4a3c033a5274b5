/** A name server on loopback that answers from a table, so that tests do real DNS (RFC 1035 §4). */
import { concatBytes, utf8 } from "../../lib/base/bytes.ts";
import { plainHost } from "../../lib/transport/network_error.ts";
import {
  bindUdp,
  type DatagramSocket,
  type HostPort,
  type NaptrRecord,
  type SrvRecord,
} from "../../lib/transport/mod.ts";

/** What a name has. A name that is not in the table does not exist (NXDOMAIN). */
export interface NameRecords {
  readonly A?: readonly string[];
  readonly AAAA?: readonly string[];
  readonly SRV?: readonly SrvRecord[];
  readonly NAPTR?: readonly NaptrRecord[];
}

/** What the server does instead of answering. */
export type NameFault =
  /** It says that it failed. */
  | "servfail"
  | "refused"
  /** It says nothing. */
  | "silence"
  /** It sends what is no answer. */
  | "garbage";

/** All names that the server knows, in lower case and without final dot. */
export type NameTable = Readonly<Record<string, NameRecords | NameFault>>;

/** The server. */
export class DnsServer implements AsyncDisposable {
  /** What was asked, in order: `SRV _sip._udp.example.com`. */
  readonly asked: string[] = [];
  readonly #socket: DatagramSocket;
  #table: NameTable;
  readonly #serving: Promise<void>;

  private constructor(socket: DatagramSocket, table: NameTable) {
    this.#socket = socket;
    this.#table = table;
    this.#serving = this.#serve();
  }

  /** Starts one. @param host Where it listens. */
  static async start(table: NameTable, host = "127.0.0.1"): Promise<DnsServer> {
    return new DnsServer(await bindUdp({ host, port: 0 }), table);
  }

  /** For the `nameServer` option of everything that looks names up. */
  get nameServer(): HostPort {
    return this.#socket.local;
  }

  /** Replaces what it knows. */
  change(table: NameTable): void {
    this.#table = table;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#socket.close();
    await this.#serving;
  }

  async #serve(): Promise<void> {
    for await (const { data, from } of this.#socket) {
      const answer = this.#answer(data);
      if (answer !== undefined) await this.#socket.send(answer, from).catch(() => {}); // It left.
    }
  }

  #answer(query: Uint8Array): Uint8Array | undefined {
    const question = questionOf(query);
    if (question === undefined) return undefined;
    const { name, type, octets } = question;
    this.asked.push(`${TYPE_NAMES[type] ?? type} ${name}`);
    const known = this.#table[name.toLowerCase()];
    if (known === "silence") return undefined;
    if (known === "garbage") return join([query.subarray(0, 2), utf8("no answer at all")]);
    const answers = known === undefined || typeof known === "string" ? [] : recordsOf(known, type);
    const code = known === "servfail" ? 2 : known === "refused" ? 5 : known === undefined ? 3 : 0;
    const recursion = (query[2] ?? 0) & 1;
    return join([
      query.subarray(0, 2),
      Uint8Array.of(0x84 | recursion, 0x80 | code),
      ...[1, answers.length, 0, 0].map(uint16),
      octets,
      // 0xc00c: the name of the question (RFC 1035 §4.1.4). Class IN, one minute.
      ...answers.map((it) =>
        join([
          uint16(0xc00c),
          uint16(type),
          uint16(1),
          uint16(0),
          uint16(60),
          withLength(it),
        ])
      ),
    ]);
  }
}

const TYPES = { A: 1, AAAA: 28, SRV: 33, NAPTR: 35 } as const;
const TYPE_NAMES: Readonly<Record<number, string>> = Object.fromEntries(
  Object.entries(TYPES).map(([name, type]) => [type, name]),
);

interface Question {
  readonly name: string;
  readonly type: number;
  readonly octets: Uint8Array;
}

function questionOf(query: Uint8Array): Question | undefined {
  const labels: string[] = [];
  let at = 12;
  for (;;) {
    const length = query[at];
    if (length === undefined || length > 63) return undefined;
    at++;
    if (length === 0) break;
    labels.push(new TextDecoder().decode(query.subarray(at, at + length)));
    at += length;
  }
  if (at + 4 > query.length) return undefined;
  const type = ((query[at] ?? 0) << 8) | (query[at + 1] ?? 0);
  return { name: labels.join("."), type, octets: query.subarray(12, at + 4) };
}

/** What the records of one type hold (RFC 1035 §3.4.1, RFC 3596 §2.2, RFC 2782, RFC 3403 §4.1). */
function recordsOf(known: NameRecords, type: number): Uint8Array[] {
  switch (type) {
    case TYPES.A:
      return (known.A ?? []).map((it) => Uint8Array.from(it.split(".").map(Number)));
    case TYPES.AAAA:
      return (known.AAAA ?? []).map(ipv6Octets);
    case TYPES.SRV:
      return (known.SRV ?? []).map((it) =>
        join([...[it.priority, it.weight, it.port].map(uint16), domainName(it.target)])
      );
    case TYPES.NAPTR:
      return (known.NAPTR ?? []).map((it) =>
        join([
          ...[it.order, it.preference].map(uint16),
          ...[it.flags, it.services, it.regexp].map(characterString),
          domainName(it.replacement),
        ])
      );
    default:
      return [];
  }
}

function domainName(name: string): Uint8Array {
  const labels = name.split(".").filter((it) => it !== "");
  return join([...labels.map(characterString), Uint8Array.of(0)]);
}

function characterString(text: string): Uint8Array {
  const octets = utf8(text);
  return join([Uint8Array.of(octets.length), octets]);
}

function ipv6Octets(address: string): Uint8Array {
  const [head = "", tail] = plainHost(address).split("::");
  const groups = (half: string) => half.split(":").filter((it) => it !== "");
  const right = groups(tail ?? "");
  const gap = Array<string>(Math.max(0, 8 - groups(head).length - right.length)).fill("0");
  const all = [...groups(head), ...gap, ...right];
  return join(all.map((it) => uint16(Number.parseInt(it, 16))));
}

function withLength(data: Uint8Array): Uint8Array {
  return join([uint16(data.length), data]);
}

function uint16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  return concatBytes(...parts);
}
