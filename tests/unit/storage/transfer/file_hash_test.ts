import { assertEquals } from "@std/assert";
import { FileHasher } from "../../../../lib/storage/transfer/file_hash.ts";

Deno.test("FileHasher gives FIPS 180-4's digests of abc, however it is cut", () => {
  for (const pieces of [["abc"], ["a", "", "bc"]]) {
    const hasher = new FileHasher();
    for (const piece of pieces) hasher.update(new TextEncoder().encode(piece));
    assertEquals(hasher.length, 3);
    assertEquals(hasher.digests(), [
      { algorithm: "sha-1", value: "a9993e364706816aba3e25717850c26c9cd0d89d" },
      {
        algorithm: "sha-256",
        value: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
      },
    ]);
  }
});

Deno.test("FileHasher leaves out what it does not know", () => {
  assertEquals(new FileHasher(["md5", "sha-1"]).digests().map((it) => it.algorithm), ["sha-1"]);
  assertEquals(new FileHasher(["constructor"]).digests(), []);
});
