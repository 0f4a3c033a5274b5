/** The escapes of CPIM header values (RFC 3862 §2.3). */

/** Undoes escapes. Unknown ones stand for the character after the backslash; a last lone backslash for nothing. */
export function unescapeCpim(text: string): string {
  return text.replace(
    /\\(?:u([0-9A-Fa-f]{4})|(.)|$)/gsu,
    (_, code?: string, character?: string) => {
      if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
      return character === undefined ? "" : SPECIAL[character] ?? character;
    },
  );
}

/** Escapes what must be: backslash and control characters (RFC 3862 §2.3.1). */
export function escapeCpim(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/[\\\u0000-\u001f\u007f]/g, escapeCharacter);
}

/** The same for text between double quotes. */
export function escapeCpimString(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/[\\"\u0000-\u001f\u007f]/g, escapeCharacter);
}

function escapeCharacter(character: string): string {
  const short = Object.entries(SPECIAL).find(([, it]) => it === character)?.[0];
  if (short !== undefined) return `\\${short}`;
  if (character === "\\" || character === '"') return `\\${character}`;
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

const SPECIAL: Readonly<Record<string, string | undefined>> = {
  b: "\b",
  t: "\t",
  n: "\n",
  r: "\r",
};
