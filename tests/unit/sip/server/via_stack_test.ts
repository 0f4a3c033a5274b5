import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { headerValues, type SipRequest, topVia } from "../../../../lib/sip/mod.ts";
import { FlowTokens } from "../../../../lib/sip/server/flow_token.ts";
import { ServerIdentity } from "../../../../lib/sip/server/server_identity.ts";
import { Branches, popVia, pushVia, withTopVia } from "../../../../lib/sip/server/via_stack.ts";
import { request, response } from "../../../helpers/sip_messages.ts";
import { seededRandom } from "../../../helpers/seeded_random.ts";

const SIDE = { transport: "udp", local: { host: "192.0.2.100", port: 5060 } } as const;
const identity = new ServerIdentity({
  domains: ["example.com"],
  places: () => [SIDE],
  isOwnAddress: () => false,
});

Deno.test("pushVia() and popVia() are each other's inverse; the last hop has nothing below", () => {
  const pushed = pushVia(request("INVITE"), SIDE, "z9hG4bKx");
  assertEquals(headerValues(pushed, "Via"), [
    "SIP/2.0/UDP 192.0.2.100:5060;branch=z9hG4bKx;rport",
    "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1",
  ]);
  const answer = { ...response(200, "INVITE"), headers: pushed.headers };
  const popped = popVia(answer);
  assertEquals(popped && headerValues(popped, "Via"), ["SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1"]);
  assertEquals(popped && popVia(popped), undefined);
});

Deno.test("popVia() and withTopVia() touch the first value of a field that holds several", () => {
  const headers = [{ name: "Via", value: "SIP/2.0/UDP a;branch=1, SIP/2.0/TCP b" }];
  const popped = popVia({ ...response(200, "INVITE"), headers });
  assertEquals(popped && headerValues(popped, "Via"), ["SIP/2.0/TCP b"]);
  const message: SipRequest = { ...request("INVITE"), headers };
  const replaced = withTopVia(message, { ...topVia(message), host: "c" });
  assertEquals(headerValues(replaced, "Via"), ["SIP/2.0/UDP c;branch=1", "SIP/2.0/TCP b"]);
});

Deno.test("Branches.isLoop() sees what came back unchanged, under whatever method", () => {
  const branches = new Branches(new FlowTokens(seededRandom(1)));
  const received = request("INVITE");
  const back = pushVia(received, SIDE, branches.make(received, "u1"));
  assertEquals(branches.isLoop(received, identity), false);
  assertEquals(branches.isLoop(back, identity), true);
  assertEquals(branches.isLoop({ ...back, requestUri: "sip:other@x" }, identity), false);
  const rerouted = back.headers.filter((it) => it.name !== "Route");
  assertEquals(branches.isLoop({ ...back, headers: rerouted }, identity), false);
  // Somebody else's Via with the same text is none of ours.
  const foreign = { ...SIDE, local: { host: "192.0.2.9", port: 5060 } };
  const copied = pushVia(received, foreign, branches.make(received, "u1"));
  assertEquals(branches.isLoop(copied, identity), false);
});

Deno.test("Branches.makeStateless() repeats itself for a repeated request alone", () => {
  const branches = new Branches(new FlowTokens(seededRandom(1)));
  const ack = request("ACK");
  assertEquals(branches.makeStateless(ack), branches.makeStateless(request("ACK")));
  const other = withTopVia(ack, {
    ...topVia(ack),
    parameters: [{ name: "branch", value: "z9hG4bK2" }],
  });
  assertNotEquals(branches.makeStateless(ack), branches.makeStateless(other));
  assert(branches.makeStateless(ack).startsWith("z9hG4bK"));
});
