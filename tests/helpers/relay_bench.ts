/** An `MsrpConnection` that asks relays, and a hand that answers like one. Digests are computed here by RFC 2617. */
import { createHash } from "node:crypto";

import { passwordSecret } from "../../lib/auth/mod.ts";
import {
  type Chunk,
  headerValue,
  parseMsrpUri,
  type RelayAuthorizationConfig,
  type RelayPathEvent,
  type RelayToAsk,
  writeMsrpPath,
} from "../../lib/msrp/mod.ts";
import { assert, assertEquals } from "./assert.ts";
import { frame, MsrpBench } from "./msrp_peer.ts";

/** Who asks. */
export const ALICE = "msrps://alice.example.com:9892/98cjs234;tcp";
/** Whom she asks first. */
export const INTRA = "msrps://intra.example.com;tcp";
/** Whom she asks through the first. */
export const EXTRA = "msrps://extra.example.com;tcp";
/** What the first grants unless told otherwise. */
export const INTRA_PATH = "msrps://intra.example.com:9000/jui787s2f;tcp";
/** What the second grants. */
export const EXTRA_PATH = "msrps://extra.example.com:9000/mywdEe1233;tcp";

/** A relay to ask with the name and password of these tests. */
export function relayToAsk(uri: string, more: Partial<RelayToAsk> = {}): RelayToAsk {
  return {
    uri: parseMsrpUri(uri),
    credentials: { username: "Alice", password: passwordSecret("wonderland") },
    uriParameter: "yes",
    ...more,
  };
}

/** Asks {@link INTRA} for {@link ALICE}. */
export function relayConfig(
  more: Partial<RelayAuthorizationConfig> = {},
): RelayAuthorizationConfig {
  return { id: "a", self: parseMsrpUri(ALICE), relays: [relayToAsk(INTRA)], ...more };
}

/** The bench. */
export class RelayBench extends MsrpBench {
  /** The last AUTH that {@link asked} took. */
  request: Chunk | undefined;

  /** Begins to ask. */
  ask(more: Partial<RelayAuthorizationConfig> = {}): this {
    return this.act(this.core.authorize(relayConfig(more), this.now));
  }

  /** The one AUTH that has left since the last call. */
  asked(): { to: string; from: string; authorization: string | undefined; chunk: Chunk } {
    const [chunk, ...more] = this.frames();
    assert(chunk !== undefined && more.length === 0, `one frame, found ${chunk ? 1 : 0}`);
    assertEquals(chunk.startLine.kind === "request" && chunk.startLine.method, "AUTH");
    assertEquals([chunk.body, chunk.continuation], [undefined, "$"]);
    this.request = chunk;
    return {
      to: writeMsrpPath(chunk.toPath),
      from: writeMsrpPath(chunk.fromPath),
      authorization: headerValue(chunk.headers, "Authorization"),
      chunk,
    };
  }

  /** Answers the last AUTH. */
  reply(status: string, headers: readonly string[] = []): this {
    const { request } = this;
    assert(request !== undefined);
    return this.receive(frame(status, {
      transactionId: request.startLine.transactionId,
      to: writeMsrpPath(request.fromPath),
      from: writeMsrpPath(request.toPath),
      headers,
    }));
  }

  /** 401 with the usual challenge. */
  challenge(more = "", nonce = "nonce1"): this {
    return this.reply("401 Unauthorized", [
      `WWW-Authenticate: Digest realm="intra.example.com", qop="auth", nonce="${nonce}"${more}`,
    ]);
  }

  /** 200 with a path. */
  grant(usePath: string = INTRA_PATH, expires: number = 900, more: readonly string[] = []): this {
    return this.reply("200 OK", [`Use-Path: ${usePath}`, `Expires: ${expires}`, ...more]);
  }

  /** Asks, is challenged, and is granted. */
  granted(more: Partial<RelayAuthorizationConfig> = {}, expires = 900): this {
    this.ask(more).asked();
    this.challenge().asked();
    return this.grant(INTRA_PATH, expires);
  }

  /** Events about relays since the last call. */
  relayEvents(): RelayPathEvent[] {
    return this.takeEvents().filter((it): it is RelayPathEvent => "authorization" in it);
  }
}

/** The parameters of an Authorization or WWW-Authenticate, quotation marks and all. */
export function digestParameters(value: string | undefined): Record<string, string> {
  assert(value !== undefined && value.startsWith("Digest "), `expected Digest, found ${value}`);
  const found = value.slice(7).matchAll(/([\w-]+)=("(?:[^"\\]|\\.)*"|[^,\s]+)/g);
  return Object.fromEntries([...found].map(([, name = "", text = ""]) => [name, text]));
}

/** MD5 of latin text, hexadecimal. */
export function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}

/** The response that RFC 2617 §3.2.2 wants, by the parameters of an Authorization. */
export function expectedResponse(
  parameters: Record<string, string>,
  { method = "AUTH", uri, password = "wonderland" }: {
    method?: string;
    uri: string;
    password?: string;
  },
): string {
  const of = (name: string): string => (parameters[name] ?? "").replaceAll('"', "");
  const ha1 = md5(`${of("username")}:${of("realm")}:${password}`);
  const ha2 = md5(method === "" ? `:${uri}` : `${method}:${uri}`);
  return md5([ha1, of("nonce"), of("nc"), of("cnonce"), of("qop"), ha2].join(":"));
}

/** A path as text, for comparing. */
export function pathText(path: readonly ReturnType<typeof parseMsrpUri>[]): string {
  return writeMsrpPath(path);
}
