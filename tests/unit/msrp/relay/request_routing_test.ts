import { assertEquals } from "@std/assert";
import {
  type ChunkHead,
  parseMsrpPath,
  parseMsrpUri,
  writeMsrpPath,
} from "../../../../lib/msrp/mod.ts";
import { IssuedUris } from "../../../../lib/msrp/relay/issued_uris.ts";
import {
  haveSameAuthority,
  isOurs,
  routeRequest,
} from "../../../../lib/msrp/relay/request_routing.ts";
import { PLAIN_RELAY, RELAY } from "../../../helpers/relay_core_bench.ts";
import { seededRandom } from "../../../helpers/seeded_random.ts";

const AUTHORITIES = [parseMsrpUri(RELAY), parseMsrpUri(PLAIN_RELAY)];
const ALICE = "msrps://alice.example:7777/alice123;tcp";
const FAR = "msrps://far.example:1/x;tcp";

function head(method: string, to: string, from = ALICE): ChunkHead {
  return {
    startLine: { kind: "request", transactionId: "tid12345", method },
    toPath: parseMsrpPath(to),
    fromPath: parseMsrpPath(from),
    headers: [],
  };
}

const uris = new IssuedUris(seededRandom(4));
const ours = writeMsrpPath([
  uris.issue(parseMsrpUri(RELAY), {
    username: "alice",
    owner: { kind: "client", connection: 1 },
    connection: 1,
    clientPath: [parseMsrpUri(ALICE)],
    expiresAt: 100,
  }).uri,
]);

function routed(it: ChunkHead, connection: number, isSecure = true): string {
  const routing = routeRequest(it, { connection, isSecure }, uris, AUTHORITIES);
  if (routing.type === "refuse") return String(routing.code);
  if (routing.type !== "forward") return routing.type;
  return `${routing.towards} ${writeMsrpPath(routing.toPath)} < ${writeMsrpPath(routing.fromPath)}`;
}

Deno.test("routeRequest() tells owner, peer and stranger apart", () => {
  assertEquals(routed(head("SEND", `${ours} ${FAR}`), 1), `next-hop ${FAR} < ${ours} ${ALICE}`);
  assertEquals(routed(head("SEND", `${ours} ${FAR}`), 2), "403");
  assertEquals(
    routed(head("SEND", `${ours} ${ALICE}`, FAR), 2),
    `client ${ALICE} < ${ours} ${FAR}`,
  );
  assertEquals(routed(head("SEND", `${ours} ${ALICE} ${FAR}`, FAR), 2).split(" ")[0], "client");
  assertEquals(routed(head("SEND", ours), 1), "481");
  assertEquals(routed(head("SEND", `${RELAY.replace(";", "/none;")} ${FAR}`), 1), "481");
  assertEquals(routed(head("SEND", `${ours} ${FAR}`, `${ours} ${ALICE}`), 1), "400");
});

Deno.test("routeRequest() keeps AUTH that is ours from AUTH that goes on", () => {
  assertEquals(routed(head("AUTH", RELAY), 5), "ours");
  assertEquals(routed(head("AUTH", "msrps://alice@relay.example;tcp"), 5), "ours");
  assertEquals(routed(head("AUTH", ours), 5), "ours");
  assertEquals(routed(head("AUTH", `${ours} ${FAR}`), 1).split(" ")[0], "next-hop");
  assertEquals(routed(head("AUTH", `${RELAY} ${FAR}`), 1), "481");
});

Deno.test("routeRequest() drops what is for others, or came by the wrong transport", () => {
  assertEquals(routed(head("SEND", FAR), 1), "drop");
  assertEquals(routed(head("AUTH", "msrps://relay.example:9999;tcp"), 1), "drop");
  assertEquals(routed(head("SEND", `${ours} ${FAR}`), 1, false), "drop");
  assertEquals(routed(head("AUTH", RELAY), 1, false), "drop");
  assertEquals(routed(head("AUTH", PLAIN_RELAY), 1, false), "ours");
});

Deno.test("isOurs() and haveSameAuthority() look past the session", () => {
  assertEquals(isOurs(parseMsrpUri(ours), AUTHORITIES), true);
  assertEquals(isOurs(parseMsrpUri("msrps://relay.example;tcp"), AUTHORITIES), true);
  assertEquals(isOurs(parseMsrpUri("msrps://relay.example:2855;ws"), AUTHORITIES), false);
  assertEquals(
    haveSameAuthority(parseMsrpUri(ALICE), parseMsrpUri(ALICE.replace("alice123", "b"))),
    true,
  );
  assertEquals(haveSameAuthority(parseMsrpUri(ALICE), parseMsrpUri(FAR)), false);
});
