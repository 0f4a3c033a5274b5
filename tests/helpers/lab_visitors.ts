/** Sessions of ours that call the bots of a lab, over any transport of SIP and MSRP, or through its relay. */
import type { Lab } from "../../lib/lab/mod.ts";
import {
  ChatSession,
  type MediaSettings,
  platformRandom,
  SipEndpoint,
  SystemClock,
} from "../../lib/session/mod.ts";
import { parseMsrpUri } from "../../lib/msrp/mod.ts";
import { parseSipUri, type SipTransport } from "../../lib/sip/mod.ts";
import { canonicalAor } from "../../lib/storage/mod.ts";
import { sessionOptions, type SetupOptions, Told } from "./chat_session_setup.ts";
import { labCertificate } from "./lab.ts";
import { passwordSecret } from "../../lib/auth/mod.ts";

/** How visitors come. */
export interface VisitOptions {
  readonly sip: SipTransport;
  readonly msrp: "tcp" | "tls";
  /** Through the lab's relay, with the account `NAME:NAME-secret`. */
  readonly throughRelay?: boolean;
}

/** Everybody leaves at the end. */
export class LabVisitors implements AsyncDisposable {
  readonly #lab: Lab;
  readonly #options: VisitOptions;
  readonly #sip: SipEndpoint;
  readonly #visitors: Told[] = [];

  private constructor(lab: Lab, options: VisitOptions, sip: SipEndpoint) {
    this.#lab = lab;
    this.#options = options;
    this.#sip = sip;
  }

  /** Opens their SIP. */
  static async open(lab: Lab, options: VisitOptions): Promise<LabVisitors> {
    const certificate = await labCertificate();
    const sip = await SipEndpoint.open({
      listen: [],
      clock: new SystemClock(),
      random: platformRandom,
      userAgent: "test",
      tls: { ca: certificate.certPem, certificate },
    });
    return new LabVisitors(lab, options, sip);
  }

  /** Calls a bot as `name@example.com`, and waits until messages may flow. */
  async call(bot: "echo" | "focus", name: string, options: SetupOptions = {}): Promise<Told> {
    const uri = this.#uriOf(bot);
    const aor = `${name}@example.com`;
    const session = sessionOptions("alice", {
      self: { aor },
      peer: canonicalAor(uri) ?? "",
      timeout: 20_000,
      ...options,
    });
    const told = new Told(
      ChatSession.place(
        this.#sip,
        parseSipUri(uri),
        { ...session, media: await this.#media(name) },
        { from: { uri: parseSipUri(`sip:${aor}`) } },
      ),
    );
    this.#visitors.push(told);
    await told.session.settled;
    return told;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const it of this.#visitors) await it[Symbol.asyncDispose]();
    await this.#sip.close();
  }

  #uriOf(bot: "echo" | "focus"): string {
    const user = bot === "echo" ? "echo" : "conference";
    const at = this.#lab.sip.find((it) => it.endsWith(`;transport=${this.#options.sip}`)) ?? "";
    return at.replace("sip:", `sip:${user}@`);
  }

  async #media(name: string): Promise<MediaSettings> {
    const { msrp, throughRelay = false } = this.#options;
    const certificate = await labCertificate();
    const relay = this.#lab.msrp.map(parseMsrpUri)
      .find((it) => it.scheme === (msrp === "tls" ? "msrps" : "msrp"));
    return {
      transport: msrp,
      setup: "actpass",
      certificate,
      ca: certificate.certPem,
      random: platformRandom,
      clock: new SystemClock(),
      ...(!throughRelay || relay === undefined ? {} : {
        relay: {
          relays: [{ host: relay.host, port: relay.port }],
          domain: "example.com",
          credentials: { username: name, password: passwordSecret(`${name}-secret`) },
          insecure: msrp === "tcp",
          ca: certificate.certPem,
        },
      }),
    };
  }
}
