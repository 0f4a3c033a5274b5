import { assert, assertEquals } from "@std/assert";
import { ServerNonces } from "../../../lib/auth/server_nonces.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

Deno.test("ServerNonces.use() takes each count once, in any order within 32", () => {
  const nonces = new ServerNonces(seededRandom(1));
  const nonce = nonces.issue(0);
  const use = (count: number) => nonces.use(nonce, count, "c", 10);
  assertEquals([1, 3, 2, 2, 1, 3].map(use), [
    "fresh",
    "fresh",
    "fresh",
    "replayed",
    "replayed",
    "replayed",
  ]);
  assertEquals([34, 4, 3, 2, 34].map(use), ["fresh", "fresh", "replayed", "replayed", "replayed"]);
  assertEquals([100, 99, 69, 68, 34].map(use), ["fresh", "fresh", "fresh", "replayed", "replayed"]);
  assertEquals(use(0), "replayed");
});

Deno.test("ServerNonces.use() takes a nonce without counts once", () => {
  const nonces = new ServerNonces(seededRandom(1));
  const nonce = nonces.issue(0);
  assertEquals(nonces.use(nonce, undefined, "", 0), "fresh");
  assertEquals(nonces.use(nonce, undefined, "", 0), "replayed");
});

Deno.test("ServerNonces.use() knows its own nonces, and how old they are", () => {
  const nonces = new ServerNonces(seededRandom(1), { nonceLifetime: 1000 });
  const nonce = nonces.issue(5000.5);
  assertEquals(nonces.use(nonce, 1, "c", 6000), "fresh");
  assertEquals(nonces.use(nonce, 2, "c", 6001), "stale");
  const other = new ServerNonces(seededRandom(2)).issue(5000);
  assertEquals(nonces.use(other, 1, "c", 5000), "stale");
  const forged = nonce.replace(/^.{12}/, "0000000fffff");
  for (const wrong of [forged, "", nonce.slice(1), `${nonce}0`]) {
    assertEquals(nonces.use(wrong, 1, "c", 5000), "stale");
  }
});

Deno.test("ServerNonces.firstCnonce() is that of the first use", () => {
  const nonces = new ServerNonces(seededRandom(1));
  const nonce = nonces.issue(0);
  assertEquals(nonces.firstCnonce(nonce), undefined);
  nonces.use(nonce, 1, "first", 0);
  nonces.use(nonce, 2, "second", 0);
  assertEquals(nonces.firstCnonce(nonce), "first");
});

Deno.test("ServerNonces remembers a bounded number, and what it forgot cannot be replayed", () => {
  const nonces = new ServerNonces(seededRandom(1), { maxNonces: 3 });
  const issued = Array.from({ length: 5 }, (_, at) => nonces.issue(at));
  for (const nonce of issued) {
    assertEquals(nonces.use(nonce, 1, "c", 10), "fresh");
    assert(nonces.size <= 3);
  }
  assertEquals(issued.map((it) => nonces.use(it, 1, "c", 10)), [
    "stale",
    "stale",
    "replayed",
    "replayed",
    "replayed",
  ]);
});

Deno.test("ServerNonces makes room by forgetting what has expired first", () => {
  const nonces = new ServerNonces(seededRandom(1), { maxNonces: 2, nonceLifetime: 100 });
  const [old, young] = [nonces.issue(0), nonces.issue(90)];
  nonces.use(young, 1, "c", 95);
  nonces.use(old, 1, "c", 95);
  nonces.use(nonces.issue(150), 1, "c", 150);
  assertEquals(nonces.size, 2);
  assertEquals(nonces.use(young, 2, "c", 150), "fresh");
});
