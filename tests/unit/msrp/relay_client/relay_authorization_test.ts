import { assertEquals, assertThrows } from "@std/assert";
import { parseMsrpPath, parseMsrpUri, writeMsrpPath } from "../../../../lib/msrp/mod.ts";
import {
  isSamePath,
  ownPath,
  RelayAuthorization,
} from "../../../../lib/msrp/relay_client/relay_authorization.ts";
import { EXTRA, INTRA, INTRA_PATH, relayConfig, relayToAsk } from "../../../helpers/relay_bench.ts";
import { seededRandom } from "../../../helpers/seeded_random.ts";

const granted = {
  startLine: { kind: "response", transactionId: "abcd", code: 200, comment: "OK" },
  toPath: [],
  fromPath: [],
  headers: [{ name: "Use-Path", value: INTRA_PATH }],
} as const;

Deno.test("RelayAuthorization.next() goes from relay to relay, and restart() to the first", () => {
  const authorization = new RelayAuthorization(
    relayConfig({ relays: [relayToAsk(INTRA), relayToAsk(EXTRA)] }),
    seededRandom(1),
  );
  assertEquals(writeMsrpPath(authorization.next().toPath), INTRA);
  assertEquals([authorization.index, authorization.credentials], [0, "none"]);
  // A relay that asks for nothing is believed.
  assertEquals(authorization.receive(granted).type, "again");
  assertEquals(writeMsrpPath(authorization.next().toPath), `${INTRA_PATH} ${EXTRA}`);
  assertEquals([authorization.index, authorization.relay.host], [1, "extra.example.com"]);
  authorization.restart();
  assertEquals(writeMsrpPath(authorization.next().toPath), INTRA);
});

Deno.test("RelayAuthorization wants a relay, and a session of ours", () => {
  const random = seededRandom(1);
  assertThrows(() => new RelayAuthorization(relayConfig({ relays: [] }), random), RangeError);
  const self = parseMsrpUri("msrps://alice.example.com;tcp");
  assertThrows(() => new RelayAuthorization(relayConfig({ self }), random), RangeError);
});

Deno.test("ownPath() is the way in; isSamePath() compares to the letter", () => {
  const path = parseMsrpPath("msrps://b:1/b;tcp msrps://c:1/c;tcp");
  const self = parseMsrpUri("msrps://a:1/a;tcp");
  assertEquals(
    writeMsrpPath(ownPath(path, self)),
    "msrps://c:1/c;tcp msrps://b:1/b;tcp msrps://a:1/a;tcp",
  );
  assertEquals([isSamePath(path, path), isSamePath(path, path.toReversed())], [true, false]);
});
