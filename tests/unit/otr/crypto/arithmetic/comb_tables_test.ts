import { assertEquals } from "@std/assert";
import { CombTables } from "../../../../../lib/otr/crypto/arithmetic/comb_tables.ts";

/** Looks a base up and tells where its table is and whether it was made just now. */
function find(tables: CombTables, base: bigint, modulus = 101n): [number | undefined, boolean] {
  let isNew = false;
  const at = tables.find(base, modulus, () => isNew = true);
  return [at, isNew];
}

Deno.test("CombTables makes a table at the first use after it was wanted, and keeps it", () => {
  const tables = new CombTables([64]);
  assertEquals(find(tables, 5n), [undefined, false]);
  tables.want(5n, 101n);
  assertEquals(find(tables, 5n), [64, true]);
  assertEquals(find(tables, 5n), [64, false]);
});

Deno.test("CombTables gives a public base a table when it comes back often enough", () => {
  const tables = new CombTables([64]);
  for (const expected of [undefined, undefined, 64]) {
    tables.count(5n, 101n);
    assertEquals(find(tables, 5n)[0], expected);
  }
});

Deno.test("CombTables keeps bases of another modulus apart", () => {
  const tables = new CombTables([64, 128]);
  tables.want(5n, 101n);
  assertEquals(find(tables, 5n, 103n), [undefined, false]);
  assertEquals(find(tables, 5n, 101n), [128, true]);
  assertEquals(find(tables, 5n, 103n), [undefined, false]);
});

Deno.test("CombTables takes the place of the base that was used longest ago", () => {
  const tables = new CombTables([64, 128]);
  for (const base of [1n, 2n, 3n]) tables.want(base, 101n);
  const [first] = find(tables, 1n);
  const [second] = find(tables, 2n);
  find(tables, 1n);
  assertEquals(find(tables, 3n), [second, true]);
  assertEquals(find(tables, 1n), [first, false]);
  assertEquals(find(tables, 2n), [undefined, false]);
});

Deno.test("CombTables cannot be churned: bases that never come back take no place", () => {
  const tables = new CombTables([64]);
  tables.want(5n, 101n);
  find(tables, 5n);
  for (let stranger = 1_000n; stranger < 2_000n; stranger++) {
    tables.count(stranger, 101n);
    assertEquals(find(tables, stranger), [undefined, false]);
  }
  assertEquals(find(tables, 5n), [64, false]);
});
