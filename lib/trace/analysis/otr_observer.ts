/**
 * OTR as anybody on the path sees it: what each message is, its instance tags, key ids and
 * counters, and how far the two sides have come. Nothing is decrypted.
 */
import { toHex } from "../../base/bytes.ts";
import { type OtrMessage, parseOtrMessage } from "../../otr/mod.ts";
import { type Finding, findingOf } from "../finding.ts";
import { FragmentCollector } from "./fragment_collector.ts";
import type { MessageObject, OtrObject, OtrTraceState } from "./trace_object.ts";

/** What {@link OtrObserver.observe} saw. */
export interface OtrObservation {
  readonly objects: readonly OtrObject[];
  readonly findings: readonly Finding[];
}

/** Follows the OTR conversations of a trace. Memory: `limit` conversations and the fragments in flight. */
export class OtrObserver {
  readonly #limit: number;
  readonly #states = new Map<string, OtrTraceState>();
  readonly #fragments = new FragmentCollector();

  /** @param limit Most conversations whose state is known. Default 65 536; the oldest goes. */
  constructor(limit = 65_536) {
    this.#limit = limit;
  }

  /**
   * Looks at a message's text.
   *
   * @param conversation Names the two parties, in whichever direction.
   * @param direction Names the sender within it.
   * @param message Carries the text.
   */
  observe(conversation: string, direction: string, message: MessageObject): OtrObservation {
    const text = message.text ?? "";
    const isOrdinary = !mayBeOtr(text) && this.#states.get(conversation) !== "encrypted";
    if (isOrdinary) return NOTHING;
    const objects: OtrObject[] = [];
    const findings: Finding[] = [];
    const seen = parseOtrMessage(text);
    this.#tell(seen, conversation, message, objects, findings);
    if (seen.type === "fragment") {
      const whole = this.#fragments.receive(`${conversation} ${direction}`, seen);
      if (whole !== undefined) {
        const joined = parseOtrMessage(whole);
        this.#tell(joined, conversation, message, objects, findings, seen.n);
      }
    }
    return { objects, findings };
  }

  #tell(
    seen: OtrMessage,
    conversation: string,
    message: MessageObject,
    objects: OtrObject[],
    findings: Finding[],
    fragments?: number,
  ): void {
    const before = this.#states.get(conversation) ?? "plaintext";
    const { frame, at, src, dst, messageId, session, callId } = message;
    if (seen.type === "plaintext") {
      if (before !== "encrypted") return;
      findings.push({ ...PLAINTEXT_AFTER_ENCRYPTED, frame, at });
      this.#remember(conversation, "plaintext");
      return;
    }
    if (seen.type === "malformed") findings.push(findingOf(seen.error, { frame, at }));
    const state = stateAfter(before, seen);
    this.#remember(conversation, state);
    const details = { ...detailsOf(seen), ...(fragments !== undefined && { fragments }) };
    objects.push({
      type: "otr",
      frame,
      at,
      src,
      dst,
      messageId: message.via === "msrp" ? messageId : undefined,
      session,
      callId,
      kind: seen.type,
      ...versionAndTags(seen),
      details,
      state,
    });
  }

  #remember(conversation: string, state: OtrTraceState): void {
    this.#states.delete(conversation);
    if (this.#states.size >= this.#limit) {
      const [oldest = ""] = this.#states.keys();
      this.#states.delete(oldest);
    }
    this.#states.set(conversation, state);
  }
}

/** Whether a text is an OTR message, whatever its form. */
export function isOtrText(text: string): boolean {
  return mayBeOtr(text) && parseOtrMessage(text).type !== "plaintext";
}

/** A quick look: every form has the mark in it, or the tabs of the whitespace tag. */
function mayBeOtr(text: string): boolean {
  return text.includes("?OTR") || text.includes("\t");
}

const NOTHING: OtrObservation = { objects: [], findings: [] };

function stateAfter(before: OtrTraceState, seen: OtrMessage): OtrTraceState {
  switch (seen.type) {
    case "query":
    case "tagged-plaintext":
      return before === "plaintext" ? "offered" : before;
    case "dh-commit":
    case "dh-key":
    case "reveal-signature":
      return "negotiating";
    case "signature":
    case "data":
      return "encrypted";
    default:
      return before;
  }
}

function versionAndTags(
  seen: OtrMessage,
): Pick<OtrObject, "version" | "senderInstance" | "receiverInstance"> {
  if (!("version" in seen)) {
    return { version: undefined, senderInstance: undefined, receiverInstance: undefined };
  }
  const tags = "senderTag" in seen && seen.version === 3
    ? { senderInstance: instance(seen.senderTag), receiverInstance: instance(seen.receiverTag) }
    : { senderInstance: undefined, receiverInstance: undefined };
  return { version: seen.version, ...tags };
}

function instance(tag: number): string {
  return tag.toString(16).padStart(8, "0");
}

function detailsOf(seen: OtrMessage): OtrObject["details"] {
  switch (seen.type) {
    case "query":
    case "tagged-plaintext":
      return { versions: seen.versions.map(String) };
    case "error":
      return { text: seen.text.trim() };
    case "fragment":
      return { k: seen.k, n: seen.n, octets: seen.piece.length };
    case "dh-commit":
      return { encryptedGxOctets: seen.encryptedGx.length, hashedGx: toHex(seen.hashedGx) };
    case "dh-key":
      return { gyOctets: seen.gy.length };
    case "reveal-signature":
      return {
        revealedKeyOctets: seen.revealedKey.length,
        encryptedSignatureOctets: seen.encryptedSignature.length,
      };
    case "signature":
      return { encryptedSignatureOctets: seen.encryptedSignature.length };
    case "data":
      return {
        flags: seen.flags,
        ignoreUnreadable: (seen.flags & 1) !== 0,
        senderKeyId: seen.senderKeyId,
        recipientKeyId: seen.recipientKeyId,
        nextDhOctets: seen.nextDh.length,
        counter: toHex(seen.counter),
        encryptedOctets: seen.encryptedMessage.length,
        revealedMacKeys: Math.floor(seen.oldMacKeys.length / 20),
      };
    case "unknown":
      return { messageType: seen.messageType, octets: seen.bytes.length };
    default:
      return {};
  }
}

const PLAINTEXT_AFTER_ENCRYPTED = {
  id: "OTR-plaintext-after-encrypted",
  severity: "warning",
  clause: "OTRv3 The protocol state machine",
  message: "a message in plaintext where the messages before it were encrypted",
} as const;
