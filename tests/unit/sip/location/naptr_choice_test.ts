import { assertEquals } from "@std/assert";
import { servicesOf } from "../../../../lib/sip/location/naptr_choice.ts";
import { naptrRule } from "../../../helpers/locating.ts";

const ALL = ["tls", "tcp", "udp"] as const;

function choose(
  rules: readonly string[],
  isSecure = false,
  transports: readonly ("tls" | "tcp" | "udp")[] = ALL,
): string[] {
  return servicesOf(rules.map(naptrRule), isSecure, transports)
    .map(({ transport, name }) => `${transport} ${name}`);
}

Deno.test("servicesOf() answers the lowest order alone, by preference", () => {
  assertEquals(
    choose(["20 1 s SIPS+D2T a", "10 9 s SIP+D2U b", "10 5 s SIP+D2T c"]),
    ["tcp c", "udp b"],
  );
});

Deno.test("servicesOf() passes over orders that have nothing for us", () => {
  const rules = ["1 1 s SIPS+D2T a", "2 1 s SIP+D2S b", "3 1 s SIP+D2U c"];
  assertEquals(choose(rules, false, ["udp"]), ["udp c"]);
  assertEquals(choose(rules, true), ["tls a"]);
  assertEquals(choose(rules, true, ["udp"]), []);
  assertEquals(choose([]), []);
});

Deno.test("servicesOf() discards rules with an expression, another flag, or no usable name", () => {
  assertEquals(choose(["1 1 a SIP+D2U a", "1 1  SIP+D2U a", "1 1 s SIP+D2U ."]), []);
  assertEquals(choose(["1 1 s SIP+D2U a !x!y!", "1 1 s SIP+D2U a\u001b[2J"]), []);
});
