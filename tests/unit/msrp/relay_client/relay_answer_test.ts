import { assertEquals, assertThrows } from "@std/assert";
import { passwordSecret } from "../../../../lib/auth/mod.ts";
import { PeerError } from "../../../../lib/base/errors.ts";
import {
  DEFAULT_RELAY_EXPIRES,
  readBounds,
  readChallenge,
  readGrant,
} from "../../../../lib/msrp/relay_client/relay_answer.ts";

const header = (name: string, value: string): { name: string; value: string } => ({ name, value });
const credentials = { username: "u", password: passwordSecret("p") };

Deno.test("readGrant() takes the path whole and in order, and a time where none is said", () => {
  const { usePath, expires } = readGrant([
    header("use-path", "msrps://a.example:1/x;tcp msrps://b.example:2/y;tcp"),
  ]);
  assertEquals(usePath.map((it) => it.sessionId), ["x", "y"]);
  assertEquals(expires, DEFAULT_RELAY_EXPIRES);
  const path = header("Use-Path", "msrps://a.example:1/x;tcp");
  assertEquals(readGrant([path, header("Expires", "30")]).expires, 30);
  for (const value of ["", "-1", "1.5", "1e9", "12345678901"]) {
    assertThrows(() => readGrant([path, header("Expires", value)]), PeerError);
  }
  const far = Array.from({ length: 17 }, () => "msrps://a.example:1/x;tcp").join(" ");
  assertThrows(() => readGrant([header("Use-Path", far)]), PeerError);
});

Deno.test("readBounds() finds the nearest number inside", () => {
  const min = header("Min-Expires", "60");
  const max = header("Max-Expires", "600");
  assertEquals(readBounds([min], 5), 60);
  assertEquals(readBounds([max], 5_000), 600);
  assertEquals(readBounds([min, max], 100), 100);
  assertEquals(readBounds([min, max], undefined), 600);
  assertEquals(readBounds([min], undefined), 60);
  assertEquals(readBounds([], 5), undefined);
  assertEquals(readBounds([header("Min-Expires", "700"), max], 5), undefined);
});

Deno.test("readChallenge() takes the topmost that §9.1 allows and policy accepts", () => {
  const digest = (more: string): { name: string; value: string } =>
    header("WWW-Authenticate", `Digest realm="r", nonce="n"${more}`);
  const read = (
    headers: { name: string; value: string }[],
    minimum: "md5" | "sha-256" = "md5",
  ): string | undefined => readChallenge(headers, credentials, minimum)?.algorithm;
  const strong = digest(', qop="auth", algorithm=SHA-256');
  const weak = digest(', qop="auth"');
  assertEquals(read([weak]), "MD5");
  assertEquals(read([strong, weak]), "SHA-256");
  assertEquals(read([weak, strong]), "MD5");
  assertEquals(read([weak, strong], "sha-256"), "SHA-256");
  assertEquals(read([weak], "sha-256"), undefined);
  assertEquals(read([digest(', qop="auth", algorithm=SHA-256-sess'), weak]), "MD5");
  assertThrows(() => read([]), PeerError, "WWW-Authenticate");
  assertThrows(() => read([header("WWW-Authenticate", 'Digest realm="r"')]), PeerError);
});
