import { assertEquals, assertFalse } from "@std/assert";
import { Secret } from "../../../lib/base/secret.ts";

Deno.test("Secret shows itself nowhere", () => {
  const secret = new Secret(new TextEncoder().encode("hunter2"));
  for (
    const shown of [
      JSON.stringify({ secret }),
      `${secret}`,
      Deno.inspect(secret),
      Deno.inspect({ nested: [secret] }),
    ]
  ) {
    assertFalse(/hunter2|104, 117|68756e/.test(shown), shown);
  }
  assertEquals(Deno.inspect(secret), "Secret(7 bytes)");
});

Deno.test("Secret lends its bytes", () => {
  const secret = new Secret(Uint8Array.of(1, 2, 3));
  assertEquals(secret.expose((bytes) => [...bytes]), [1, 2, 3]);
  assertEquals(secret.length, 3);
});

Deno.test("Secret overwrites its bytes when its scope ends", () => {
  const bytes = Uint8Array.of(1, 2, 3);
  {
    using secret = new Secret(bytes);
    assertEquals(secret.expose((it) => it[0]), 1);
  }
  assertEquals(bytes, new Uint8Array(3));
});
