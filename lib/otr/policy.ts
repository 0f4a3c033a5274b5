/** Which versions are spoken, when to start, when to insist ("Policies"). */

/** A version of the protocol that we speak. */
export type OtrVersion = 2 | 3;

/** What a conversation may and must do. */
export interface OtrPolicy {
  /** ALLOW_V2 and ALLOW_V3. Empty: OTR is off and text passes untouched. */
  readonly versions: readonly OtrVersion[];
  /** REQUIRE_ENCRYPTION: refuse to send unencrypted messages. */
  readonly requireEncryption: boolean;
  /** SEND_WHITESPACE_TAG: advertise OTR in plaintext messages. */
  readonly sendWhitespaceTag: boolean;
  /** WHITESPACE_START_AKE: answer such an advertisement with an AKE. */
  readonly whitespaceStartAke: boolean;
  /** ERROR_START_AKE: answer an error message with a query. */
  readonly errorStartAke: boolean;
}

/** What most people want: both versions, everything else only when asked. */
export const DEFAULT_POLICY: OtrPolicy = {
  versions: [3, 2],
  requireEncryption: false,
  sendWhitespaceTag: false,
  whitespaceStartAke: true,
  errorStartAke: false,
};

/**
 * The highest version that both allow, version 3 before 2 ("Receiving a Query Message"),
 * or `undefined` when there is none.
 */
export function chooseVersion(
  offered: readonly string[],
  policy: OtrPolicy,
): OtrVersion | undefined {
  return ([3, 2] as const).find((it) => policy.versions.includes(it) && offered.includes(`${it}`));
}
