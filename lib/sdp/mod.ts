/**
 * Session descriptions (RFC 8866), and what MSRP says, offers and answers with them
 * (RFC 3264, RFC 4975 §8, RFC 6135, RFC 8122). Pure functions over plain data.
 *
 * @module
 */

export { acceptsType, bareType, parseAcceptTypes } from "./accept_types.ts";
export {
  type CertificateFingerprint,
  type Direction,
  preferredFingerprints,
  type Setup,
} from "./attributes.ts";
export {
  acceptsRoot,
  acceptsWrapped,
  describeMsrpMedia,
  type MsrpMedia,
  type MsrpMediaChoice,
  msrpMediaOf,
  type MsrpTransport,
  parseMsrpMedia,
} from "./msrp_media.ts";
export {
  answerDirection,
  answerSetup,
  canReceive,
  canSend,
  connectingSide,
  createMsrpAnswer,
  createMsrpOffer,
  isSameEdition,
  type MsrpAnswerChoice,
  type MsrpOfferChoice,
  nextEdition,
  refuseEveryMedium,
  type SessionChoice,
} from "./offer_answer.ts";
export {
  checkMsrpAnswer,
  checkMsrpMedia,
  chooseMsrpMedia,
  type MsrpAbilities,
  type MsrpChoice,
  type MsrpRefusal,
  type MsrpRefusalReason,
} from "./refusal.ts";
export { parseSessionDescription, type SdpLimits } from "./sdp_parser.ts";
export { writeSessionDescription } from "./sdp_writer.ts";
export {
  type Attribute,
  attributeValue,
  attributeValues,
  type Bandwidth,
  type Connection,
  type MediaDescription,
  type Origin,
  type SessionDescription,
  type TimeDescription,
  type UnknownLine,
} from "./session_description.ts";
