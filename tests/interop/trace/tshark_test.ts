/** tshark agrees: on what we read, where it reads right, and on what we write. */
import { assertEquals } from "@std/assert";
import { concatBytes, utf8 } from "../../../lib/base/bytes.ts";
import type { WireRecord } from "../../../lib/base/wire_tap.ts";
import { PcapngWriter } from "../../../lib/trace/mod.ts";
import { responseFrame, sendFrame } from "../../helpers/capture_files.ts";
import { livePeerTest } from "../../helpers/live_peer.ts";
import { explain, ofType } from "../../helpers/trace_objects.ts";

const FOLDER = new URL("../../../fixtures/captures/", import.meta.url);

async function run(program: string, ...args: string[]): Promise<string> {
  const command = new Deno.Command(program, { args, stdout: "piped", stderr: "piped" });
  const { success, stdout, stderr } = await command.output();
  if (!success) throw new Error(`${program}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

/** Frame, transaction id and method or status of each MSRP frame that tshark sees. */
async function dissect(path: string, ...args: string[]): Promise<string[]> {
  const fields = ["frame.number", "msrp.transaction.id", "msrp.method", "msrp.status.code"];
  const text = await run(
    "tshark",
    ...["-r", path, "-Y", "msrp", "-T", "fields", "-E", "occurrence=f", ...args],
    ...fields.flatMap((it) => ["-e", it]),
  );
  return text.trim().split("\n").filter((it) => it !== "")
    .map((it) => it.split("\t").filter((field) => field !== "").join(" "));
}

function dumpLines(bytes: Uint8Array): string[] {
  return ofType(explain(bytes), "chunk")
    .map((it) => `${it.frame} ${it.transactionId} ${it.method ?? it.status}`);
}

async function inFile(bytes: Uint8Array, use: (path: string) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeFile(path, bytes);
    await use(path);
  } finally {
    await Deno.remove(path);
  }
}

const needs = { needs: ["tshark"] };

livePeerTest(
  "tshark and msrp-dump see the same frames where each has its own segment",
  needs,
  async () => {
    for (const name of ["direct-msrp-udp-sip.pcapng", "relay-kamailio.pcapng"]) {
      const url = new URL(name, FOLDER);
      assertEquals(dumpLines(Deno.readFileSync(url)), await dissect(url.pathname), name);
    }
  },
);

livePeerTest("tshark misses frames of pipelined.pcap that msrp-dump shows", needs, async () => {
  const url = new URL("pipelined.pcap", FOLDER);
  const seen = await dissect(url.pathname);
  const shown = dumpLines(Deno.readFileSync(url));
  assertEquals([seen.length, shown.length], [1, 3]);
  assertEquals(shown.slice(0, 1), seen);
});

livePeerTest(
  "tshark reads what PcapngWriter wrote: every frame, right checksums, no port told",
  needs,
  async () => {
    const writer = new PcapngWriter({ application: "sotto test" });
    const parts = [writer.start()];
    const wanted: string[] = [];
    let frame = 0;
    let at = 1_700_000_000_000;
    for (const host of ["127.0.0.1", "::1", "::ffff:192.0.2.1"]) {
      // 5061 and 443 are other protocols' ports: what is in the octets has to count.
      for (const port of [2855, 40_001, 5061, 443]) {
        frame += 3; // the handshake
        const say = (direction: "in" | "out", data: Uint8Array, told: string): void => {
          const remote = { host, port };
          const local = { host, port: 50_000 + port };
          const transport = "tls";
          parts.push(
            writer.record({
              at: at++,
              direction,
              protocol: "msrp",
              transport,
              local,
              remote,
              data,
            }),
          );
          wanted.push(`${++frame} ${told}`);
        };
        say("out", sendFrame("aaaa1111", "hello"), "aaaa1111 SEND");
        say("in", responseFrame("aaaa1111"), "aaaa1111 200");
        say("out", sendFrame("bbbb2222", "again"), "bbbb2222 SEND");
      }
    }
    await inFile(concatBytes(...parts), async (path) => {
      assertEquals(await dissect(path), wanted);
      const bad =
        "tcp.checksum.status==Bad || ip.checksum.status==Bad || _ws.malformed || tcp.analysis.flags";
      const checks = ["tcp.check_checksum", "ip.check_checksum"].flatMap((
        it,
      ) => ["-o", `${it}:TRUE`]);
      assertEquals(await run("tshark", "-r", path, ...checks, "-Y", bad), "");
      assertEquals(dumpLines(Deno.readFileSync(path)), wanted);
    });
  },
);

livePeerTest(
  "tshark follows a message longer than a packet, and the one after it",
  needs,
  async () => {
    const writer = new PcapngWriter();
    const base: Omit<WireRecord, "data"> = {
      at: 1_700_000_000_000,
      direction: "out",
      protocol: "msrp",
      transport: "tcp",
      local: { host: "192.0.2.1", port: 40_000 },
      remote: { host: "192.0.2.2", port: 2855 },
    };
    const long = sendFrame("aaaa1111", "x".repeat(200_000));
    const file = concatBytes(
      writer.start(),
      writer.record({ ...base, data: long }),
      writer.record({ ...base, data: sendFrame("bbbb2222", "after") }),
    );
    await inFile(file, async (path) => {
      const seen = await dissect(path);
      assertEquals(seen.map((it) => it.split(" ")[1]), ["aaaa1111", "bbbb2222"]);
    });
  },
);

livePeerTest(
  "tshark reads SIP that PcapngWriter wrote, over UDP and out of TLS",
  needs,
  async () => {
    const sip = utf8(
      "OPTIONS sip:bob@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK1\r\n" +
        "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n" +
        "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
    );
    const writer = new PcapngWriter();
    const local = { host: "192.0.2.1", port: 50_001 };
    const file = concatBytes(
      writer.start(),
      ...([["udp", 5060], ["udp", 40_777], ["tcp", 5060], ["tls", 5061], ["tls", 40_778]] as const)
        .map(([transport, port]) =>
          writer.record({
            at: 1_700_000_000_000,
            direction: "out",
            protocol: "sip",
            transport,
            local,
            remote: { host: "192.0.2.2", port },
            data: sip,
          })
        ),
    );
    await inFile(file, async (path) => {
      const seen = await run("tshark", "-r", path, "-Y", "sip", "-T", "fields", "-e", "sip.Method");
      assertEquals(seen.trim().split("\n"), Array(5).fill("OPTIONS"));
    });
  },
);

livePeerTest("editcap's other formats of the same capture are dumped alike", {
  needs: ["editcap"],
}, async () => {
  for (const name of ["direct-msrp-udp-sip.pcapng", "split.pcap"]) {
    const url = new URL(name, FOLDER);
    const wanted = dumpLines(Deno.readFileSync(url));
    for (const format of ["pcap", "nsecpcap", "pcapng", "modpcap"]) {
      await inFile(new Uint8Array(), async (path) => {
        await run("editcap", "-F", format, url.pathname, path);
        assertEquals(dumpLines(Deno.readFileSync(path)), wanted, `${name} as ${format}`);
      });
    }
  }
});

livePeerTest("editcap: packets left out or cut off are named, and all other frames shown", {
  needs: ["editcap"],
}, async () => {
  const url = new URL("direct-msrp-udp-sip.pcapng", FOLDER);
  const wanted = dumpLines(Deno.readFileSync(url)).map((it) => it.split(" ")[1]);
  await inFile(new Uint8Array(), async (path) => {
    await run("editcap", url.pathname, path, "26"); // the SEND of m1 is not in the capture
    const objects = explain(Deno.readFileSync(path));
    const gaps = ofType(objects, "finding").filter((it) => it.id === "TRACE-missing-octets");
    assertEquals(gaps.length, 1);
    const shown = ofType(objects, "chunk").map((it) => it.transactionId);
    assertEquals(shown.sort(), wanted.filter((_, at) => at !== 2).sort());
  });
  await inFile(new Uint8Array(), async (path) => {
    await run("editcap", "-s", "120", url.pathname, path); // every packet cut to 120 octets
    const chunks = ofType(explain(Deno.readFileSync(path)), "chunk");
    assertEquals(chunks.every((it) => it.isTruncated || it.missing > 0), true);
    assertEquals(chunks.length >= 8, true);
  });
});
