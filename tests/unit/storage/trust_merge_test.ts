import { assertEquals } from "@std/assert";
import { decodeUtf8Lossy, utf8 } from "../../../lib/base/mod.ts";
import { mergeTrust } from "../../../lib/storage/trust_merge.ts";
import { parseTrustedPeers, writeTrustedPeers } from "../../../lib/storage/trusted_peers_file.ts";

const A = "4AF9F2B1 DB4EE051 B2C07452 6602C0BC 0BB2CE3C";
const B = "257920D7 DFE96802 4DD69758 DF19928E FC166490";
const bob = (word: string): string => `bob@example.com\t${A}\t${word}\n`;
const carol = (word: string): string => `carol@example.com\t${B}\t${word}\n`;

function merge(base: string, ours: string, theirs: string): { text: string; conflicts: unknown[] } {
  const [b, o, t] = [base, ours, theirs].map((it) => parseTrustedPeers(utf8(it)));
  const { lines, conflicts } = mergeTrust(b ?? [], o ?? [], t ?? []);
  return {
    text: decodeUtf8Lossy(writeTrustedPeers(lines)),
    conflicts: conflicts.map(({ aor, ours, theirs }) => [aor, ours, theirs]),
  };
}

Deno.test("mergeTrust() takes what only one side changed", () => {
  assertEquals(merge(bob(""), bob(""), bob("verified")), { text: bob("verified"), conflicts: [] });
  assertEquals(merge(bob(""), bob("verified"), bob("")), { text: bob("verified"), conflicts: [] });
  assertEquals(merge(bob(""), "", bob("")), { text: "", conflicts: [] });
  assertEquals(merge(bob(""), bob(""), ""), { text: "", conflicts: [] });
});

Deno.test("mergeTrust() takes what both did in the same way", () => {
  assertEquals(merge(bob(""), bob("verified"), bob("verified")).conflicts, []);
  assertEquals(merge(bob(""), "", ""), { text: "", conflicts: [] });
  assertEquals(merge("", bob(""), bob("")), { text: bob(""), conflicts: [] });
});

Deno.test("mergeTrust() keeps rows that each side added, and our comments", () => {
  assertEquals(merge(bob(""), `# friends\n${bob("verified")}`, bob("") + carol("")), {
    text: `# friends\n${bob("verified")}${carol("")}`,
    conflicts: [],
  });
});

Deno.test("mergeTrust() keeps comments that only the other side changed", () => {
  assertEquals(merge(bob(""), bob("verified"), `# theirs\n${bob("")}${carol("")}`), {
    text: `# theirs\n${bob("verified")}${carol("")}`,
    conflicts: [],
  });
});

Deno.test("mergeTrust() reports contradictions and decides them for our side", () => {
  assertEquals(merge(bob("verified"), bob(""), ""), {
    text: bob(""),
    conflicts: [["bob@example.com", "unverified", "removed"]],
  });
  assertEquals(merge(bob(""), "", bob("verified")), {
    text: "",
    conflicts: [["bob@example.com", "removed", "verified"]],
  });
  // Also where the other side carries the comments.
  assertEquals(merge(bob(""), "", `# theirs\n${bob("verified")}`), {
    text: "# theirs\n",
    conflicts: [["bob@example.com", "removed", "verified"]],
  });
});

Deno.test("mergeTrust() reports comments that both changed", () => {
  assertEquals(merge("# a\n", "# b\n", "# c\n"), {
    text: "# b\n",
    conflicts: [[undefined, "changed", "changed"]],
  });
  assertEquals(merge("# a\n", "# b\n", "# b\n").conflicts, []);
});
