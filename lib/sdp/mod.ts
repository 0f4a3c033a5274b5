/**
 * Session descriptions (RFC 8866), and what MSRP says, offers and answers with them
 * (RFC 3264, RFC 4975 §8, RFC 6135, RFC 8122, RFC 5547). Pure functions over plain data.
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
  answeredFile,
  fileAttributes,
  type FileDates,
  type FileDescription,
  type FileRange,
  isSameFile,
  judgeTransfer,
  parseFileDescription,
  parseFileRange,
} from "./file_attributes.ts";
export {
  type FileHash,
  type FileSelector,
  parseFileSelector,
  writeFileSelector,
} from "./file_selector.ts";
export { CHATROOM_TOKENS, chatroomAttribute, parseChatroom } from "./chatroom.ts";
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
  type AcceptedMedium,
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
  refused,
  refuseEveryMedium,
  type SessionChoice,
} from "./offer_answer.ts";
export {
  checkMsrpAnswer,
  checkMsrpMedia,
  chooseMsrpMedia,
  movesFile,
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
export { answersCema, type CemaAddress, cemaAddress, pathPlaces } from "./msrp_cema.ts";
