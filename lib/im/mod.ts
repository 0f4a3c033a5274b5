/**
 * What messages contain: content types, `message/cpim` (RFC 3862), "is composing"
 * (RFC 3994), disposition notifications (RFC 5438), and HTML as text.
 *
 * @module
 */

export { ComposingReceiver } from "./composing_receiver.ts";
export { ComposingSender, type ComposingSenderOptions } from "./composing_sender.ts";
export {
  charsetOf,
  type ContentType,
  type ContentTypeLimits,
  contentTypeName,
  type ContentTypeParameter,
  contentTypeParameter,
  decodeText,
  parseContentType,
  TEXT_PLAIN,
  writeContentType,
} from "./content_type.ts";
export {
  CPIM_NAMESPACE,
  type CpimAddress,
  type CpimHeader,
  cpimHeader,
  type CpimMessage,
  type CpimName,
  type CpimSubject,
  unsupportedFeatures,
} from "./cpim_message.ts";
export { type CpimLimits, parseCpim } from "./cpim_parser.ts";
export { type CpimContent, type CpimExtension, writeCpim } from "./cpim_writer.ts";
export { type HtmlLimits, htmlToText } from "./html_to_text.ts";
export {
  type DispositionRequest,
  type Imdn,
  IMDN_HEADERS_NAMESPACE,
  IMDN_NAMESPACE,
  IMDN_TYPE,
  imdnExtension,
  type ImdnRequest,
  imdnRequestOf,
  parseImdn,
  writeImdn,
} from "./imdn.ts";
export {
  IS_COMPOSING_NAMESPACE,
  IS_COMPOSING_TYPE,
  type IsComposing,
  parseIsComposing,
  writeIsComposing,
} from "./is_composing.ts";
export type { XmlLimits } from "./xml_reader.ts";
