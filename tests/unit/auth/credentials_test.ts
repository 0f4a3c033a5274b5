import { assertEquals } from "@std/assert";
import { passwordSecret, plainHa1 } from "../../../lib/auth/credentials.ts";
import { ascii } from "../../../lib/base/ascii.ts";
import { Secret } from "../../../lib/base/secret.ts";

Deno.test("plainHa1() hashes name, realm and password", () => {
  // RFC 2617 §3.5, where H(A1) is also known: 939e7578ed9e3c518a452acee763bce9.
  const credentials = { username: "Mufasa", password: passwordSecret("Circle Of Life") };
  assertEquals(
    plainHa1(credentials, "testrealm@host.com", "MD5"),
    "939e7578ed9e3c518a452acee763bce9",
  );
});

Deno.test("plainHa1() prefers a kept hash, and has none of another kind", () => {
  const ha1 = { "MD5": new Secret(ascii("939E7578ED9E3C518A452ACEE763BCE9")) };
  assertEquals(plainHa1({ username: "a", ha1 }, "r", "MD5"), "939e7578ed9e3c518a452acee763bce9");
  assertEquals(plainHa1({ username: "a", ha1 }, "r", "SHA-256"), undefined);
  assertEquals(plainHa1({ username: "a" }, "r", "MD5"), undefined);
});

Deno.test("passwordSecret() composes what was typed decomposed", () => {
  const hex = (it: Secret) => it.expose((octets) => [...octets].join(" "));
  assertEquals(hex(passwordSecret("a\u0308")), "195 164");
  assertEquals(hex(passwordSecret("\u00e4")), "195 164");
});
