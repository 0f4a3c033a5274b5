/** libotr's `otr.private_key`: DSA keys of several accounts in one s-expression. */
import { ascii, latin1 } from "../../base/ascii.ts";
import { concatBytes, decodeUtf8, fromHex, toHex, utf8 } from "../../base/bytes.ts";
import { SottoError } from "../../base/errors.ts";
import { DsaPrivateKey } from "../../otr/mod.ts";
import {
  findList,
  findLists,
  parseSExpression,
  type SExpression,
  writeSExpressionString,
} from "./s_expression.ts";

/** The key of one account. */
export interface LibotrAccountKey {
  /** As the program names the account, for example `alice@example.com`. */
  readonly account: string;
  /** As the program names the protocol, for example `prpl-jabber`. */
  readonly protocol: string;
  readonly key: DsaPrivateKey;
}

/** Whether `bytes` look like this format. */
export function isLibotrPrivateKeys(bytes: Uint8Array): boolean {
  return /^\s*\(\s*privkeys\b/.test(latin1(bytes.subarray(0, 256)));
}

/**
 * Reads every key of the file.
 * @throws {SottoError} `storage/bad-s-expression`, `storage/unreadable-key`, `otr/bad-private-key`.
 */
export function parseLibotrPrivateKeys(bytes: Uint8Array): LibotrAccountKey[] {
  const accounts = findLists([parseSExpression(bytes)], "privkeys").flatMap((it) =>
    findLists(it, "account")
  );
  if (accounts.length === 0) throw badFile("expected (privkeys (account …)), found no account");
  return accounts.map((account) => {
    const dsa = findList(findList(account, "private-key") ?? [], "dsa");
    if (dsa === undefined) throw badFile("expected a DSA key for each account");
    const number = (name: string): bigint => {
      const value = stringOf(findList(dsa, name));
      if (value === undefined || value.length === 0) throw badFile(`expected a number ${name}`);
      return BigInt(`0x${toHex(value)}`);
    };
    return {
      account: textOf(findList(account, "name")),
      protocol: textOf(findList(account, "protocol")),
      key: DsaPrivateKey.fromNumbers({
        p: number("p"),
        q: number("q"),
        g: number("g"),
        y: number("y"),
        x: number("x"),
      }),
    };
  });
}

/** Writes the file as libotr does, octet for octet. The result is secret. */
export function writeLibotrPrivateKeys(
  keys: readonly LibotrAccountKey[],
): Uint8Array<ArrayBuffer> {
  const accounts = keys.map(({ account, protocol, key }) => {
    const numbers = key.exposeNumbers();
    const lines = (["p", "q", "g", "y", "x"] as const).map((name) =>
      `  (${name} #${signedHex(numbers[name])}#)\n`
    );
    return concatBytes(
      ascii(` (account\n(name ${writeSExpressionString(utf8(account))})\n`),
      ascii(`(protocol ${writeSExpressionString(utf8(protocol))})\n`),
      ascii(`(private-key \n (dsa \n${lines.join("")}  )\n )\n )\n`),
    );
  });
  return concatBytes(ascii("(privkeys\n"), ...accounts, ascii(")\n"));
}

/** libgcrypt prints numbers as signed: a zero octet in front of a high bit. */
function signedHex(value: bigint): string {
  const digits = value.toString(16).toUpperCase();
  const even = digits.length % 2 === 0 ? digits : `0${digits}`;
  return (fromHex(even.slice(0, 2))[0] ?? 0) >= 0x80 ? `00${even}` : even;
}

function stringOf(list: readonly SExpression[] | undefined): Uint8Array | undefined {
  const [value] = list ?? [];
  return value instanceof Uint8Array ? value : undefined;
}

function textOf(list: readonly SExpression[] | undefined): string {
  const value = stringOf(list) ?? new Uint8Array();
  return decodeUtf8(value) ?? latin1(value);
}

function badFile(message: string): SottoError {
  return new SottoError("storage/unreadable-key", `libotr private keys: ${message}`);
}
