/** tshark reads our frames, one in a segment, as what they are. */
import { assert, assertEquals } from "@std/assert";
import { concatBytes } from "../../../lib/base/bytes.ts";
import type { Output } from "../../../lib/base/output.ts";
import type { WireRecord } from "../../../lib/base/wire_tap.ts";
import { MsrpConnection, type MsrpEvent, parseMsrpUri } from "../../../lib/msrp/mod.ts";
import { PcapngWriter } from "../../../lib/trace/mod.ts";
import { livePeerTest } from "../../helpers/live_peer.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

const FIELDS = [
  "msrp.transaction.id",
  "msrp.method",
  "msrp.status.code",
  "msrp.messageid",
  "msrp.byte.range",
  "msrp.success.report",
  "msrp.failure.report",
  "msrp.status",
  "msrp.content.type",
  "msrp.cnt.flg",
  "msrp.to.path",
  "msrp.from.path",
] as const;

type Row = { readonly [K in (typeof FIELDS)[number]]: string };

const OURS = "msrp://127.0.0.1:7001/ours5678;tcp";
const THEIRS = "msrp://127.0.0.1:7002/theirs12;tcp";

/** A conversation of two cores, recorded frame by frame. */
function converse(): { records: WireRecord[]; received: Uint8Array[] } {
  const records: WireRecord[] = [];
  const received: Uint8Array[] = [];
  const make = (self: string, other: string, seed: number): MsrpConnection => {
    const core = new MsrpConnection({ random: seededRandom(seed) });
    core.addSession({
      localPath: [parseMsrpUri(self)],
      remotePath: [parseMsrpUri(other)],
      acceptTypes: ["text/plain", "message/cpim"],
      chunkSize: 2_500,
    }, 0);
    return core;
  };
  const ours = make(OURS, THEIRS, 1);
  const theirs = make(THEIRS, OURS, 2);
  const carry = (from: MsrpConnection, outputs: Output<MsrpEvent>[]): void => {
    for (const output of outputs) {
      if (output.type === "event" && output.event.type === "message-received") {
        received.push(output.event.body);
      }
      if (output.type !== "transmit") continue;
      records.push({
        at: 1_770_000_000_000 + records.length,
        direction: from === ours ? "out" : "in",
        protocol: "msrp",
        transport: "tcp",
        local: { host: "127.0.0.1", port: 7001 },
        remote: { host: "127.0.0.1", port: 7002 },
        data: output.data,
      });
      const to = from === ours ? theirs : ours;
      carry(to, to.receive(output.data, 0));
    }
    if (from.hasMoreToTransmit) carry(from, from.handleWritable(0));
  };
  const text = (length: number): Uint8Array => new Uint8Array(length).fill(0x61);
  const send = (
    from: MsrpConnection,
    session: string,
    message: Parameters<MsrpConnection["send"]>[1],
  ): void => carry(from, from.send(session, message, 0).outputs);
  carry(ours, ours.bind("ours5678", 0));
  send(ours, "ours5678", { contentType: "text/plain", body: text(5), successReport: true });
  send(theirs, "theirs12", { contentType: "message/cpim", body: text(6_000) });
  send(ours, "ours5678", { contentType: "image/png", body: text(9), failureReport: "partial" });
  send(ours, "ours5678", { contentType: "text/plain", body: text(0), failureReport: "no" });
  return { records, received };
}

async function dissect(records: readonly WireRecord[]): Promise<Row[]> {
  const path = await Deno.makeTempFile({ suffix: ".pcapng" });
  try {
    const writer = new PcapngWriter();
    const parts = [writer.start(), ...records.map((it) => writer.record(it)), writer.end()];
    await Deno.writeFile(path, concatBytes(...parts));
    const { code, stdout, stderr } = await new Deno.Command("tshark", {
      args: [
        "-r",
        path,
        "-d",
        "tcp.port==7002,msrp",
        "-Y",
        "msrp",
        "-T",
        "fields",
        "-E",
        "separator=|",
        "-E",
        "occurrence=f",
        ...FIELDS.flatMap((it) => ["-e", it]),
      ],
    }).output();
    const decoder = new TextDecoder();
    assertEquals(code, 0, decoder.decode(stderr));
    return decoder.decode(stdout).trimEnd().split("\n").map((line) => {
      const values = line.split("|");
      return Object.fromEntries(FIELDS.map((it, at) => [it, values[at] ?? ""])) as Row;
    });
  } finally {
    await Deno.remove(path);
  }
}

livePeerTest("tshark confirms that our frames are what we say", { needs: ["tshark"] }, async () => {
  const { records, received } = converse();
  assertEquals(received.map((it) => it.length), [5, 6_000, 0]);
  const rows = await dissect(records);
  const decoder = new TextDecoder();
  const kind = (row: Row): string =>
    `${row["msrp.method"]}${row["msrp.status.code"]}${row["msrp.cnt.flg"]}`;
  assertEquals(rows.map(kind), [
    "SEND$", // bind
    "200$",
    "SEND$",
    "200$",
    "REPORT$",
    "SEND+",
    "200$",
    "SEND+",
    "200$",
    "SEND$",
    "200$",
    "SEND$", // image/png: refused, which partial wants to hear
    "415$",
    "SEND$", // empty
  ]);
  assertEquals(rows.length, records.length, "one frame in a segment");
  for (const [at, row] of rows.entries()) {
    const sent = decoder.decode(records[at]?.data);
    assert(sent.startsWith(`MSRP ${row["msrp.transaction.id"]} `));
    const isOurs = records[at]?.direction === "out";
    assertEquals(row["msrp.to.path"], isOurs ? THEIRS : OURS);
    assertEquals(row["msrp.from.path"], isOurs ? OURS : THEIRS);
  }
  const ranges = rows.map((it) => it["msrp.byte.range"]).filter((it) => it !== "");
  assertEquals(ranges, [
    "1-0/0",
    "1-5/5",
    "1-5/5",
    "1-*/6000",
    "2501-*/6000",
    "5001-6000/6000",
    "1-9/9",
    "1-0/0",
  ]);
  assertEquals(rows[2]?.["msrp.success.report"], "yes");
  assertEquals(rows[4]?.["msrp.status"], "000 200 OK");
  assertEquals(rows[4]?.["msrp.messageid"], rows[2]?.["msrp.messageid"]);
  assertEquals(new Set([5, 7, 9].map((it) => rows[it]?.["msrp.messageid"])).size, 1);
  assertEquals(rows.map((it) => it["msrp.failure.report"]).slice(-3), ["partial", "", "no"]);
  assertEquals(rows[5]?.["msrp.content.type"], "message/cpim");
});
