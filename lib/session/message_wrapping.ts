/** Putting content into `message/cpim` for peers that want it, and taking it out (RFC 3862, RFC 4975 §8.6). */

import { PeerError } from "../base/errors.ts";
import {
  IMDN_TYPE,
  imdnExtension,
  type ImdnRequest,
  imdnRequestOf,
  parseContentType,
  parseCpim,
  unsupportedFeatures,
  writeContentType,
  writeCpim,
} from "../im/mod.ts";
import type { Arrival } from "./dispositions.ts";
import type { Content } from "./secure_chat_events.ts";

/** How a peer takes content of some type. */
export type Carriage = "cpim" | "plain" | "refused";

/** What the wrapping of one message depends on. */
export interface WrappingOptions {
  /** How the peer takes the content. `refused` goes out plain: its answer will say why not. */
  readonly carriage: Carriage;
  /** Who says it. */
  readonly from: { readonly aor: string; readonly displayName?: string };
  /** Address of record of the other side. */
  readonly to: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** What the message asks to be told, or the name of a notification (RFC 5438). */
  readonly imdn?: ImdnRequest | undefined;
}

/** The content as it goes into a SEND. */
export function wrapMessage(content: Content, options: WrappingOptions): Content {
  if (options.carriage !== "cpim") return content;
  const { from, to, at, imdn } = options;
  return {
    contentType: "message/cpim",
    body: writeCpim({
      from: {
        uri: `sip:${from.aor}`,
        ...(from.displayName !== undefined ? { name: from.displayName } : {}),
      },
      to: [{ uri: `sip:${to}` }],
      dateTime: new Date(at).toISOString(),
      ...(imdn === undefined ? {} : { extensions: [imdnExtension(imdn)] }),
      // RFC 5438 §7.2.1: so that nobody takes a notification for words.
      ...(content.contentType === IMDN_TYPE
        ? { contentHeaders: [["Content-Disposition", "notification"]] }
        : {}),
      contentType: parseContentType(content.contentType),
      body: content.body,
    }),
  };
}

/** Content as it came, and what the wrapper says of it (nobody vouches for that). */
export interface UnwrappedMessage extends Omit<Arrival, "id"> {
  readonly content: Content;
}

/**
 * Takes content out of the CPIM it may be in.
 *
 * @throws {PeerError} `im/…` when the wrapper cannot be read, `session/cpim-feature` when
 * it requires something that nobody here understands (RFC 3862 §4.7).
 */
export function unwrapMessage(content: Content): UnwrappedMessage {
  if (!/^message\/cpim\s*(;|$)/i.test(content.contentType)) return { content };
  const message = parseCpim(content.body);
  const [unknown] = unsupportedFeatures(message);
  if (unknown !== undefined) {
    throw new PeerError(
      "session/cpim-feature",
      "RFC 3862 §4.7",
      `the message requires the feature ${JSON.stringify(unknown.name)}`,
    );
  }
  return {
    content: { contentType: writeContentType(message.contentType), body: message.body },
    ...(message.from !== undefined ? { from: message.from.uri } : {}),
    to: message.to.map((it) => it.uri),
    dateTime: message.dateTime,
    imdn: imdnRequestOf(message),
  };
}
