/**
 * What reading a capture back costs, beside tshark on the same file in the same run: the whole
 * command for both, and in this process how much of it is packets, analysis and listing.
 *
 * tshark only prints three fields of the frames it knows; msrp-dump reassembles messages, looks
 * into them and matches responses. The files are made at the start and removed at the end.
 */
import { utf8 } from "../lib/base/bytes.ts";
import { Listing, PcapngWriter, TraceAnalysis, TraceInput } from "../lib/trace/mod.ts";
import { findProgram } from "../tests/helpers/live_peer.ts";

const SOTTO = new URL("../bin/sotto", import.meta.url).pathname;
const FOLDER = Deno.makeTempDirSync();
globalThis.addEventListener("unload", () => Deno.removeSync(FOLDER, { recursive: true }));

/** A capture of `count` messages of `size` octets and their responses, over ten connections. */
function makeCapture(name: string, count: number, size: number): string {
  const path = `${FOLDER}/${name}`;
  using file = Deno.openSync(path, { write: true, create: true });
  const writer = new PcapngWriter();
  const body = "x".repeat(size);
  file.writeSync(writer.start());
  for (let at = 0; at < count; at++) {
    const id = `t${String(at).padStart(8, "0")}`;
    const [a, b] = [`msrp://127.0.0.1:${40_000 + at % 10}/a;tcp`, "msrp://127.0.0.1:2855/b;tcp"];
    const send = `MSRP ${id} SEND\r\nTo-Path: ${b}\r\nFrom-Path: ${a}\r\nMessage-ID: m${at}\r\n` +
      `Byte-Range: 1-${size}/${size}\r\nContent-Type: text/plain\r\n\r\n${body}\r\n-------${id}$\r\n`;
    const response = `MSRP ${id} 200 OK\r\nTo-Path: ${a}\r\nFrom-Path: ${b}\r\n-------${id}$\r\n`;
    for (const [direction, text] of [["out", send], ["in", response]] as const) {
      file.writeSync(writer.record({
        at: 1_700_000_000_000 + at,
        direction,
        protocol: "msrp",
        transport: "tcp",
        local: { host: "127.0.0.1", port: 40_000 + at % 10 },
        remote: { host: "127.0.0.1", port: 2855 },
        data: utf8(text),
      }));
    }
  }
  return path;
}

async function run(program: string, ...args: string[]): Promise<void> {
  const { success } = await new Deno.Command(program, { args, stdout: "null", stderr: "null" })
    .output();
  if (!success) throw new Error(`${program} failed`);
}

function readWhole(path: string, use: (input: TraceInput, piece: Uint8Array) => void): void {
  const bytes = Deno.readFileSync(path);
  const input = new TraceInput();
  for (let at = 0; at < bytes.length; at += 1 << 20) use(input, bytes.subarray(at, at + (1 << 20)));
  input.end();
}

const CAPTURES = {
  "20 000 messages of 200 octets": makeCapture("small.pcapng", 20_000, 200),
  "4000 messages of 10 000 octets": makeCapture("large.pcapng", 4000, 10_000),
};

for (const [name, path] of Object.entries(CAPTURES)) {
  const group = name;
  const once = { group, n: 3, warmup: 1 } as const;
  Deno.bench({
    name: "sotto msrp-dump",
    ...once,
    baseline: true,
    async fn() {
      await run(SOTTO, "msrp-dump", path);
    },
  });
  if (findProgram("tshark") !== undefined) {
    const fields = ["transaction.id", "method", "byte.range"].flatMap((it) => ["-e", `msrp.${it}`]);
    Deno.bench({
      name: "tshark -Y msrp -T fields",
      ...once,
      async fn() {
        await run("tshark", "-r", path, "-Y", "msrp", "-T", "fields", ...fields);
      },
    });
  }
  Deno.bench({
    name: "in process: packets and TCP",
    ...once,
    fn: () => readWhole(path, (input, piece) => void input.feed(piece)),
  });
  Deno.bench({
    name: "in process: with the analysis",
    ...once,
    fn() {
      const analysis = new TraceAnalysis();
      readWhole(path, (input, piece) => input.feed(piece).forEach((it) => analysis.receive(it)));
    },
  });
  Deno.bench({
    name: "in process: with the listing",
    ...once,
    fn() {
      const analysis = new TraceAnalysis();
      const listing = new Listing();
      readWhole(path, (input, piece) => {
        for (const arrival of input.feed(piece)) {
          for (const object of analysis.receive(arrival)) listing.lines(object);
        }
      });
    },
  });
}
