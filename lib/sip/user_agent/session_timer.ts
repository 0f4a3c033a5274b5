/** How long a session lasts without a sign of life, and who has to give it (RFC 4028). */

import type { Instant } from "../../base/output.ts";
import { headerValue, tokenList } from "../message/header_fields.ts";
import type { HeaderField, SipMessage, SipRequest, SipResponse } from "../message/message.ts";

/** The shortest interval that anybody may ask for, in seconds (§5). */
export const LEAST_SESSION_INTERVAL = 90;
/** The longest one that a 422 may ask for, in seconds: a day. */
const MOST_SESSION_INTERVAL = 86_400;

/** Value of a Session-Expires header field. */
export interface SessionExpires {
  /** Seconds. */
  readonly interval: number;
  readonly refresher: "uac" | "uas" | undefined;
}

/** The Session-Expires of a message, or `undefined` when it has none that can be read. */
export function sessionExpiresOf(message: SipMessage): SessionExpires | undefined {
  const value = headerValue(message, "Session-Expires") ?? "";
  const [, seconds, parameters = ""] = /^\s*(\d{1,10})\s*(;.*)?$/s.exec(value) ?? [];
  if (seconds === undefined) return undefined;
  const role = /;\s*refresher\s*=\s*"?(uac|uas)\b/i.exec(parameters)?.[1]?.toLowerCase();
  return {
    interval: Number(seconds),
    refresher: role === "uac" || role === "uas" ? role : undefined,
  };
}

/** The Min-SE of a message; 90 seconds when it has none (§5). */
export function minimumOf(message: SipMessage): number {
  const seconds = /^\s*(\d{1,10})\b/.exec(headerValue(message, "Min-SE") ?? "")?.[1];
  return Math.max(LEAST_SESSION_INTERVAL, seconds === undefined ? 0 : Number(seconds));
}

/** Whether a request asks for an interval that is refused with 422 (§9). */
export function isTooShort(request: SipRequest): boolean {
  const asked = sessionExpiresOf(request);
  return asked !== undefined && asked.interval < LEAST_SESSION_INTERVAL && supportsTimer(request);
}

/** What has to be done now. */
export type SessionTimerAction = "refresh" | "expire";

/** The timer of one dialog, or of an INVITE that made none yet. */
export class SessionTimer {
  /** What we ask for, in seconds; `undefined` when we do not care. */
  readonly #wanted: number | undefined;
  /** The largest Min-SE that was heard (§7.4). */
  #minimum: number | undefined;
  /** In seconds; `undefined` while no timer runs. */
  #interval: number | undefined;
  #isRefresher = false;
  #refreshAt: Instant | undefined;
  #expiresAt: Instant | undefined;

  /** @param wanted Seconds between signs of life that we ask for as a caller; none when left out. */
  constructor(wanted?: number) {
    this.#wanted = wanted;
  }

  /** The interval that was agreed on, in seconds; `undefined` while no timer runs. */
  get interval(): number | undefined {
    return this.#interval;
  }

  /** Whether the signs of life are ours to give. */
  get isRefresher(): boolean {
    return this.#isRefresher;
  }

  /** When {@link handleTimeout} wants to be called, if at all. */
  get deadline(): Instant | undefined {
    return this.#refreshAt ?? this.#expiresAt;
  }

  /** Session-Expires and Min-SE of a request of ours that refreshes the session (§7.1, §7.4). */
  requestFields(): HeaderField[] {
    const fields: HeaderField[] = [];
    const interval = this.#interval ?? this.#wanted;
    if (interval !== undefined) {
      const value = Math.max(interval, this.#minimum ?? LEAST_SESSION_INTERVAL);
      // §7.4: who refreshes goes on to do so.
      const role = this.#interval === undefined
        ? ""
        : `;refresher=${this.#isRefresher ? "uac" : "uas"}`;
      fields.push({ name: "Session-Expires", value: `${value}${role}` });
    }
    if (this.#minimum !== undefined) {
      fields.push({ name: "Min-SE", value: String(this.#minimum) });
    }
    return fields;
  }

  /** A 2xx to such a request (§7.2). */
  receiveSuccess(response: SipResponse, now: Instant): void {
    const agreed = sessionExpiresOf(response);
    if (agreed !== undefined) {
      this.#run(agreed.interval, agreed.refresher !== "uas", now);
    } else if (this.#wanted !== undefined) {
      // The peer knows nothing of timers: what we wanted we do ourselves.
      this.#run(Math.max(this.#wanted, this.#minimum ?? 0), true, now);
    } else this.#stop();
  }

  /** A 422. @returns Whether there is a longer interval to ask for (§7.3). */
  receiveTooShort(response: SipResponse): boolean {
    const least = minimumOf(response);
    const asked = Math.max(this.#interval ?? this.#wanted ?? 0, this.#minimum ?? 0);
    if (least <= asked || least > MOST_SESSION_INTERVAL) return false;
    this.#minimum = least;
    return true;
  }

  /** A request of the peer that refreshes the session, before it is answered (§7.4). */
  receiveRequest(request: SipRequest): void {
    if (headerValue(request, "Min-SE") === undefined) return;
    const least = Math.min(minimumOf(request), MOST_SESSION_INTERVAL);
    this.#minimum = Math.max(this.#minimum ?? 0, least);
  }

  /** Header fields of our 2xx to it; from then on the time runs (§9, table 2). */
  answer(request: SipRequest, now: Instant): HeaderField[] {
    const asked = sessionExpiresOf(request);
    if (asked === undefined) {
      this.#stop();
      return [];
    }
    const theyCan = supportsTimer(request);
    const refresher = theyCan ? asked.refresher ?? "uac" : "uas";
    this.#run(asked.interval, refresher === "uas", now);
    const fields = [{
      name: "Session-Expires",
      value: `${asked.interval};refresher=${refresher}`,
    }];
    return theyCan ? [...fields, { name: "Require", value: "timer" }] : fields;
  }

  /** A refresh could not be made: it is tried again, as long as there is time. */
  postpone(until: Instant): void {
    if (this.#expiresAt !== undefined && until < this.#expiresAt) this.#refreshAt = until;
  }

  /** {@link deadline} may have passed. */
  handleTimeout(now: Instant): SessionTimerAction | undefined {
    if (this.#expiresAt !== undefined && now >= this.#expiresAt) {
      this.#stop();
      return "expire";
    }
    if (this.#refreshAt === undefined || now < this.#refreshAt) return undefined;
    this.#refreshAt = undefined;
    return "refresh";
  }

  #run(interval: number, isRefresher: boolean, now: Instant): void {
    // §4: less than 90 s is nothing that anybody may ask for; it would have us talk without end.
    const seconds = Math.max(interval, LEAST_SESSION_INTERVAL);
    const lifetime = 1000 * seconds;
    this.#interval = seconds;
    this.#isRefresher = isRefresher;
    this.#refreshAt = isRefresher ? now + lifetime / 2 : undefined;
    // §10: the session ends a little early, so that both ends say goodbye about the same time.
    this.#expiresAt = now + lifetime - Math.min(32_000, lifetime / 3);
  }

  #stop(): void {
    this.#interval = undefined;
    this.#isRefresher = false;
    this.#refreshAt = undefined;
    this.#expiresAt = undefined;
  }
}

function supportsTimer(message: SipMessage): boolean {
  return tokenList(message, "Supported").some((it) => it.toLowerCase() === "timer");
}
