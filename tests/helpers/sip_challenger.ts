/** A digest server in front of a scripted SIP peer: challenges, and judges what comes. */
import {
  type DigestCredentials,
  DigestServer,
  type DigestServerOptions,
  passwordSecret,
} from "../../lib/auth/mod.ts";
import { headerValues, type SipRequest } from "../../lib/sip/mod.ts";
import { seededRandom } from "./seeded_random.ts";

/** The account that {@link SipChallenger} knows. */
export const ACCOUNT: DigestCredentials & { readonly username: string } = {
  username: "alice",
  password: passwordSecret("secret"),
};

/** One realm of a server or of a proxy. */
export class SipChallenger {
  readonly server: DigestServer;
  readonly #ask: string;
  readonly #answer: string;
  readonly #thank: string;
  /** The status of its challenges. */
  readonly status: 401 | 407;

  /**
   * @param status 401 for a server, 407 for a proxy.
   * @param realm Its realm.
   */
  constructor(
    status: 401 | 407,
    realm: string,
    options: Partial<DigestServerOptions> = {},
  ) {
    this.status = status;
    const isProxy = status === 407;
    this.#ask = isProxy ? "Proxy-Authenticate" : "WWW-Authenticate";
    this.#answer = isProxy ? "Proxy-Authorization" : "Authorization";
    this.#thank = isProxy ? "Proxy-Authentication-Info" : "Authentication-Info";
    this.server = new DigestServer({
      realm,
      random: seededRandom(realm.length),
      lookup: (name) => name === ACCOUNT.username ? ACCOUNT : undefined,
      ...options,
    });
  }

  /** Header lines of a challenge. */
  challenge(now: number, options: { readonly stale?: boolean } = {}): string[] {
    return this.server.challenges(now, options).map((it) => `${this.#ask}: ${it}`);
  }

  /** What the credentials of `request` are worth: the verdict's name. */
  verdict(request: SipRequest, now: number): string {
    const verdict = this.#judge(request, now);
    return verdict.type === "rejected" ? verdict.reason : verdict.type;
  }

  /** The header line that thanks for right credentials. @param renewAt Sends a next nonce. */
  info(request: SipRequest, now: number, renewAt?: number): string {
    const verdict = this.#judge(request, now);
    if (verdict.type !== "accepted") throw new Error(`nothing to thank for: ${verdict.type}`);
    return `${this.#thank}: ${this.server.authenticationInfo(verdict, undefined, renewAt)}`;
  }

  #judge(request: SipRequest, now: number) {
    const { method, requestUri: uri, body } = request;
    return this.server.verify(headerValues(request, this.#answer), { method, uri, body }, now);
  }
}
