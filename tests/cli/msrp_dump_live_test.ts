/** `msrp-dump` while the capture is still being made: through a pipe, and on a growing file. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { concatBytes } from "../../lib/base/bytes.ts";
import { PcapngWriter } from "../../lib/trace/mod.ts";
import { responseFrame, sendFrame } from "../helpers/capture_files.ts";
import { TemporaryFolder } from "../helpers/temporary_folder.ts";

const SOTTO = new URL("../../bin/sotto", import.meta.url).pathname;

const writer = new PcapngWriter();
const [start, send, response] = [
  writer.start(),
  record(sendFrame("aaaa1111", "hello"), "out"),
  record(responseFrame("aaaa1111"), "in"),
];

function record(data: Uint8Array, direction: "in" | "out"): Uint8Array {
  return writer.record({
    at: 1_700_000_000_000,
    direction,
    protocol: "msrp",
    transport: "tcp",
    local: { host: "192.0.2.1", port: 40_000 },
    remote: { host: "192.0.2.2", port: 2855 },
    data,
  });
}

/** Lines as they come. */
async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream() as never)) {
    const lines = `${rest}${text}`.split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

function spawn(...args: string[]): Deno.ChildProcess {
  const io = { stdin: "piped", stdout: "piped", stderr: "null" } as const;
  return new Deno.Command(SOTTO, { args: ["msrp-dump", ...args], env: { NO_COLOR: "1" }, ...io })
    .spawn();
}

Deno.test("msrp-dump - shows each packet of a live capture when it comes", async () => {
  const child = spawn("-");
  const lines = linesOf(child.stdout);
  const stdin = child.stdin.getWriter();
  await stdin.write(concatBytes(start, send));
  assertStringIncludes((await lines.next()).value ?? "", "2023-11-14");
  assertStringIncludes((await lines.next()).value ?? "", "SEND aaaa1111");
  assertStringIncludes((await lines.next()).value ?? "", '"hello"');
  await stdin.write(response);
  assertStringIncludes((await lines.next()).value ?? "", "200 OK");
  await stdin.close();
  assertEquals((await lines.next()).done, true);
  assertEquals((await child.status).code, 0);
});

Deno.test("msrp-dump --follow reads on while the file grows; Ctrl-C says what waited and ends with 130", async () => {
  await using folder = await TemporaryFolder.make();
  const path = folder.file("live.pcapng");
  await Deno.writeFile(path, concatBytes(start, send));
  const child = spawn("--follow", "--json", path);
  await child.stdin.close();
  const lines = linesOf(child.stdout);
  const told = async () => JSON.parse((await lines.next()).value ?? "null");
  assertEquals((await told()).method, "SEND");
  await Deno.writeFile(path, record(sendFrame("bbbb2222", "more", "m2"), "out"), { append: true });
  assertEquals((await told()).transactionId, "bbbb2222");
  child.kill("SIGINT");
  assertEquals((await told()).delivery, "unconfirmed");
  assertEquals((await told()).messageId, "m2");
  assertEquals((await lines.next()).done, true);
  assertEquals((await child.status).code, 130);
});
