/** Every message of RFC 4475, and the IPv6 ones of RFC 5118, against the outcome written down for it. */
import { assert, assertEquals } from "@std/assert";
import { decodeUtf8Lossy } from "../../../lib/base/bytes.ts";
import {
  judgeSipMessage,
  parseSipMessage,
  type SipOutput,
  type SipTransport,
  StreamFramer,
  UserAgentCore,
  writeSipMessage,
} from "../../../lib/sip/mod.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

interface Outcome {
  readonly file: string;
  readonly section: string;
  readonly transport: SipTransport;
  /** `valid`, `drop`, or the status that the parser wants answered. */
  readonly verdict: string;
  /** `call`, `nothing`, or the status that a user agent answers. */
  readonly agent: string;
  readonly why: string;
}

const FIXTURES = new URL("../../../fixtures/sip/", import.meta.url);

function readOutcomes(family: string): Outcome[] {
  const [, ...lines] = Deno.readTextFileSync(new URL(`${family}/outcomes.tsv`, FIXTURES)).trim()
    .split("\n");
  return lines.map((line) => {
    const [file = "", section = "", transport, verdict = "", agent = "", why = ""] = line.split(
      "\t",
    );
    return { file, section, transport: transport as SipTransport, verdict, agent, why };
  });
}

function agent(): UserAgentCore {
  return new UserAgentCore({
    random: seededRandom(1),
    userAgent: "sotto/test",
    localAddress: () => ({ host: "192.0.2.200", port: 5060 }),
  });
}

function describe(outputs: readonly SipOutput[]): string {
  for (const output of outputs) {
    if (output.type === "event" && output.event.type === "incoming-call") return "call";
    if (output.type === "transmit") {
      // What is malformed in a request comes back in its response: only the start-line is read.
      return /^SIP\/2\.0 (\d+) /.exec(decodeUtf8Lossy(output.data))?.[1] ?? "a request";
    }
  }
  return "nothing";
}

for (
  const [family, rfc, count] of [["torture", "RFC 4475", 50], ["ipv6", "RFC 5118", 13]] as const
) {
  const outcomes = readOutcomes(family);

  Deno.test(`the table of ${rfc} names every message there is`, () => {
    const there = [...Deno.readDirSync(new URL(family, FIXTURES))].map((it) => it.name)
      .filter((it) => it.endsWith(".dat")).sort();
    assertEquals(outcomes.map((it) => `${it.file}.dat`).sort(), there);
    assertEquals(there.length, count);
  });

  for (const outcome of outcomes) {
    const { file, section, transport, why } = outcome;
    const bytes = Deno.readFileSync(new URL(`${family}/${file}.dat`, FIXTURES));

    Deno.test(`${rfc} §${section} ${file}: ${why}`, () => {
      const judged = judgeSipMessage(bytes, { transport });
      const verdict = judged.verdict === "answer" ? String(judged.status) : judged.verdict;
      assertEquals(
        verdict,
        outcome.verdict,
        judged.verdict === "valid" ? "" : judged.error.message,
      );
      const flow = { transport, remote: { host: "192.0.2.1", port: 5060 }, connection: 1 };
      assertEquals(describe(agent().receive(bytes, flow, 0)), outcome.agent);
    });

    if (outcome.verdict === "valid") {
      Deno.test(`${rfc} §${section} ${file} is the same after being written and read again`, () => {
        const message = parseSipMessage(bytes, { transport });
        assertEquals(parseSipMessage(writeSipMessage(message), { transport: "tcp" }), {
          ...message,
          headers: [
            ...message.headers.filter((it) => it.name !== "Content-Length"),
            { name: "Content-Length", value: String(message.body.length) },
          ],
        });
      });
    }
  }
}

Deno.test("RFC 4475 §3.1.2.3, §3.3.9 a stream that cannot be framed is answered and closed", () => {
  for (const file of ["ncl", "mcl01"]) {
    const bytes = Deno.readFileSync(new URL(`torture/${file}.dat`, FIXTURES));
    const [framed] = new StreamFramer().feed(bytes);
    assert(framed?.type === "broken");
    const flow = {
      transport: "tcp",
      remote: { host: "192.0.2.1", port: 5060 },
      connection: 7,
    } as const;
    const outputs = agent().receiveBroken(framed.error, framed.head, flow);
    assertEquals(describe(outputs), "400");
    assertEquals(outputs.at(-1), { type: "close", connection: 7 });
  }
});

Deno.test("RFC 4475 §3.1.1.8 what follows in the datagram is not in the message", () => {
  const bytes = Deno.readFileSync(new URL("torture/dblreq.dat", FIXTURES));
  assertEquals(parseSipMessage(bytes, { transport: "udp" }).body.length, 0);
});
