/** The MSRP medium of one chat: our half and the peer's half of its description, and the session they open. */

import { toHex } from "../base/bytes.ts";
import { SottoError } from "../base/errors.ts";
import type { RandomSource } from "../base/output.ts";
import type { WireTap } from "../base/wire_tap.ts";
import { type MsrpUri, parseMsrpPath, writeMsrpPath } from "../msrp/mod.ts";
import {
  acceptsRoot,
  acceptsWrapped,
  answersCema,
  answerSetup,
  canReceive,
  cemaAddress,
  type CertificateFingerprint,
  CHATROOM_TOKENS,
  chatroomAttribute,
  checkMsrpAnswer,
  chooseMsrpMedia,
  createMsrpAnswer,
  createMsrpOffer,
  type MsrpAbilities,
  type MsrpChoice,
  type MsrpMediaChoice,
  msrpMediaOf,
  nextEdition,
  parseSessionDescription,
  refused,
  type SessionDescription,
  writeSessionDescription,
} from "../sdp/mod.ts";
import { type Certificate, certificateFingerprint } from "../transport/mod.ts";
import {
  ABILITIES,
  ACCEPT_TYPES,
  ACCEPT_WRAPPED_TYPES,
  describeRefusal,
  type OfferRefusal,
  SWITCH_TYPES,
} from "./chat_abilities.ts";
import type { Clock } from "./clock.ts";
import type { MediaSwitch } from "./media_switch.ts";
import { FileMedia } from "./file_media.ts";
import type { FileSettings } from "./file_offer.ts";
import {
  anchorOf,
  anchorRefusal,
  type HostLookup,
  mustOfferAgain,
  patientLookup,
  withoutCema,
} from "./media_anchor.ts";
import { answeredMedia, openingFor, type RemoteMedia } from "./media_opening.ts";
import type { Carriage } from "./message_wrapping.ts";
import { MsrpEndpoint, type MsrpSession, type PreparedMsrp } from "./msrp_endpoint.ts";
import type { RelaySettings } from "./msrp_relay_settings.ts";
import { RelayedMsrp } from "./msrp_relayed.ts";
import { MsrpRelays, type RelayWatcher } from "./msrp_relays.ts";
import { mayFollow, withPath } from "./path_move.ts";

/** How our side of the medium is made. */
export interface MediaSettings {
  /** What a caller offers. An answerer takes what it is offered. */
  readonly transport: "tls" | "tcp";
  /** Who connects, as far as it is ours to say (RFC 6135). */
  readonly setup: "active" | "passive" | "actpass";
  /** Shown to the peer; its hash goes into `a=fingerprint`. */
  readonly certificate: Certificate;
  /** Take any certificate from a peer that says no fingerprint. */
  readonly allowUntrusted?: boolean;
  /** PEM: authorities that vouch for such a peer; by default the system's. */
  readonly ca?: string;
  readonly random: RandomSource;
  readonly clock: Clock;
  /** Most octets of a message in one SEND. */
  readonly chunkSize?: number;
  readonly tap?: WireTap;
  /** Set for the focus of a conference. */
  readonly switch?: MediaSwitch;
  /** Relays that act for us; absent: none. */
  readonly relay?: RelaySettings | undefined;
  /** The connections to them that several chats share; by default the chat has its own. */
  readonly relays?: MsrpRelays | undefined;
  /** Told of what becomes of the path through relays after it was granted. */
  readonly onRelay?: RelayWatcher | undefined;
  /** Milliseconds of silence after which a body-less SEND leaves; default never. */
  readonly keepAliveInterval?: number | undefined;
  /** Files that are offered beside the chat, and what becomes of those that others offer. */
  readonly files?: FileSettings;
  /** Offer nothing but the files. */
  readonly filesOnly?: boolean;
}

/** What an offer came to; `remote` is absent where nothing but files was agreed on. */
export type OfferOutcome =
  | {
    readonly answer: Uint8Array;
    readonly remote: RemoteMedia | undefined;
    readonly refusal?: undefined;
  }
  | { readonly refusal: OfferRefusal };

/** One chat's medium, and those of the files beside it. Used once: offer and answer, then open. */
export class ChatMedia implements AsyncDisposable {
  /** The files of the call. */
  readonly files: FileMedia;
  readonly #settings: MediaSettings;
  readonly #endpoint: MsrpEndpoint;
  readonly #sessionId: string;
  readonly #relays: MsrpRelays | undefined;
  readonly #closing = new AbortController();
  readonly #lookUp: HostLookup;
  #prepared: PreparedMsrp | undefined;
  #ours: SessionDescription | undefined;
  #session: MsrpSession | undefined;
  /** Offered and not answered yet. */
  #move:
    | { readonly localPath: readonly MsrpUri[]; readonly description: SessionDescription }
    | undefined;
  #remote: RemoteMedia | undefined;
  #isClosed = false;

  /** @param settings See there. Nothing is opened yet. */
  constructor(settings: MediaSettings) {
    this.#settings = settings;
    this.#lookUp = patientLookup(settings.clock, this.#closing.signal);
    this.#endpoint = new MsrpEndpoint({
      clock: settings.clock,
      random: settings.random,
      tap: settings.tap,
      ca: settings.ca,
      // Middleboxes rewrite hosts and ports; the session-id has 96 random bits of ours.
      matchBySessionId: true,
    });
    this.#relays = settings.relay === undefined
      ? undefined
      : settings.relays ?? new MsrpRelays(settings);
    this.files = new FileMedia(settings.files ?? { outgoing: [] }, {
      ...settings,
      allowUntrusted: settings.allowUntrusted ?? false,
      prepare: (transport, host, listen) => this.#listen(transport, host, listen),
      fingerprints: (transport) => this.#fingerprints(transport),
    });
    // RFC 8866 §5.2: digits; 62 bits are unique enough and fit everybody's integers.
    this.#sessionId = String(BigInt(`0x${toHex(settings.random(8))}`) >> 2n);
  }

  /** Our `a=path`; empty before the offer or answer was made. */
  get localPath(): string {
    return this.#prepared === undefined ? "" : writeMsrpPath(this.#prepared.localPath);
  }

  /** The peer's `a=path`; empty before it is known. */
  get remotePath(): string {
    return this.#remote?.media.path.join(" ") ?? "";
  }

  /** Who connects, once both descriptions are known. */
  get role(): "active" | "passive" | undefined {
    return this.#remote?.role;
  }

  /** Whether MSRP runs over TLS. */
  get isTls(): boolean {
    return (this.#remote?.media.transport ?? transportName(this.#settings.transport)) ===
      "TCP/TLS/MSRP";
  }

  /** How the peer takes content of this type (RFC 4975 §8.6). */
  carriageOf(contentType: string): Carriage {
    const media = this.#remote?.media;
    if (media === undefined || !canReceive(media.direction)) return "refused";
    if (acceptsWrapped(media, "message/cpim", contentType)) return "cpim";
    return acceptsRoot(media, contentType) ? "plain" : "refused";
  }

  /** Tokens of the peer's `a=chatroom`; `undefined` when it says nothing of rooms. */
  get chatroom(): readonly string[] | undefined {
    return this.#remote?.media.chatroom;
  }

  /** Whether the peer wants to receive messages at all (RFC 4975 §8.9). */
  get peerReceives(): boolean {
    return this.#remote !== undefined && canReceive(this.#remote.media.direction);
  }

  /**
   * Our offer, with a socket that listens unless we are to connect.
   * @param host What the peer can reach us as.
   * @throws {SottoError} `transport/…` when nothing can listen there.
   */
  async createOffer(host: string): Promise<Uint8Array> {
    const { transport, filesOnly = false } = this.#settings;
    const chat = filesOnly ? [] : [await this.#describeChat(host)];
    const files = await this.files.offer(transport, host, chat.length);
    const [media, ...further] = [...chat, ...files];
    if (media === undefined) throw new TypeError("there is nothing to offer");
    this.#ours = createMsrpOffer({
      sessionId: this.#sessionId,
      sessionVersion: "1",
      media,
      further,
    });
    return writeSessionDescription(this.#ours);
  }

  async #describeChat(host: string): Promise<MsrpMediaChoice> {
    const { transport, setup } = this.#settings;
    const prepared = await this.#prepare(transport, host, setup !== "active");
    return {
      transport: transportName(transport),
      path: prepared.localPath.map((uri) => writeMsrpPath([uri])),
      ...this.#description(this.#speaksCema),
      setup,
      fingerprints: await this.#fingerprints(transport),
    };
  }

  /**
   * Reads the answer to {@link createOffer}.
   * @throws {PeerError} `sdp/…`; {@link SottoError} `session/answer-unusable` when it
   * accepts nothing that we can use. `undefined` where files alone were offered, or taken.
   */
  readAnswer(answer: Uint8Array | undefined): RemoteMedia | undefined {
    const offer = this.#ours;
    if (offer === undefined) throw new TypeError("there was no offer");
    if (answer === undefined) throw withoutSdp();
    const description = parseSessionDescription(answer);
    this.files.readAnswer(offer, description);
    if (this.#settings.filesOnly === true && description.media.length === offer.media.length) {
      return undefined;
    }
    const choice = checkMsrpAnswer(offer, description, 0, this.#abilities);
    if (choice.media === undefined && this.files.hasAny) return undefined;
    return this.#remote = answeredMedia(offer, choice);
  }

  /**
   * The offer that has to follow an answer from behind a middlebox without `a=msrp-cema` (RFC 6714
   * §4.2); `undefined` where none has to. {@link readPlainAnswer} takes what is answered.
   */
  async createPlainOffer(): Promise<Uint8Array | undefined> {
    const [ours, remote] = [this.#ours, this.#remote];
    if (ours === undefined || remote === undefined || !this.#speaksCema) return undefined;
    if (!mustOfferAgain(remote)) return undefined;
    if (await anchorOf(remote.media, this.#lookUp) === undefined) return undefined;
    return writeSessionDescription(withoutCema(ours));
  }

  /** Reads the answer to {@link createPlainOffer}. @throws as {@link readAnswer}. */
  readPlainAnswer(answer: Uint8Array | undefined): RemoteMedia {
    if (this.#ours === undefined || answer === undefined) throw withoutSdp();
    this.#ours = withoutCema(this.#ours);
    const description = parseSessionDescription(answer);
    const choice = checkMsrpAnswer(this.#ours, description, 0, this.#abilities);
    return this.#remote = answeredMedia(this.#ours, choice);
  }

  /**
   * Reads an offer and makes our answer, or says why it is refused.
   * @throws {PeerError} `sdp/…` when it cannot be read; {@link SottoError} `transport/…`.
   */
  async readOffer(offer: Uint8Array, host: string): Promise<OfferOutcome> {
    const description = parseSessionDescription(offer);
    const choice = await this.#chooseMedia(description);
    const files = await this.files.answer(description, host);
    if (choice.media === undefined) {
      const [first, ...further] = files;
      if (first === undefined) {
        const why = this.files.refusal;
        const refusal = why === undefined
          ? choice.refusal
          : { ...choice.refusal, warningText: `File refused: ${why}` };
        return { refusal: describeRefusal(refusal, host) };
      }
      const session = { sessionId: this.#sessionId, sessionVersion: "1" };
      this.#ours = createMsrpAnswer(description, { ...session, ...first, further });
      return { answer: writeSessionDescription(this.#ours), remote: undefined };
    }
    const { media } = choice;
    const transport = media.transport === "TCP/TLS/MSRP" ? "tls" : "tcp";
    const wish = this.#settings.setup === "active" ? "active" : "passive";
    const setup = answerSetup(media.setup, wish);
    const prepared = await this.#prepare(transport, host, setup === "passive");
    const isCema = this.#speaksCema && answersCema(media);
    this.#ours = createMsrpAnswer(description, {
      sessionId: this.#sessionId,
      sessionVersion: "1",
      index: media.index,
      further: files,
      media: {
        path: prepared.localPath.map((uri) => writeMsrpPath([uri])),
        ...this.#description(isCema),
        setup,
        fingerprints: await this.#fingerprints(transport),
      },
    });
    this.#remote = { media, role: setup, via: isCema ? cemaAddress(media) : undefined };
    return { answer: writeSessionDescription(this.#ours), remote: this.#remote };
  }

  /**
   * An offer inside the dialog: answered with what stands, unless it changes what cannot be
   * changed under an open connection.
   */
  readReoffer(
    offer: Uint8Array,
  ): { readonly answer: Uint8Array } | { readonly refusal: OfferRefusal } {
    const current = this.#remote?.media;
    const ours = this.#ours;
    const description = parseSessionDescription(offer);
    const hasOwnRelay = (this.#prepared?.localPath.length ?? 0) > 1;
    const media = current === undefined
      ? undefined
      : msrpMediaOf(description).find((it) => mayFollow(current, it, hasOwnRelay));
    const isSame = ours !== undefined && description.media.length === ours.media.length &&
      (current === undefined || (media !== undefined && !media.isRefused));
    if (!isSame) {
      const text = "The MSRP session cannot be moved while it is open";
      return {
        refusal: describeRefusal({ reason: "media-refused", warningCode: 399, warningText: text }),
      };
    }
    if (media !== undefined && this.#remote !== undefined) {
      this.#remote = { ...this.#remote, media };
      this.#session?.redirect({ remotePath: parseMsrpPath(media.path.join(" ")) });
    }
    const over = msrpMediaOf(description).filter((it) =>
      it.index !== media?.index && this.files.readReoffer(it) === "over"
    );
    return { answer: this.withoutMedia(over.map((it) => it.index)) };
  }

  /**
   * Our description with port 0 for media that are over (RFC 5547 §8.4). Where nothing of ours
   * changes, our o= does not either (RFC 4975 §8.4, RFC 3264 §8).
   */
  withoutMedia(over: readonly number[]): Uint8Array {
    const ours = this.#ours;
    if (ours === undefined) throw new TypeError("nothing was offered or answered");
    const media = ours.media.map((it, at) => over.includes(at) && it.port !== 0 ? refused(it) : it);
    this.#ours = nextEdition(ours, { ...ours, media });
    return writeSessionDescription(this.#ours);
  }

  /**
   * Our description with the path that our relays have granted now, for a re-INVITE; `undefined`
   * when there is no session that could follow. {@link completeMove} says what came of it.
   */
  offerMove(usePath: readonly MsrpUri[]): Uint8Array | undefined {
    const [ours, prepared] = [this.#ours, this.#prepared];
    if (ours === undefined || !(prepared instanceof RelayedMsrp)) return undefined;
    if (this.#session?.isOpen !== true) return undefined;
    const localPath = prepared.pathWith(usePath);
    const from = writeMsrpPath(prepared.localPath);
    const description = nextEdition(ours, withPath(ours, from, writeMsrpPath(localPath)));
    this.#move = { localPath, description };
    return writeSessionDescription(description);
  }

  /** The peer has taken {@link offerMove}, or the old path stays. Whether there was one to take. */
  completeMove(isTaken: boolean): boolean {
    const [move, prepared] = [this.#move, this.#prepared];
    this.#move = undefined;
    if (move === undefined || !(prepared instanceof RelayedMsrp)) return false;
    if (isTaken) {
      this.#ours = move.description;
      prepared.moved(move.localPath);
      this.#session?.redirect({ localPath: move.localPath });
    }
    return true;
  }

  /** Our description as it stands, for an INVITE inside the dialog that brings no offer. */
  get current(): Uint8Array | undefined {
    return this.#ours && writeSessionDescription(this.#ours);
  }

  /**
   * Connects, or waits for the peer to, and binds.
   *
   * @param options `timeout` in milliseconds for all of it.
   * @throws {SottoError} as `PreparedMsrp.open` does.
   */
  async open(
    remote: RemoteMedia | undefined,
    options: { readonly timeout: number; readonly signal: AbortSignal },
  ): Promise<MsrpSession> {
    const prepared = this.#prepared;
    if (prepared === undefined || remote === undefined) {
      throw new TypeError("nothing was offered or answered");
    }
    return this.#session = await prepared.open({
      ...openingFor(remote, prepared.localPath),
      allowUntrusted: this.#settings.allowUntrusted ?? false,
      acceptTypes: this.#description(false).acceptTypes,
      maxSize: this.#description(false).maxSize,
      judgeMessage: this.#settings.switch?.judgeMessage,
      reserveNickname: this.#settings.switch?.reserveNickname,
      chunkSize: this.#settings.chunkSize,
      keepAliveInterval: this.#settings.keepAliveInterval,
      signal: options.signal,
      timeoutMs: options.timeout,
    });
  }

  /** Closes what is open and stops listening. Never rejects. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#closing.abort(endedBefore());
    await this.files.close();
    await this.#prepared?.close();
    await this.#endpoint.close();
    if (this.#settings.relays === undefined) await this.#relays?.close();
  }

  /** The same, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** What we accept, and what of chat rooms we know (RFC 7701 §8: a declaration, not an offer). */
  #description(isCema: boolean): Pick<
    MsrpMediaChoice,
    "acceptTypes" | "acceptWrappedTypes" | "maxSize" | "attributes"
  > {
    const { switch: room } = this.#settings;
    return {
      acceptTypes: room === undefined ? ACCEPT_TYPES : SWITCH_TYPES,
      acceptWrappedTypes: room?.wrappedTypes ?? ACCEPT_WRAPPED_TYPES,
      maxSize: room?.maxSize,
      attributes: [
        chatroomAttribute(room?.chatroom ?? CHATROOM_TOKENS),
        ...isCema ? [{ name: "msrp-cema" }] : [],
      ],
    };
  }

  async #chooseMedia(offer: SessionDescription): Promise<MsrpChoice> {
    const choice = chooseMsrpMedia(offer, this.#abilities);
    if (choice.media === undefined || !this.#speaksCema) return choice;
    const refusal = anchorRefusal(choice.media, await anchorOf(choice.media, this.#lookUp));
    return refusal === undefined ? choice : { refusal };
  }

  /** RFC 6714 helps who has no relay; a relay anchors by itself, by RFC 4976. */
  get #speaksCema(): boolean {
    return this.#relays === undefined;
  }

  get #abilities(): MsrpAbilities {
    return this.#settings.switch === undefined
      ? ABILITIES
      : { ...ABILITIES, sendTypes: SWITCH_TYPES };
  }

  async #prepare(transport: "tls" | "tcp", host: string, listen: boolean): Promise<PreparedMsrp> {
    this.#prepared = await this.#listen(transport, host, listen);
    return this.#prepared;
  }

  async #listen(transport: "tls" | "tcp", host: string, listen: boolean): Promise<PreparedMsrp> {
    const prepared = await this.#preparePath(transport, host, listen);
    if (this.#isClosed) {
      // Somebody hung up while the socket was being opened, and did not know of it.
      await prepared.close();
      throw endedBefore();
    }
    return prepared;
  }

  async #preparePath(
    transport: "tls" | "tcp",
    host: string,
    listen: boolean,
  ): Promise<PreparedMsrp> {
    const { relay, certificate, clock, random, onRelay } = this.#settings;
    if (relay === undefined || this.#relays === undefined) {
      return await this.#endpoint.prepare({ transport, host, listen, certificate });
    }
    const prepared = await RelayedMsrp.prepare({
      relays: this.#relays,
      settings: relay,
      transport,
      host,
      clock,
      random,
      signal: this.#closing.signal,
    });
    if (onRelay !== undefined) prepared.path.watch(onRelay);
    return prepared;
  }

  async #fingerprints(transport: "tls" | "tcp"): Promise<CertificateFingerprint[]> {
    // Nobody sees our certificate behind a relay (RFC 4976 §9.2).
    if (transport === "tcp" || this.#relays !== undefined) return [];
    const value = await certificateFingerprint(this.#settings.certificate.certPem);
    return [{ hash: "sha-256", value }];
  }
}

function withoutSdp(): SottoError {
  return new SottoError("session/answer-unusable", "the other side answered without SDP");
}

function endedBefore(): SottoError {
  return new SottoError("session/ended", "the session ended before its MSRP was prepared");
}

function transportName(transport: "tls" | "tcp"): "TCP/TLS/MSRP" | "TCP/MSRP" {
  return transport === "tls" ? "TCP/TLS/MSRP" : "TCP/MSRP";
}
