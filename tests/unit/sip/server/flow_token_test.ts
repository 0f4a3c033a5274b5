import { assert, assertEquals, assertMatch } from "@std/assert";
import { FlowTokens, isSameFlow } from "../../../../lib/sip/server/flow_token.ts";
import { seededRandom } from "../../../helpers/seeded_random.ts";

const TCP = { transport: "tcp", remote: { host: "192.0.2.1", port: 6000 }, connection: 4 } as const;
const UDP = {
  transport: "udp",
  remote: { host: "2001:db8::1", port: 5060 },
  connection: 2,
} as const;
const BARE = { transport: "udp", remote: { host: "192.0.2.9", port: 5060 } } as const;

Deno.test("FlowTokens.read() gives back the flows of what write() wrote", () => {
  const tokens = new FlowTokens(seededRandom(1));
  for (
    const flows of [
      { caller: TCP, callee: UDP },
      { caller: undefined, callee: BARE },
      { caller: undefined, callee: undefined },
    ]
  ) {
    const token = tokens.write(flows, "call");
    assertMatch(token, /^[0-9a-f.]+$/);
    assertEquals(tokens.read(token, "call"), flows);
  }
});

Deno.test("FlowTokens.read() believes no other call, no other key, no changed octet", () => {
  const tokens = new FlowTokens(seededRandom(1));
  const token = tokens.write({ caller: TCP, callee: undefined }, "call");
  assertEquals(tokens.read(token, "other"), undefined);
  assertEquals(new FlowTokens(seededRandom(2)).read(token, "call"), undefined);
  for (let at = 0; at < token.length; at++) {
    const changed = token.slice(0, at) + (token[at] === "0" ? "1" : "0") + token.slice(at + 1);
    assertEquals(tokens.read(changed, "call"), undefined, changed);
  }
  for (const text of [undefined, "", ".", "alice", `${"00".repeat(300)}.${"0".repeat(32)}`]) {
    assertEquals(tokens.read(text, "call"), undefined);
  }
});

Deno.test("FlowTokens.digest() is the same for the same parts under the same key", () => {
  const tokens = new FlowTokens(seededRandom(1));
  assertEquals(tokens.digest("a", "b"), tokens.digest("a", "b"));
  assert(tokens.digest("a", "b") !== tokens.digest("a", "c"));
  assert(tokens.digest("a") !== new FlowTokens(seededRandom(2)).digest("a"));
});

Deno.test("isSameFlow() compares connections, and over UDP the socket of the peer too", () => {
  assertEquals(isSameFlow(TCP, { ...TCP, remote: { host: "x", port: 1 } }), true);
  assertEquals(isSameFlow(TCP, { ...TCP, connection: 5 }), false);
  assertEquals(isSameFlow(UDP, { ...UDP, remote: { ...UDP.remote, port: 5061 } }), false);
  assertEquals(isSameFlow(UDP, { ...UDP, transport: "tcp" }), false);
});
