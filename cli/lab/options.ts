/** The options of `sotto lab`, checked. */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { DigestHash } from "../../lib/auth/mod.ts";
import { type HostPort, SottoError } from "../../lib/base/mod.ts";
import { type LabFault, type LabUser, parseFault, parseLabUser } from "../../lib/lab/mod.ts";
import { isHost } from "../../lib/sip/mod.ts";
import { choice } from "../options/checks.ts";
import { parseListen } from "../options/session.ts";
import { usageError } from "../output/cli_error.ts";

/** Where the lab listens unless told otherwise: nobody but this machine reaches it. */
const DEFAULT_HOST = "127.0.0.1";
/** What the echo knows unless told otherwise. No secret: it is in the manual. */
const DEFAULT_SECRET = "open sesame";

const DIGESTS: readonly DigestHash[] = ["MD5", "SHA-256", "SHA-512-256"];

/** What the flags say. */
export interface LabFlags {
  readonly listen: readonly HostPort[];
  readonly listenTls: readonly HostPort[];
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly users: readonly LabUser[];
  readonly usersFile?: string;
  readonly domain?: string;
  /** What registrar and proxy offer, in this order. */
  readonly digest?: readonly DigestHash[];
  readonly relayInsecure: boolean;
  readonly fault?: LabFault;
  readonly smpSecret: string;
  readonly smpSecretFile?: string;
}

/** Declares the options on `command`. */
export function declareLabOptions(command: CommandUnknownOpts): void {
  const many = (value: string, earlier: string[] = []): string[] => [...earlier, value];
  command
    .option(
      "--listen <host:port>",
      "where SIP comes in, UDP and TCP, or [;transport=tls] (default: 127.0.0.1, a free port)",
      many,
    )
    .option("--user <name:password>", "an account; may be given several times", many)
    .option("--users <file>", "accounts, one name:password a line")
    .option("--domain <name>", "a domain of the accounts, beside the addresses")
    .option(
      "--digest <hash>",
      "what passwords are asked with: md5, sha-256, sha-512-256; in this order (default: all, strongest first)",
      many,
    )
    .option("--relay-insecure", "let the relay take passwords over plain TCP")
    .option("--fault <list>", "a bad network: delay=200ms,drop=1%,split,rewrite-path,close-after=N")
    .option("--tls-cert <file>", "the lab's certificate (PEM; default: made at each start)")
    .option("--tls-key <file>", "its key")
    .option("--smp-secret <text>", `what the echo answers SMP with (default: ${DEFAULT_SECRET})`)
    .option("--smp-secret-file <file>", "the same from a file");
}

/** Checks and returns what was given. @throws {CliError} status 2, naming the flag. */
export function readLabFlags(said: Readonly<Record<string, unknown>>): LabFlags {
  const text = (name: string): string | undefined => said[name] as string | undefined;
  const optional = <K extends string>(name: K): { [P in K]?: string } => {
    const value = text(name);
    return value === undefined ? {} : { [name]: value } as { [P in K]?: string };
  };
  const given = ((said["listen"] as string[] | undefined) ?? []).map((it) => {
    if (/;transport=(udp|tcp)$/i.test(it)) {
      throw usageError(`--listen: UDP and TCP share a port: leave ;transport away in ${it}`);
    }
    const { host, port, transports } = parseListen(it);
    return { host, port, isTls: transports.includes("tls") };
  });
  const ports = (isTls: boolean): HostPort[] =>
    given.filter((it) => it.isTls === isTls).map(({ host, port }) => ({ host, port }));
  const listen = ports(false);
  if ((text("tlsCert") === undefined) !== (text("tlsKey") === undefined)) {
    throw usageError("--tls-cert and --tls-key go together: give both or neither");
  }
  if (text("smpSecret") !== undefined && text("smpSecretFile") !== undefined) {
    throw usageError("--smp-secret and --smp-secret-file are two ways to say one thing: give one");
  }
  const first = listen[0]?.host ?? ports(true)[0]?.host ?? DEFAULT_HOST;
  return {
    listen: listen.length > 0 ? listen : [{ host: first, port: 0 }],
    listenTls: ports(true).length > 0 ? ports(true) : [{ host: first, port: 0 }],
    ...optional("tlsCert"),
    ...optional("tlsKey"),
    users: ((said["user"] as string[] | undefined) ?? []).map(accountOf),
    ...(text("users") === undefined ? {} : { usersFile: text("users") ?? "" }),
    ...domainOf(text("domain")),
    ...faultOf(text("fault")),
    ...digestOf(said["digest"] as string[] | undefined),
    relayInsecure: said["relayInsecure"] === true,
    ...optional("smpSecretFile"),
    smpSecret: text("smpSecret") ?? DEFAULT_SECRET,
  };
}

function accountOf(text: string): LabUser {
  try {
    return parseLabUser(text, "--user");
  } catch (error) {
    if (error instanceof SottoError) throw usageError(error.message);
    throw error;
  }
}

function faultOf(list: string | undefined): { readonly fault?: LabFault } {
  if (list === undefined) return {};
  try {
    return { fault: parseFault(list) };
  } catch (error) {
    if (error instanceof SottoError) throw usageError(`--fault: ${error.message}`);
    throw error;
  }
}

/** One or several in a flag: `--digest sha-256 --digest md5`, `--digest sha-256,md5`. */
function digestOf(given: readonly string[] | undefined): { readonly digest?: DigestHash[] } {
  if (given === undefined) return {};
  // RFC 8760 §2.3: a challenge for each, no algorithm twice.
  const digest = new Set<DigestHash>();
  for (const name of given.flatMap((it) => it.split(","))) {
    const known = choice("--digest", name.trim().toUpperCase(), DIGESTS);
    if (known !== undefined) digest.add(known);
  }
  return { digest: [...digest] };
}

function domainOf(domain: string | undefined): { readonly domain?: string } {
  if (domain === undefined) return {};
  if (!isHost(domain)) {
    throw usageError(`--domain: expected the name of a host, not ${JSON.stringify(domain)}`);
  }
  return { domain: domain.toLowerCase() };
}

/** Whether only this machine can reach `host`. */
export function isLoopback(host: string): boolean {
  return host.startsWith("127.") || host === "::1" || host.toLowerCase() === "localhost";
}
