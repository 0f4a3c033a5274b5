/** What this user agent says it can do (RFC 3261 §11.2, §20.5, §20.37). */

import type { HeaderField } from "../message/message.ts";
import { SERVED_METHODS } from "../message/method.ts";

/** The only kind of session description spoken here. */
export const SDP_TYPE = "application/sdp";

/** Option tags of extensions that are understood (RFC 3262, RFC 4028). */
export const SUPPORTED_OPTIONS: readonly string[] = ["100rel", "timer"];

/** The Allow header field. */
export const ALLOW: HeaderField = { name: "Allow", value: SERVED_METHODS.join(", ") };

/** The Supported header field. */
export const SUPPORTED: HeaderField = { name: "Supported", value: SUPPORTED_OPTIONS.join(", ") };

/** The Accept header field. */
export const ACCEPT: HeaderField = { name: "Accept", value: SDP_TYPE };
