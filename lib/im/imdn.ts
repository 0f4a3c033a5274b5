/** Disposition notifications: what a message asks for, and the report itself (RFC 5438). */

import { utf8 } from "../base/bytes.ts";
import { PeerError } from "../base/errors.ts";
import { cpimHeader, type CpimMessage } from "./cpim_message.ts";
import type { CpimExtension } from "./cpim_writer.ts";
import { childOf, escapeXml, parseXml, type XmlElement, type XmlLimits } from "./xml_reader.ts";

/** Media type of the report. */
export const IMDN_TYPE = "message/imdn+xml";

/** Namespace of the CPIM headers. */
export const IMDN_HEADERS_NAMESPACE = "urn:ietf:params:imdn";

/** Namespace of the report's elements. */
export const IMDN_NAMESPACE = "urn:ietf:params:xml:ns:imdn";

/** What a sender may ask to be told (RFC 5438 §7.1.1.3). */
export type DispositionRequest =
  | "positive-delivery"
  | "negative-delivery"
  | "processing"
  | "display";

/** A message's wish to be reported on. */
export interface ImdnRequest {
  readonly messageId: string;
  /** Empty when nothing is asked for. Requests that nobody knows are left out. */
  readonly requests: readonly DispositionRequest[];
}

/** The wish that a CPIM message carries, if it has a `Message-ID` of RFC 5438. */
export function imdnRequestOf(message: CpimMessage): ImdnRequest | undefined {
  const messageId = cpimHeader(message, IMDN_HEADERS_NAMESPACE, "Message-ID");
  if (messageId === undefined) return undefined;
  const asked = cpimHeader(message, IMDN_HEADERS_NAMESPACE, "Disposition-Notification") ?? "";
  const words = asked.split(",").map((it) => it.trim());
  return { messageId, requests: REQUESTS.filter((it) => words.includes(it)) };
}

/** The CPIM headers that ask for reports. */
export function imdnExtension({ messageId, requests }: ImdnRequest): CpimExtension {
  return {
    prefix: "imdn",
    namespace: IMDN_HEADERS_NAMESPACE,
    headers: [
      ["Message-ID", messageId],
      ...(requests.length === 0
        ? []
        : [["Disposition-Notification", requests.join(", ")] as const]),
    ],
  };
}

/** A report (RFC 5438 §11). */
export interface Imdn {
  /** `Message-ID` of the message it is about. */
  readonly messageId: string;
  /** `DateTime` of that message, as written. */
  readonly dateTime: string;
  readonly recipientUri?: string | undefined;
  readonly originalRecipientUri?: string | undefined;
  readonly subject?: string | undefined;
  readonly notification: "delivery" | "processing" | "display";
  /** `delivered`, `failed`, `displayed`, `processed`, `stored`, `forbidden`, `error`, or an extension's name. */
  readonly status: string;
}

/**
 * Reads a report.
 *
 * @throws {PeerError} `im/bad-xml`, `im/xml-too-large`, `im/bad-imdn`.
 */
export function parseImdn(input: Uint8Array, limits: XmlLimits = {}): Imdn {
  const root = parseXml(input, limits);
  const text = (name: string): string | undefined => childOf(root, name)?.text.trim();
  const [messageId, dateTime] = [text("message-id"), text("datetime")];
  const found = NOTIFICATIONS.flatMap((notification) => {
    const status = statusOf(childOf(root, `${notification}-notification`));
    return status === undefined ? [] : [{ notification, status }];
  })[0];
  if (root.name !== "imdn" || root.namespace !== IMDN_NAMESPACE) {
    throw badImdn("expected imdn as the root");
  }
  if (messageId === undefined || dateTime === undefined || found === undefined) {
    throw badImdn("expected message-id, datetime and a notification with a status");
  }
  const [recipientUri, originalRecipientUri, subject] = [
    text("recipient-uri"),
    text("original-recipient-uri"),
    text("subject"),
  ];
  return {
    messageId,
    dateTime,
    ...(recipientUri === undefined ? {} : { recipientUri }),
    ...(originalRecipientUri === undefined ? {} : { originalRecipientUri }),
    ...(subject === undefined ? {} : { subject }),
    ...found,
  };
}

/**
 * The report's octets.
 *
 * @throws {TypeError} when `status` is not a name of lower-case letters and hyphens.
 */
export function writeImdn(imdn: Imdn): Uint8Array {
  if (!/^[a-z][a-z-]*$/.test(imdn.status)) throw new TypeError("expected a status name");
  const element = (name: string, text: string | undefined): string =>
    text === undefined ? "" : `<${name}>${escapeXml(text)}</${name}>`;
  const report = `${imdn.notification}-notification`;
  return utf8(
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
      `<imdn xmlns="${IMDN_NAMESPACE}">` +
      element("message-id", imdn.messageId) + element("datetime", imdn.dateTime) +
      element("recipient-uri", imdn.recipientUri) +
      element("original-recipient-uri", imdn.originalRecipientUri) +
      element("subject", imdn.subject) +
      `<${report}><status><${imdn.status}/></status></${report}></imdn>\n`,
  );
}

function statusOf(notification: XmlElement | undefined): string | undefined {
  return notification === undefined
    ? undefined
    : childOf(notification, "status")?.children[0]?.name;
}

function badImdn(message: string): PeerError {
  return new PeerError("im/bad-imdn", "RFC 5438 §11", message);
}

const REQUESTS: readonly DispositionRequest[] = [
  "positive-delivery",
  "negative-delivery",
  "processing",
  "display",
];
const NOTIFICATIONS = ["delivery", "processing", "display"] as const;
