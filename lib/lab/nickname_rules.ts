/** When two nicknames are one (RFC 7700 §2.3, as far as the platform's Unicode goes). */

/**
 * The form in which nicknames are compared: spaces of every kind as one, none at the ends,
 * in lower case, compatibility characters resolved. Empty when nothing would be left to see,
 * or when a control character is in it (§2.1).
 */
export function comparableNickname(nickname: string): string {
  if (/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}]/u.test(nickname)) return "";
  const folded = nickname.replace(/\p{Zs}+/gu, " ").trim().toLowerCase().normalize("NFKC");
  // Compatibility forms may hold spaces and capitals of their own.
  return folded.replace(/\p{Zs}+/gu, " ").trim().toLowerCase().normalize("NFKC");
}
