import { assertEquals } from "@std/assert";
import { isAccountName, isRelayText } from "../../../lib/storage/account.ts";

Deno.test("isAccountName() and isRelayText() know what can stand there", () => {
  const names = ["work", "alice@example.com", "ü", "", "a b", "a\n", "x".repeat(65)];
  assertEquals(names.map(isAccountName), [true, true, true, false, false, false, false]);
  for (
    const text of [
      "auto",
      "none",
      "h",
      "h:1",
      "[::1]",
      "[::1]:2855",
      "192.0.2.1:65535",
      "a b:1",
      "h;ws",
      "[::1]:8443/msrp;ws a",
    ]
  ) {
    assertEquals(isRelayText(text), true, text);
  }
  for (
    const text of [
      "",
      "h:",
      "h:0",
      "h:65536",
      "::1",
      "h/x",
      "msrps://h",
      "a ".repeat(9),
      "a h;ws",
      "h/x y;ws",
      ";ws",
    ]
  ) {
    assertEquals(isRelayText(text), false, text);
  }
});
