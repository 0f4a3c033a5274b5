/** SIP dialogs as a trace shows them: who called whom, how it was answered, how it ended. */
import type { MediaSummary, SipObject } from "./trace_object.ts";

/** One Call-ID with an INVITE. */
export interface TraceDialog {
  readonly callId: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly frame: number;
  readonly at: number | undefined;
  /** Last final response to an INVITE. */
  status: number | undefined;
  reason: string | undefined;
  state: "calling" | "ringing" | "connected" | "rejected" | "ended";
  isFocus: boolean;
  /** MSRP media, offered or answered, in order of appearance. */
  readonly media: MediaSummary[];
}

/** Follows dialogs by Call-ID. Memory: `limit` dialogs; later ones are not followed. */
export class DialogTable {
  readonly #limit: number;
  readonly #dialogs = new Map<string, TraceDialog>();

  /** @param limit Most dialogs. Default 16 384. */
  constructor(limit = 16_384) {
    this.#limit = limit;
  }

  /** All of them, in order of appearance. */
  dialogs(): TraceDialog[] {
    return [...this.#dialogs.values()];
  }

  /** Takes a message. */
  receive(sip: SipObject): void {
    const { callId, method, status } = sip;
    if (callId === undefined) return;
    const dialog = this.#dialogs.get(callId) ?? this.#begin(sip, callId);
    if (dialog === undefined) return;
    if (sip.isFocus) dialog.isFocus = true;
    if (dialog.media.length < MOST_MEDIA) dialog.media.push(...sip.media);
    if (method === "BYE" || method === "CANCEL") dialog.state = "ended";
    if (status === undefined || !/\bINVITE$/.test(sip.cseq ?? "")) return;
    if (status < 200) {
      if (status > 100 && dialog.state === "calling") dialog.state = "ringing";
    } else {
      dialog.status = status;
      dialog.reason = sip.reason;
      if (dialog.state !== "ended") dialog.state = status < 300 ? "connected" : "rejected";
    }
  }

  #begin(sip: SipObject, callId: string): TraceDialog | undefined {
    if (sip.method !== "INVITE" || this.#dialogs.size >= this.#limit) return undefined;
    const { from, to, frame, at } = sip;
    const dialog: TraceDialog = {
      callId,
      from,
      to,
      frame,
      at,
      status: undefined,
      reason: undefined,
      state: "calling",
      isFocus: false,
      media: [],
    };
    this.#dialogs.set(callId, dialog);
    return dialog;
  }
}

const MOST_MEDIA = 16;
