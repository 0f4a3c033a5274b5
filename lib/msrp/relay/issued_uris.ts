/** The URIs that a relay handed out, whose they are, and who may use them (RFC 4976 §6.3, §6.4). */
import { toHex } from "../../base/bytes.ts";
import type { Instant, RandomSource } from "../../base/output.ts";
import { type MsrpUri, msrpUrisMatch } from "../uri.ts";
import type { RelayConnectionId } from "./events.ts";
import type { RelayTimer } from "./relay_connection.ts";
import type { Timer } from "./timers.ts";

/** Where the client is that a URI belongs to. */
export type UriOwner =
  /** At the other end of this connection, and nowhere else. */
  | { readonly kind: "client"; readonly connection: RelayConnectionId }
  /** Behind a relay that proved its name: any connection to that relay will do. */
  | { readonly kind: "relay"; readonly host: string };

/** A URI that was handed out. */
export interface IssuedUri {
  readonly uri: MsrpUri;
  readonly username: string;
  readonly owner: UriOwner;
  /** The connection that the AUTH came over. */
  readonly connection: RelayConnectionId;
  /** From-Path of the AUTH: the way to the client. */
  readonly clientPath: readonly MsrpUri[];
  expiresAt: Instant;
  /** Runs until then. */
  timer?: Timer<RelayTimer> | undefined;
  /** Connections over which peers of this session came, by the first URI of their From-Path. */
  readonly peers: { readonly uri: MsrpUri; readonly connection: RelayConnectionId }[];
}

/** All URIs that are good now. */
export class IssuedUris {
  readonly #random: RandomSource;
  readonly #bySessionId = new Map<string, IssuedUri>();
  readonly #byConnection = new Map<RelayConnectionId, Set<IssuedUri>>();

  /** @param random Draws the session-ids. */
  constructor(random: RandomSource) {
    this.#random = random;
  }

  /** How many are good. */
  get size(): number {
    return this.#bySessionId.size;
  }

  /** How many were handed out over a connection and are good. */
  countOf(connection: RelayConnectionId): number {
    return this.#byConnection.get(connection)?.size ?? 0;
  }

  /** Makes one: §6.3 wants 64 random bits, these have 128. */
  issue(
    authority: MsrpUri,
    rest: Pick<IssuedUri, "username" | "owner" | "connection" | "clientPath" | "expiresAt">,
  ): IssuedUri {
    const sessionId = toHex(this.#random(16));
    const { scheme, host, port, transport } = authority;
    const issued: IssuedUri = {
      ...rest,
      uri: { scheme, host, ...(port !== undefined && { port }), sessionId, transport },
      peers: [],
    };
    this.#bySessionId.set(sessionId, issued);
    const others = this.#byConnection.get(issued.connection);
    if (others === undefined) this.#byConnection.set(issued.connection, new Set([issued]));
    else others.add(issued);
    return issued;
  }

  /** The one that `uri` names (RFC 4975 §6.1). */
  find(uri: MsrpUri | undefined): IssuedUri | undefined {
    const found = this.#bySessionId.get(uri?.sessionId ?? "");
    return found !== undefined && uri !== undefined && msrpUrisMatch(found.uri, uri)
      ? found
      : undefined;
  }

  /** Those that were handed out over a connection. */
  of(connection: RelayConnectionId): readonly IssuedUri[] {
    return [...this.#byConnection.get(connection) ?? []];
  }

  /** One is no good any more. */
  remove(issued: IssuedUri): boolean {
    const others = this.#byConnection.get(issued.connection);
    others?.delete(issued);
    if (others?.size === 0) this.#byConnection.delete(issued.connection);
    return this.#bySessionId.delete(issued.uri.sessionId ?? "");
  }
}
