/** One direction of a connection: recognised by its content, then cut into what it carries. */
import { concatBytes } from "../../base/bytes.ts";
import type { Sighting } from "../arrival.ts";
import { MsrpStream, type MsrpStreamEvent } from "./msrp_stream.ts";
import { SipStream, type SipStreamEvent } from "./sip_stream.ts";
import { MOST_STREAM_SNIFFED, recogniseStream, type StreamKind } from "./stream_kind.ts";
import { type TlsCounts, TlsStream } from "./tls_stream.ts";

/** What a direction yields. */
export type StreamEvent =
  | { readonly protocol: "msrp"; readonly event: MsrpStreamEvent }
  | { readonly protocol: "sip"; readonly event: SipStreamEvent };

/** Octets → frames and messages. Memory: what is looked at first, then one frame or message. */
export class StreamFollower {
  #kind: StreamKind;
  #head: { readonly seen: Sighting; readonly data: Uint8Array }[] = [];
  #headSize = 0;
  #nextLook = 0;
  #msrp: MsrpStream | undefined;
  #sip: SipStream | undefined;
  #tls: TlsStream | undefined;
  /** Octets that were seen. */
  octets = 0;

  /** @param kind What the stream is known to carry; `unknown` to find out. */
  constructor(kind: StreamKind = "unknown") {
    this.#kind = kind;
  }

  /** What it carries, as far as that is known. */
  get kind(): StreamKind {
    return this.#kind;
  }

  /** What is visible of TLS. */
  get tls(): TlsCounts | undefined {
    return this.#tls?.counts;
  }

  /** Takes octets that follow those before them. */
  receive(seen: Sighting, data: Uint8Array): StreamEvent[] {
    this.octets += data.length;
    if (this.#kind !== "unknown") return this.#pass(seen, data);
    this.#head.push({ seen, data });
    this.#headSize += data.length;
    // Many small pieces: not each of them is worth a look at all of them.
    const isDue = this.#headSize < ALWAYS || this.#headSize >= this.#nextLook;
    if (!isDue) return [];
    this.#nextLook = Math.min(this.#headSize * 1.25, MOST_STREAM_SNIFFED);
    return this.become(recogniseStream(concatBytes(...this.#head.map((it) => it.data))));
  }

  /** Somebody found out what it carries: the octets that waited are cut up. */
  become(kind: StreamKind): StreamEvent[] {
    if (this.#kind !== "unknown" || kind === "unknown") return [];
    this.#kind = kind;
    const events = this.#head.flatMap(({ seen, data }) => this.#pass(seen, data));
    this.#head = [];
    return events;
  }

  /** `octets` are missing here. */
  receiveGap(octets: number): StreamEvent[] {
    this.#sip?.receiveGap();
    this.#tls?.receiveGap();
    return (this.#msrp?.receiveGap(octets) ?? []).map((event) => ({ protocol: "msrp", event }));
  }

  /** Nothing follows. */
  end(): StreamEvent[] {
    return (this.#msrp?.end() ?? []).map((event) => ({ protocol: "msrp", event }));
  }

  #pass(seen: Sighting, data: Uint8Array): StreamEvent[] {
    switch (this.#kind) {
      case "msrp":
        this.#msrp ??= new MsrpStream();
        return this.#msrp.receive(seen, data).map((event) => ({ protocol: "msrp", event }));
      case "sip":
        this.#sip ??= new SipStream();
        return this.#sip.receive(seen, data).map((event) => ({ protocol: "sip", event }));
      case "tls":
        this.#tls ??= new TlsStream();
        this.#tls.receive(data);
        return [];
      default:
        return [];
    }
  }
}

/** Octets up to which every piece is looked at: a live stream shows its first frame at once. */
const ALWAYS = 512;
