import { assert, assertEquals } from "@std/assert";
import { parseMsrpUri, writeMsrpUri } from "../../../../lib/msrp/mod.ts";
import { type IssuedUri, IssuedUris } from "../../../../lib/msrp/relay/issued_uris.ts";
import { RELAY } from "../../../helpers/relay_core_bench.ts";
import { seededRandom } from "../../../helpers/seeded_random.ts";

function issue(uris: IssuedUris, connection = 1): IssuedUri {
  return uris.issue(parseMsrpUri(RELAY), {
    username: "alice",
    owner: { kind: "client", connection },
    connection,
    clientPath: [parseMsrpUri("msrps://alice.example:1/a;tcp")],
    expiresAt: 100,
  });
}

Deno.test("IssuedUris.find() compares the whole URI, not its session-id alone", () => {
  const uris = new IssuedUris(seededRandom(3));
  const issued = issue(uris);
  const text = writeMsrpUri(issued.uri);
  assert(uris.find(parseMsrpUri(text)) === issued);
  assert(uris.find(parseMsrpUri(text.replace("relay.example", "RELAY.EXAMPLE"))) === issued);
  assertEquals(uris.find(parseMsrpUri(text.replace("2855", "2856"))), undefined);
  assertEquals(uris.find(parseMsrpUri(text.replace("msrps", "msrp"))), undefined);
  assertEquals(uris.find(parseMsrpUri(text.toUpperCase())), undefined);
  assertEquals(uris.find(parseMsrpUri(RELAY)), undefined);
  assertEquals(uris.find(undefined), undefined);
});

Deno.test("IssuedUris count and remove by connection", () => {
  const uris = new IssuedUris(seededRandom(3));
  const [one, two] = [issue(uris), issue(uris)];
  issue(uris, 2);
  assertEquals([uris.size, uris.countOf(1), uris.countOf(2), uris.countOf(3)], [3, 2, 1, 0]);
  assertEquals(uris.of(1), [one, two]);
  assertEquals([uris.remove(one), uris.remove(one)], [true, false]);
  assertEquals([uris.size, uris.of(1)], [2, [two]]);
  assertEquals(uris.find(one.uri), undefined);
});
