import { assertEquals } from "@std/assert";
import { attributeValue, attributeValues } from "../../../lib/sdp/session_description.ts";

const ATTRIBUTES = [
  { name: "recvonly" },
  { name: "fingerprint", value: "sha-1 00" },
  { name: "fingerprint", value: "sha-256 11" },
];

Deno.test("attributeValue() tells a property from a missing attribute", () => {
  assertEquals(attributeValue(ATTRIBUTES, "recvonly"), "");
  assertEquals(attributeValue(ATTRIBUTES, "sendonly"), undefined);
  assertEquals(attributeValue(ATTRIBUTES, "fingerprint"), "sha-1 00");
});

Deno.test("attributeValues() collects every value in order", () => {
  assertEquals(attributeValues(ATTRIBUTES, "fingerprint"), ["sha-1 00", "sha-256 11"]);
  assertEquals(attributeValues(ATTRIBUTES, "path"), []);
});
