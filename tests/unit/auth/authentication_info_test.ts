import { assertEquals, assertThrows } from "@std/assert";
import {
  parseAuthenticationInfo,
  writeAuthenticationInfo,
} from "../../../lib/auth/authentication_info.ts";
import { PeerError } from "../../../lib/base/errors.ts";

Deno.test("writeAuthenticationInfo() quotes nextnonce, rspauth and cnonce alone", () => {
  const info = { nextnonce: "n", qop: "auth", rspauth: "0a", cnonce: "c", nc: "00000001" } as const;
  const text = 'nextnonce="n", qop=auth, rspauth="0a", cnonce="c", nc=00000001';
  assertEquals(writeAuthenticationInfo(info), text);
  assertEquals(parseAuthenticationInfo(text), info);
  assertEquals(writeAuthenticationInfo({}), "");
});

Deno.test("parseAuthenticationInfo() refuses what it cannot read", () => {
  for (
    const text of ["qop=all", "rspauth=xyz", "nc=1", 'nc="00000001,2"', 'rspauth="', "rspauth"]
  ) {
    const error = assertThrows(() => parseAuthenticationInfo(text), PeerError);
    assertEquals([error.code, error.rule], ["auth/bad-authentication-info", "RFC 7616 §3.5"]);
  }
});
