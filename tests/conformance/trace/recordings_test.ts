/**
 * Our own calls, recorded by tools/record_calls.ts: every frame is shown, and the OTR inside
 * is what the call agreed on. The numbers were counted by tshark.
 */
import { assertEquals } from "@std/assert";
import type { TraceObject } from "../../../lib/trace/mod.ts";
import { livePeerTest } from "../../helpers/live_peer.ts";
import { explain, ofType } from "../../helpers/trace_objects.ts";

const FOLDER = new URL("../../../fixtures/captures/recordings/", import.meta.url);

interface Counted {
  readonly sends: number;
  readonly reports: number;
  readonly responses: number;
  readonly otr: Record<string, number>;
  readonly version?: number;
}

const AKE = { query: 1, "dh-commit": 1, "dh-key": 1, "reveal-signature": 1, signature: 1 };
const TALK = { sends: 11, reports: 4, responses: 5, otr: { ...AKE, data: 5 } };

const COUNTED: Record<string, Counted> = {
  "plain.pcapng": { sends: 5, reports: 4, responses: 5, otr: {} },
  "otr-v2.pcapng": { ...TALK, version: 2 },
  "otr-v3.pcapng": { ...TALK, version: 3 },
  "otr-v3.jsonl": { ...TALK, version: 3 },
  "smp.pcapng": { sends: 15, reports: 4, responses: 5, otr: { ...AKE, data: 9 }, version: 3 },
};

function dump(name: string): TraceObject[] {
  return explain(Deno.readFileSync(new URL(name, FOLDER)));
}

Deno.test("recordings: the table names every file", () => {
  const names = [...Deno.readDirSync(FOLDER)].map((it) => it.name);
  assertEquals(names.sort(), Object.keys(COUNTED).sort());
});

for (const [name, counted] of Object.entries(COUNTED)) {
  Deno.test(`recordings: ${name} shows every frame, its calls and its OTR`, () => {
    const objects = dump(name);
    const chunks = ofType(objects, "chunk");
    const count = (method: string) => chunks.filter((it) => it.method === method).length;
    assertEquals(
      [count("SEND"), count("REPORT"), chunks.filter((it) => it.status === 200).length],
      [counted.sends, counted.reports, counted.responses],
    );
    assertEquals(ofType(objects, "sip").length, 6);
    assertEquals(ofType(objects, "finding"), []);

    const otr = ofType(objects, "otr");
    const kinds: Record<string, number> = {};
    for (const { kind } of otr) kinds[kind] = (kinds[kind] ?? 0) + 1;
    assertEquals(kinds, counted.otr);
    const versions = new Set(otr.filter((it) => it.kind !== "query").map((it) => it.version));
    assertEquals([...versions], counted.version === undefined ? [] : [counted.version]);
  });
}

Deno.test("recordings: what is plain can be read, what is private cannot", () => {
  const spoken = (name: string) =>
    ofType(dump(name), "message").map((it) => it.text).filter((it) => it?.includes("is this you"));
  assertEquals(spoken("plain.pcapng").length, 2);
  assertEquals(spoken("otr-v2.pcapng"), []);
  assertEquals(spoken("otr-v3.pcapng"), []);
});

for (const name of Object.keys(COUNTED).filter((it) => it.endsWith(".pcapng"))) {
  livePeerTest(
    `recordings: tshark sees the same frames in ${name}`,
    { needs: ["tshark"] },
    async () => {
      const file = decodeURIComponent(new URL(name, FOLDER).pathname);
      const { stdout } = await new Deno.Command("tshark", {
        args: ["-r", file, "-Y", "msrp", "-T", "fields", "-e", "msrp.transaction.id"],
        stderr: "null",
      }).output();
      // It names the start line's and the end-line's, in one field.
      const theirs = new TextDecoder().decode(stdout).trimEnd().split("\n")
        .map((line) => line.split(",")[0]);
      const ours = ofType(dump(name), "chunk").map((it) => it.transactionId);
      assertEquals(theirs, ours);
    },
  );
}
