/** tshark reads what our relay forwards, answers and reports. */
import { assert, assertEquals } from "@std/assert";
import { concatBytes } from "../../../lib/base/bytes.ts";
import type { WireRecord } from "../../../lib/base/wire_tap.ts";
import { PcapngWriter } from "../../../lib/trace/mod.ts";
import { livePeerTest } from "../../helpers/live_peer.ts";
import { RelayBench, type RelayPeer } from "../../helpers/relay_core_bench.ts";

const FIELDS = [
  "msrp.transaction.id",
  "msrp.method",
  "msrp.status.code",
  "msrp.messageid",
  "msrp.byte.range",
  "msrp.status",
  "msrp.cnt.flg",
  "msrp.to.path",
  "msrp.from.path",
] as const;

type Row = { readonly [K in (typeof FIELDS)[number]]: string };

async function dissect(records: readonly WireRecord[]): Promise<Row[]> {
  const path = await Deno.makeTempFile({ suffix: ".pcapng" });
  try {
    const writer = new PcapngWriter();
    const parts = [writer.start(), ...records.map((it) => writer.record(it)), writer.end()];
    await Deno.writeFile(path, concatBytes(...parts));
    const { code, stdout, stderr } = await new Deno.Command("tshark", {
      args: [
        ...["-r", path, "-d", "tcp.port==2856,msrp", "-Y", "msrp", "-T", "fields"],
        ...["-E", "separator=|", "-E", "occurrence=f"],
        ...FIELDS.flatMap((it) => ["-e", it]),
      ],
    }).output();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout).trimEnd().split("\n").map((line) => {
      const values = line.split("|");
      return Object.fromEntries(FIELDS.map((it, at) => [it, values[at] ?? ""])) as Row;
    });
  } finally {
    await Deno.remove(path);
  }
}

livePeerTest("tshark confirms what our relay makes of paths and identifiers", {
  needs: ["tshark"],
}, async () => {
  const bench = new RelayBench({ auth: { allowsInsecure: true } });
  const relay = "msrp://relay.example:2856;tcp";
  const records: WireRecord[] = [];
  const plain = { isSecure: false };
  const alice = bench.connect("msrp://alice.example:7777/alice123;tcp", plain);
  const bob = bench.connect("msrp://bob.example:8145/foo12345;tcp", plain);
  const note = (peer: RelayPeer, octets: Uint8Array): void => {
    records.push({
      at: 1_770_000_000_000 + records.length,
      direction: "out",
      protocol: "msrp",
      transport: "tcp",
      local: { host: "127.0.0.1", port: 2856 },
      remote: { host: "127.0.0.1", port: 7_000 + peer.id },
      data: octets,
    });
  };
  for (const peer of [alice, bob]) {
    const take = peer.take.bind(peer);
    peer.take = (data) => {
      note(peer, data);
      take(data);
    };
  }
  const path = alice.authAnswer("alice", [], { to: [relay] });
  const uri = path.headers.find((it) => it.name === "Use-Path")?.value ?? "";
  bob.message([uri, alice.uri], "hello", { headers: ["Byte-Range: 1-5/5"] });
  const got = alice.only();
  alice.answer(got, "415 No");
  bob.message([uri, alice.uri], "x".repeat(5_000), { headers: ["Byte-Range: 1-5000/5000"] });
  bob.message([uri, "msrp://else.example:1/x;tcp"], "spam");

  const rows = await dissect(records);
  assertEquals(rows.length, records.length, "one frame in a segment");
  const kind = (it: Row): string =>
    `${it["msrp.method"]}${it["msrp.status.code"]}${it["msrp.cnt.flg"]}`;
  assertEquals(rows.map(kind), [
    "401$",
    "200$", // AUTH
    "SEND$", // to Alice
    "200$", // for Bob's hop
    "REPORT$", // of her 415
    "SEND$",
    "200$",
    "403$",
  ]);
  const forwarded = rows[2];
  assertEquals(forwarded?.["msrp.to.path"], alice.uri);
  assertEquals(forwarded?.["msrp.from.path"], `${uri} ${bob.uri}`);
  assertEquals(forwarded?.["msrp.byte.range"], "1-5/5");
  assert(forwarded?.["msrp.transaction.id"] !== "tid12345", "an identifier of its own");
  assertEquals(rows[4]?.["msrp.status"], "000 415 Unsupported Media Type");
  assertEquals(rows[4]?.["msrp.messageid"], forwarded?.["msrp.messageid"]);
  assertEquals(rows[5]?.["msrp.byte.range"], "1-*/5000");
  assertEquals(rows[3]?.["msrp.transaction.id"], "tid12345", "the answer keeps that of the hop");
});
