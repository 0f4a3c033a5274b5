/**
 * A conference: one room that everybody who calls is in, a SIP focus and an MSRP switch in
 * one (RFC 4579 §5.1, RFC 7701). It has no OTR: it answers none and passes none on.
 */

import { PeerError } from "../base/errors.ts";
import type { RandomSource } from "../base/output.ts";
import {
  type AnsweredCall,
  ChatMedia,
  type Clock,
  type IncomingCall,
  type MsrpSession,
  type SipCallEvent,
  type SipEndpoint,
  takeCall,
} from "../session/mod.ts";
import { writeUri } from "../sip/mod.ts";
import { canonicalAor } from "../storage/mod.ts";
import type { Certificate } from "../transport/mod.ts";
import { type BotActivity, calledAs, type LabBot } from "./bot_house.ts";
import { FocusOutbox, type OutboxLimits } from "./focus_outbox.ts";
import { FocusRoom, type RoomDelivery, type RoomLimits } from "./focus_room.ts";

/** What a {@link FocusBot} is made of. */
export interface FocusBotOptions {
  /** For MSRP over TLS. */
  readonly certificate: Certificate;
  readonly clock: Clock;
  readonly random: RandomSource;
  /** User part of its URI; default `conference`. */
  readonly user?: string;
  readonly limits?: RoomLimits & OutboxLimits;
  /** Told of who comes and goes. */
  readonly onActivity?: (activity: BotActivity) => void;
}

/** Octets of the largest message that is passed on: `a=max-size`. */
const LARGEST_MESSAGE = 1 << 20;
/** Bounds set-up, in milliseconds. */
const TIMEOUT = 20_000;
/** How long somebody who leaves may take to answer our BYE, in milliseconds. */
const GOODBYE_TIME = 1_000;
/** Whom nobody can be taken for. */
const NOBODY = "anonymous@anonymous.invalid";

/** A room with the ways to everybody in it. */
interface OpenRoom {
  readonly room: FocusRoom;
  readonly outboxes: Map<number, FocusOutbox>;
  /** Calls that are in it or on their way in: it is kept for them. */
  visits: number;
}

/** See the module comment. Each host and domain that it is called by is a room of its own. */
export class FocusBot implements LabBot {
  readonly user: string;
  readonly #options: FocusBotOptions;
  readonly #rooms = new Map<string, OpenRoom>();
  readonly #visits = new Set<AbortController>();
  #isClosed = false;

  /** @param options Its certificate, its limits, and the world around it. */
  constructor(options: FocusBotOptions) {
    this.#options = options;
    this.user = options.user ?? "conference";
  }

  async take(call: IncomingCall, sip: SipEndpoint): Promise<void> {
    const aor = canonicalAor(writeUri(call.from.uri)) ?? NOBODY;
    const open = this.#roomOf(call);
    const { room } = open;
    if (this.#isClosed || room.isFull) {
      if (open.visits === 0) this.#rooms.delete(room.aor);
      this.#tell({ what: "refused", peer: aor, reason: "the room is full" });
      await call.reject(486, "Busy Here");
      return;
    }
    const leave = new AbortController();
    this.#visits.add(leave);
    open.visits += 1;
    const reason = await this.#visit(open, aor, call, sip, leave).then(
      () => leave.signal.aborted ? wordsOf(leave.signal.reason) : undefined,
      (error) => wordsOf(error),
    );
    this.#visits.delete(leave);
    open.visits -= 1;
    // Rooms are made by whoever calls: empty ones must not pile up.
    if (open.visits === 0) this.#rooms.delete(room.aor);
    await this.#sayGoodbye(call);
    this.#tell({ what: "left", peer: aor, ...(reason === undefined ? {} : { reason }) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const leave of this.#visits) leave.abort(new Error("the conference ended"));
    await Promise.resolve();
  }

  /** From the call to its end. Rejects with what kept it from coming about. */
  async #visit(
    open: OpenRoom,
    aor: string,
    call: IncomingCall,
    sip: SipEndpoint,
    leave: AbortController,
  ): Promise<void> {
    const { clock, random, certificate } = this.#options;
    const { signal } = leave;
    const { room, outboxes } = open;
    const bound = Promise.withResolvers<MsrpSession>();
    bound.promise.catch(() => {}); // Said by `open` below.
    let id: number | undefined;
    /** With the first request of the caller's, or when the session is bound: which is first. */
    const enter = (): number => {
      if (id !== undefined) return id;
      const joined = room.join({
        aor,
        isAnonymous: aor === NOBODY,
        chatroom: () => media.chatroom,
        accepts: (type) => media.peerReceives && media.carriageOf(type) === "cpim",
      }, clock.wallNow());
      id = joined.id;
      const giveUp = (why: string): void => leave.abort(new Error(why));
      outboxes.set(id, new FocusOutbox(bound.promise, clock, giveUp, this.#options.limits));
      this.#tell({ what: "joined", peer: aor });
      deliver(open, joined.deliveries);
      return id;
    };
    await using media = new ChatMedia({
      transport: "tls",
      setup: "actpass",
      certificate,
      ca: certificate.certPem, // The lab's own relay, which a caller may be behind.
      random,
      clock,
      switch: {
        chatroom: ["nickname", "private-messages"],
        wrappedTypes: ["*"],
        maxSize: LARGEST_MESSAGE,
        judgeMessage: ({ body }) => room.judge(aor, body),
        reserveNickname: (nickname) => {
          if (id === undefined && room.isFull) return 403;
          const { code, deliveries } = room.reserve(enter(), nickname, clock.wallNow());
          deliver(open, deliveries);
          return code;
        },
      },
    });
    const answered = await takeCall({
      sip,
      media,
      clock,
      deadline: clock.now() + TIMEOUT,
      peer: aor,
      signal,
      contactParams: [{ name: "isfocus" }],
      onCall: () => {},
      onProgress: () => {},
    }, call);
    // A caller that hangs up while MSRP comes about is not waited for.
    void this.#followCall(answered, media, leave);
    try {
      const msrp = await media.open(answered.remote, { timeout: TIMEOUT, signal });
      bound.resolve(msrp);
      if (id === undefined && room.isFull) throw new Error("the room is full");
      const onLeave = (): void => {
        void call.hangup(); // First the BYE, which explains the end of the other.
        void msrp.close();
      };
      signal.addEventListener("abort", onLeave, { once: true });
      if (signal.aborted) onLeave();
      await followMsrp(open, enter(), msrp);
    } finally {
      bound.reject(new Error("the session is over"));
      if (id !== undefined) {
        outboxes.delete(id);
        deliver(open, room.leave(id, clock.wallNow()));
      }
    }
  }

  /** Whoever does not even answer a BYE is not waited for. */
  async #sayGoodbye(call: IncomingCall): Promise<void> {
    const { clock } = this.#options;
    const waiting = new AbortController();
    await Promise.race([
      call.hangup(),
      clock.reached(clock.now() + GOODBYE_TIME, waiting.signal),
    ]);
    waiting.abort();
  }

  async #followCall(
    { events }: AnsweredCall,
    media: ChatMedia,
    leave: AbortController,
  ): Promise<void> {
    for (;;) {
      const next = await events.next();
      if (next.done) return;
      const event = next.value;
      if (event.type === "offer") answerReoffer(event, media);
      if (event.type === "ended" || event.type === "failed") {
        leave.abort(event.type === "failed" ? event.error : HUNG_UP);
        return;
      }
    }
  }

  #roomOf(call: IncomingCall): OpenRoom {
    const aor = calledAs(call, this.user);
    const open = this.#rooms.get(aor) ??
      { room: new FocusRoom(aor, this.#options.limits), outboxes: new Map(), visits: 0 };
    this.#rooms.set(aor, open);
    return open;
  }

  #tell(activity: Omit<BotActivity, "bot">): void {
    this.#options.onActivity?.({ bot: this.user, ...activity });
  }
}

async function followMsrp(open: OpenRoom, id: number, msrp: MsrpSession): Promise<void> {
  for await (const event of msrp.events) {
    if (event.type !== "message-received") continue;
    const deliveries = open.room.forward(id, event.body);
    deliver(open, deliveries);
    // Whoever says more than the others can read waits for them; whoever reads nothing leaves.
    await Promise.all(deliveries.map(({ to }) => open.outboxes.get(to)?.ready()));
  }
}

function deliver({ outboxes }: OpenRoom, deliveries: readonly RoomDelivery[]): void {
  for (const { to, body } of deliveries) outboxes.get(to)?.push(body);
}

/** The reason of a visit that ended as visits do. */
const HUNG_UP = new Error("");

function wordsOf(reason: unknown): string | undefined {
  if (reason === HUNG_UP) return undefined;
  return reason instanceof Error ? reason.message : String(reason);
}

/** What stands is said again; what would move the session under everybody's feet is refused. */
function answerReoffer(event: SipCallEvent & { readonly type: "offer" }, media: ChatMedia): void {
  if (event.offer === undefined) return event.respond(media.current);
  try {
    const outcome = media.readReoffer(event.offer);
    if ("answer" in outcome) event.respond(outcome.answer);
    else event.respond(undefined, outcome.refusal.status);
  } catch (error) {
    if (!(error instanceof PeerError)) throw error;
    event.respond(undefined, 400);
  }
}
