import { assertEquals, assertThrows } from "@std/assert";
import { SottoError } from "../../../lib/base/errors.ts";
import { MOST_LAB_USERS, parseLabUser, parseLabUsers } from "../../../lib/lab/users.ts";

const passwordOf = (text: string): string =>
  parseLabUser(text).password.expose((it) => new TextDecoder().decode(it));

Deno.test("parseLabUser() divides at the first colon", () => {
  assertEquals(parseLabUser("alice:secret").name, "alice");
  assertEquals(passwordOf("alice:se:cret "), "se:cret ");
  assertEquals(passwordOf("alice:grün"), "grün");
});

Deno.test("parseLabUser() refuses what is no user part, and never shows the password", () => {
  for (
    const text of [
      "alice",
      ":secret",
      "al ice:secret",
      "al@ice:secret",
      `${"a".repeat(129)}:secret`,
    ]
  ) {
    const error = assertThrows(() => parseLabUser(text, "--user"), SottoError);
    assertEquals(error.code, "lab/bad-user");
    assertEquals(error.message.includes("secret"), false, error.message);
    assertEquals(error.message.startsWith("--user: "), true);
  }
  assertEquals(assertThrows(() => parseLabUser("alice:"), SottoError).code, "lab/bad-user");
});

Deno.test("parseLabUsers() skips comments and empty lines, whatever the line ends", () => {
  const users = parseLabUsers("# people\r\nalice:a\r\n\r\nbob:b#c\n");
  assertEquals(users.map((it) => it.name), ["alice", "bob"]);
});

Deno.test("parseLabUsers() names the line of a mistake", () => {
  const twice = assertThrows(
    () => parseLabUsers("alice:a\n#\nalice:b\n", "people.txt"),
    SottoError,
  );
  assertEquals(twice.message, "people.txt, line 3: alice has an account already");
  const many = Array.from({ length: MOST_LAB_USERS + 1 }, (_, it) => `u${it}:p`).join("\n");
  const error = assertThrows(() => parseLabUsers(many), SottoError);
  assertEquals(
    error.message,
    `users, line ${MOST_LAB_USERS + 1}: more than ${MOST_LAB_USERS} accounts`,
  );
});
