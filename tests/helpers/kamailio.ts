/**
 * Kamailio as registrar, proxy and MSRP relay on free ports of the loopback interface, with the
 * configuration in `fixtures/kamailio`. See `fixtures/README.md` for what it does and refuses.
 */
import {
  bindUdp,
  type Certificate,
  connectTcp,
  listenTcp,
  makeSelfSignedCertificate,
} from "../../lib/transport/mod.ts";
import { TemporaryFolder } from "./temporary_folder.ts";

/** How this Kamailio is to differ. */
export interface KamailioOptions {
  /** Realm, and domain of the addresses of record. Default `sotto.test`. */
  readonly domain?: string;
  /** Name and password of each user. Default: alice and bob, `alice-secret` and `bob-secret`. */
  readonly users?: Readonly<Record<string, string>>;
  /** Hash of all its challenges, SIP and MSRP alike. Default `MD5`. */
  readonly algorithm?: "MD5" | "SHA-256";
  /** Smallest and largest lifetime of a registration, seconds. Default 1 and 3600. */
  readonly registrationExpires?: { readonly min?: number; readonly max?: number };
  /** Bounds, and what is granted where nothing was asked for, seconds. Default 60, 3600, 600. */
  readonly relayExpires?: {
    readonly min?: number;
    readonly max?: number;
    readonly granted?: number;
  };
  /** Seconds that a nonce is good for. Default 300. */
  readonly nonceExpires?: number;
  /** Accept each nonce count once. Default `true`. */
  readonly countNonces?: boolean;
  /** Ports of an earlier one, to be the same server again after a restart. */
  readonly ports?: KamailioPorts;
  /** Certificate of an earlier one. */
  readonly certificate?: Certificate;
  /** Log level of Kamailio, 3 tells everything. Default 0: errors are −1, warnings 0. */
  readonly debug?: number;
}

/** Where it listens, all on {@link Kamailio.host}. */
export interface KamailioPorts {
  /** SIP over UDP and TCP. */
  readonly sip: number;
  /** SIP over TLS. */
  readonly sips: number;
  /** MSRP over TCP. */
  readonly msrp: number;
  /** MSRP over TLS. */
  readonly msrps: number;
  /** MSRP (and SIP) over WebSocket. */
  readonly ws: number;
  /** The same in TLS. */
  readonly wss: number;
}

/** The programs that a test with it needs: for `livePeerTest`. */
export const KAMAILIO_NEEDS: readonly string[] = ["kamailio"];

/** A running Kamailio. Use with `await using`. */
export class Kamailio implements AsyncDisposable {
  readonly host: string = "127.0.0.1";
  /** The name in its certificate, which resolves to {@link host}. */
  readonly name: string = "localhost";
  readonly domain: string;
  readonly users: Readonly<Record<string, string>>;
  readonly ports: KamailioPorts;
  /** What it shows in TLS; `certPem` is what a client has to trust. */
  readonly certificate: Certificate;
  readonly #folder: TemporaryFolder;
  #child: Deno.ChildProcess;
  #log: Promise<void>;
  #text = "";
  #isStopped = false;

  private constructor(
    domain: string,
    users: Readonly<Record<string, string>>,
    ports: KamailioPorts,
    certificate: Certificate,
    folder: TemporaryFolder,
  ) {
    this.domain = domain;
    this.users = users;
    this.ports = ports;
    this.certificate = certificate;
    this.#folder = folder;
    this.#child = this.#spawn();
    this.#log = this.#readLog();
  }

  /** Starts one and waits until it answers. */
  static async start(options: KamailioOptions = {}): Promise<Kamailio> {
    const {
      domain = "sotto.test",
      users = { alice: "alice-secret", bob: "bob-secret" },
      certificate = await makeSelfSignedCertificate({
        commonName: "localhost",
        names: ["localhost", "127.0.0.1", domain],
      }),
    } = options;
    // Another test may take a port between our looking and Kamailio's listening.
    for (let attempt = 1;; attempt++) {
      const ports = options.ports ?? await freePorts();
      const folder = await TemporaryFolder.make();
      await Deno.writeTextFile(folder.file("cert.pem"), certificate.certPem);
      await Deno.writeTextFile(folder.file("key.pem"), certificate.keyPem);
      await Deno.writeTextFile(
        folder.file("kamailio.cfg"),
        configuration(folder.path, { ...options, domain, users, ports }),
      );
      const started = new Kamailio(domain, users, ports, certificate, folder);
      if (await started.#isReady()) return started;
      const log = started.log;
      await started.stop();
      if (attempt === 4) throw new Error(`Kamailio does not start:\n${log}`);
    }
  }

  /** What it has logged, for messages of failures. */
  get log(): string {
    return this.#text;
  }

  /** `host:port` of the SIP server. */
  sipAddress(transport: "udp" | "tcp" | "tls"): string {
    return `${this.host}:${transport === "tls" ? this.ports.sips : this.ports.sip}`;
  }

  /** Kills it with all its processes, as a crash would. Its connections break. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Stops it, and removes its folder. Safe to call again. */
  async stop(): Promise<void> {
    if (!this.#isStopped) {
      this.#isStopped = true;
      await this.#end("SIGKILL");
      await this.#folder[Symbol.asyncDispose]();
    }
  }

  /** The same, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Runs `act`; when it fails, the log becomes part of the failure. */
  async explain<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      throw new Error(`with Kamailio, whose log says:\n${this.log.slice(-8_000)}`, {
        cause: error,
      });
    }
  }

  #spawn(): Deno.ChildProcess {
    return new Deno.Command("setsid", {
      // A session of its own: one signal reaches all ten processes, and no others.
      args: [
        ...["kamailio", "-f", this.#folder.file("kamailio.cfg"), "-DD", "-E"],
        ...["-m", "32", "-M", "8", "-w", this.#folder.path, "-Y", this.#folder.path],
      ],
      env: { HOME: this.#folder.path },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
  }

  async #readLog(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const piece of this.#child.stderr) {
      this.#text = (this.#text + decoder.decode(piece, { stream: true })).slice(-LOG_LENGTH);
    }
  }

  /** Whether it answers; `false` when it ended. */
  async #isReady(): Promise<boolean> {
    let hasEnded = false;
    void this.#child.status.then(() => hasEnded = true);
    for (let attempt = 0; attempt < READY_ATTEMPTS; attempt++) {
      if (hasEnded) return false;
      if (await this.#answersSip() && await this.#answersMsrp()) return true;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return false;
  }

  async #answersSip(): Promise<boolean> {
    return await this.#exchange(
      this.ports.sip,
      `OPTIONS sip:${this.host}:${this.ports.sip} SIP/2.0\r\n` +
        "Via: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bKready\r\nMax-Forwards: 1\r\n" +
        `From: <sip:probe@${this.host}>;tag=probe\r\nTo: <sip:probe@${this.host}>\r\n` +
        "Call-ID: probe\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
      "SIP/2.0 ",
    );
  }

  async #answersMsrp(): Promise<boolean> {
    return await this.#exchange(
      this.ports.msrp,
      `MSRP probe1 AUTH\r\nTo-Path: msrp://${this.host}:${this.ports.msrp};tcp\r\n` +
        `From-Path: msrp://${this.host}:9/probe;tcp\r\n-------probe1$\r\n`,
      "MSRP probe1 401",
    );
  }

  async #exchange(port: number, request: string, answer: string): Promise<boolean> {
    try {
      await using stream = await connectTcp({ host: this.host, port });
      const writer = stream.writable.getWriter();
      await writer.write(new TextEncoder().encode(request));
      const reader = stream.readable.getReader();
      const timer = setTimeout(() => void reader.cancel().catch(() => {}), 2_000);
      const { value } = await reader.read();
      clearTimeout(timer);
      return new TextDecoder().decode(value).startsWith(answer);
    } catch {
      return false; // Not yet.
    }
  }

  async #end(signal: Deno.Signal): Promise<void> {
    try {
      // The whole session: the negative of its leader's id.
      Deno.kill(-this.#child.pid, signal);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error; // It has ended already.
    }
    await this.#child.status;
    await this.#log;
  }
}

function configuration(
  folder: string,
  options: KamailioOptions & {
    readonly domain: string;
    readonly users: Readonly<Record<string, string>>;
    readonly ports: KamailioPorts;
  },
): string {
  const { ports, relayExpires = {}, registrationExpires = {} } = options;
  const users = Object.entries(options.users)
    .map(([name, password]) => `\t$sht(users=>${name}) = "${password}";`)
    .join("\n");
  const values: Readonly<Record<string, string | number>> = {
    DEBUG: options.debug ?? 0,
    FOLDER: folder,
    HOST: "127.0.0.1",
    NAME: "localhost",
    DOMAIN: options.domain,
    USERS: users,
    ALGORITHM: options.algorithm ?? "MD5",
    NONCE_EXPIRE: options.nonceExpires ?? 300,
    NONCE_COUNT: options.countNonces === false ? 0 : 1,
    SIP_MIN_EXPIRES: registrationExpires.min ?? 1,
    SIP_MAX_EXPIRES: registrationExpires.max ?? 3600,
    MSRP_MIN_EXPIRES: relayExpires.min ?? 60,
    MSRP_MAX_EXPIRES: relayExpires.max ?? 3600,
    MSRP_EXPIRES: relayExpires.granted ?? 600,
    SIP: ports.sip,
    SIPS: ports.sips,
    MSRP: ports.msrp,
    MSRPS: ports.msrps,
    WS: ports.ws,
    WSS: ports.wss,
  };
  const template = Deno.readTextFileSync(
    new URL("../../fixtures/kamailio/kamailio.cfg", import.meta.url),
  );
  return template.replaceAll(/@([A-Z_]+)@/g, (word, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`nothing is known for ${word}`);
    return String(value);
  });
}

/** Six ports that were free a moment ago, the first for UDP too. */
async function freePorts(): Promise<KamailioPorts> {
  const held = await Promise.all(
    Array.from({ length: 6 }, () => listenTcp({ host: "127.0.0.1", port: 0 })),
  );
  const [sip = 0, sips = 0, msrp = 0, msrps = 0, ws = 0, wss = 0] = held.map((it) => it.local.port);
  const udp = await bindUdp({ host: "127.0.0.1", port: sip }).catch(() => undefined);
  await Promise.all([...held.map((it) => it.close()), udp?.close()]);
  return udp === undefined ? await freePorts() : { sip, sips, msrp, msrps, ws, wss };
}

/** Characters of the log that are kept. */
const LOG_LENGTH = 200_000;
/** 50 ms and the time of a probe each. */
const READY_ATTEMPTS = 400;
