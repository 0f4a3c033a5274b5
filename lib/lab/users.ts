/** Who may register and call: names and passwords, from flags or from a file of lines. */

import { type DigestCredentials, passwordSecret } from "../auth/mod.ts";
import { SottoError } from "../base/errors.ts";
import { escapeText } from "../base/escape.ts";
import type { Secret } from "../base/secret.ts";
import { escapeUser } from "../sip/mod.ts";

/** Somebody with an account at the lab. */
export interface LabUser {
  /** The user part of the address of record, and the name that digest authentication asks for. */
  readonly name: string;
  readonly password: Secret;
}

/** Most accounts of one lab. */
export const MOST_LAB_USERS = 10_000;

/**
 * Reads `NAME:PASSWORD`. The first colon divides: a password may hold others.
 *
 * @param where What the message of an error begins with: `--user`, or the line of a file.
 * @throws {SottoError} `lab/bad-user`; the message never shows the password.
 */
export function parseLabUser(text: string, where = "user"): LabUser {
  const colon = text.indexOf(":");
  if (colon < 0) throw badUser(where, "expected NAME:PASSWORD, found no colon");
  const name = text.slice(0, colon);
  if (name === "" || escapeUser(name) !== name || name.length > LONGEST_NAME) {
    throw badUser(where, `expected the user part of an address, found "${escapeText(name, 64)}"`);
  }
  const password = text.slice(colon + 1);
  if (password === "") throw badUser(where, `${name} has no password`);
  return { name, password: passwordSecret(password) };
}

/**
 * Reads a file of accounts: one `NAME:PASSWORD` a line; empty lines and lines that begin with
 * `#` are skipped.
 *
 * @param source Name of the file, for messages.
 * @throws {SottoError} `lab/bad-user` with the line; also for a name that occurs twice, and
 * for more than {@link MOST_LAB_USERS}.
 */
export function parseLabUsers(text: string, source = "users"): LabUser[] {
  const users = new Map<string, LabUser>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const where = `${source}, line ${index + 1}`;
    const user = parseLabUser(line, where);
    if (users.has(user.name)) throw badUser(where, `${user.name} has an account already`);
    if (users.size >= MOST_LAB_USERS) throw badUser(where, `more than ${MOST_LAB_USERS} accounts`);
    users.set(user.name, user);
  }
  return [...users.values()];
}

/** What digest authentication asks: the credentials of a user by name. */
export function credentialsOf(
  users: readonly LabUser[],
): (username: string) => DigestCredentials | undefined {
  const byName = new Map(users.map((it) => [it.name, it]));
  return (username) => {
    const user = byName.get(username);
    return user === undefined ? undefined : { username, password: user.password };
  };
}

function badUser(where: string, what: string): SottoError {
  return new SottoError("lab/bad-user", `${where}: ${what}`);
}

/** Octets of a name: far above any that somebody types. */
const LONGEST_NAME = 128;
