/** What holds for every description that can be built: parse(write(v)) = v, write(parse(b)) = b. */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { equalBytes } from "../../../lib/base/bytes.ts";
import {
  answerDirection,
  answerSetup,
  connectingSide,
  createMsrpAnswer,
  createMsrpOffer,
  msrpMediaOf,
  parseMsrpMedia,
  parseSessionDescription,
  type SessionDescription,
  writeSessionDescription,
} from "../../../lib/sdp/mod.ts";

const token = fc.stringMatching(/^[!#$%&'*+.0-9A-Z^_`a-z{|}~-]{1,12}$/);
const digits = fc.stringMatching(/^[0-9]{1,20}$/);
// Text without line breaks or NUL; any other character, lone surrogates excepted.
const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 30 })
  .map((it) => it.replace(/[\0\r\n]/g, "_")).filter((it) => it !== "");
const connection = fc.record({
  networkType: token,
  addressType: token,
  address: fc.constantFrom("192.0.2.1", "2001:db8::1", "host.example", "233.252.0.1/127"),
});
const bandwidth = fc.record({ type: token, bandwidth: digits });
const attribute = fc.oneof(
  fc.record({ name: token }),
  fc.record({ name: token, value: fc.oneof(text, fc.constant("")) }),
);
const unknownLine = fc.record({ type: fc.constantFrom("w", "x", "Y"), value: text });
/** Optional members: absent rather than empty, as the parser leaves them. */
const some = <T>(it: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.array(it, { minLength: 1, maxLength: 3 });

const medium = fc.record({
  media: token,
  port: fc.integer({ min: 0, max: 65_535 }),
  portCount: fc.integer({ min: 1, max: 99_999 }),
  protocol: fc.constantFrom("TCP/MSRP", "RTP/AVP", "UDP"),
  formats: some(token),
  information: text,
  connections: some(connection),
  bandwidths: some(bandwidth),
  key: text,
  attributes: fc.array(attribute, { maxLength: 4 }),
  unknownLines: some(unknownLine),
}, { requiredKeys: ["media", "port", "protocol", "formats", "attributes"] });

const description: fc.Arbitrary<SessionDescription> = fc.record({
  origin: fc.record({
    username: token,
    sessionId: digits,
    sessionVersion: digits,
    networkType: token,
    addressType: token,
    address: token,
  }),
  sessionName: text,
  information: text,
  uri: text,
  emails: some(text),
  phones: some(text),
  connection,
  bandwidths: some(bandwidth),
  times: some(
    fc.record(
      { start: digits, stop: digits, repeats: some(text), zones: text },
      { requiredKeys: ["start", "stop"] },
    ),
  ),
  key: text,
  attributes: fc.array(attribute, { maxLength: 4 }),
  media: fc.array(medium, { maxLength: 3 }),
  unknownLines: some(unknownLine),
}, { requiredKeys: ["origin", "sessionName", "times", "attributes", "media"] });

/** fast-check's records have no prototype; the parser's have. */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}

Deno.test("parseSessionDescription() reads back every description that was written", () => {
  fc.assert(fc.property(description, (it) => {
    assertEquals(plain(parseSessionDescription(writeSessionDescription(it))), plain(it));
  }));
});

Deno.test("writeSessionDescription() returns the octets of what it once wrote", () => {
  fc.assert(fc.property(description, (it) => {
    const bytes = writeSessionDescription(it);
    return equalBytes(writeSessionDescription(parseSessionDescription(bytes)), bytes);
  }));
});

const direction = fc.constantFrom("sendrecv", "sendonly", "recvonly", "inactive");
const setup = fc.constantFrom("active", "passive", "actpass");
const mediaChoice = fc.record({
  transport: fc.constantFrom("TCP/MSRP", "TCP/TLS/MSRP"),
  port: fc.integer({ min: 1, max: 65_535 }),
  host: fc.constantFrom("192.0.2.1", "[2001:db8::1]", "host.example"),
  direction,
  setup,
});

Deno.test("createMsrpAnswer() answers every offer of ours so that one side connects and directions agree", () => {
  fc.assert(fc.property(
    mediaChoice,
    fc.constantFrom("active", "passive"),
    direction,
    (choice, wish, wishedDirection) => {
      const scheme = choice.transport === "TCP/MSRP" ? "msrp" : "msrps";
      const path = [`${scheme}://${choice.host}:${choice.port}/x;tcp`];
      const common = { sessionId: "1", sessionVersion: "1" };
      const offer = createMsrpOffer({
        ...common,
        media: { ...choice, path, acceptTypes: ["text/plain"] },
      });
      const answer = createMsrpAnswer(offer, {
        ...common,
        index: 0,
        media: { path, acceptTypes: ["*"], setup: wish, direction: wishedDirection },
      });
      const [ours] = msrpMediaOf(offer);
      const theirs = parseMsrpMedia(answer, 0);
      assertEquals(theirs?.transport, ours?.transport);
      assertEquals(theirs?.setup, answerSetup(ours?.setup, wish));
      assertEquals(theirs?.direction, answerDirection(choice.direction, wishedDirection));
      const side = connectingSide(ours?.setup, theirs?.setup);
      assertEquals(side === "answerer", theirs?.setup === "active");
    },
  ));
});
