import { assertEquals, assertThrows } from "@std/assert";
import { CliError } from "../../../../cli/output/cli_error.ts";
import {
  ANONYMOUS,
  listenAddresses,
  parseIdentity,
  parseTarget,
} from "../../../../cli/session/addresses.ts";
import { writeUri } from "../../../../lib/sip/mod.ts";
import { readFlags } from "../../../helpers/session_flags.ts";

Deno.test("parseTarget() takes URIs as they are, and bare addresses", () => {
  for (
    const [text, uri, aor] of [
      ["bob@Example.com", "sip:bob@example.com", "bob@example.com"],
      ["sips:bob@example.com", "sips:bob@example.com", "bob@example.com"],
      ["sip:b%6Fb@[::1]:5070;transport=tcp", "sip:b%6Fb@[::1]:5070;transport=tcp", "bob@[::1]"],
      ["sip:192.0.2.7", "sip:192.0.2.7", "192.0.2.7"],
    ] as const
  ) {
    const target = parseTarget(text);
    assertEquals([writeUri(target.uri).toLowerCase(), target.aor], [uri.toLowerCase(), aor], text);
  }
});

Deno.test("parseTarget() says what it expects instead of a name, another scheme, or half an address", () => {
  for (const text of ["bob", "tel:+1", "bob@", "sip:", "http://bob@example.com/", ""]) {
    const error = assertThrows(() => parseTarget(text), CliError, "expected a SIP address");
    assertEquals(error.status, 2, text);
  }
});

Deno.test("parseIdentity() is anonymous unless somebody says who we are", () => {
  assertEquals(parseIdentity(undefined).aor, ANONYMOUS);
  assertEquals(parseIdentity("sip:alice@Example.com").aor, "alice@example.com");
  assertThrows(() => parseIdentity("alice"), CliError, "--from");
});

Deno.test("listenAddresses() has a default for answerers alone", () => {
  const at = (kind: "call" | "answer", ...args: string[]): string[] =>
    listenAddresses(readFlags(kind, ...args), kind).map((it) =>
      `${it.host} ${it.port} ${it.transport}`
    );
  assertEquals(at("call"), []);
  assertEquals(at("answer"), ["127.0.0.1 5060 udp", "127.0.0.1 5060 tcp"]);
  assertEquals(
    at("answer", "--listen", "[::1]:7", "--listen", "127.0.0.1:8;transport=tls"),
    ["::1 7 udp", "::1 7 tcp", "127.0.0.1 8 tls"],
  );
});
