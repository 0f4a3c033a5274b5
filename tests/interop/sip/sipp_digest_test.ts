/** SIPp as the server that asks for a password: MD5 with qop, which is all it knows. */
import { assert, assertEquals } from "@std/assert";
import { passwordSecret } from "../../../lib/auth/mod.ts";
import { utf8 } from "../../../lib/base/bytes.ts";
import { platformRandom, SipEndpoint, SystemClock } from "../../../lib/session/mod.ts";
import { parseNameAddress, parseSipUri, writeNameAddress } from "../../../lib/sip/mod.ts";
import { livePeerTest } from "../../helpers/live_peer.ts";
import { SDP } from "../../helpers/scripted_sip.ts";
import { startSipp } from "../../helpers/sipp.ts";

const ALICE = parseNameAddress("<sip:alice@sipp.test>");

function open(password: string): Promise<SipEndpoint> {
  return SipEndpoint.open({
    listen: [],
    clock: new SystemClock(),
    random: platformRandom,
    userAgent: "sotto/test",
    credentials: (realm) =>
      realm === "sipp.test" ? { username: "alice", password: passwordSecret(password) } : undefined,
  });
}

for (const transport of ["udp", "tcp"] as const) {
  livePeerTest(`SIPp finds our answers to 401 right, for INVITE and BYE, over ${transport}`, {
    needs: ["sipp"],
  }, async () => {
    await using endpoint = await open("secret");
    const server = await startSipp("uas_challenges", transport);
    const target = parseSipUri(`sip:bob@127.0.0.1:${server.port};transport=${transport}`);
    const call = endpoint.invite({ target, from: ALICE, offer: utf8(SDP) });
    const seen: string[] = [];
    for await (const event of call.events()) {
      seen.push(event.type);
      if (event.type === "answered") void call.hangup();
    }
    assertEquals(seen, ["ringing", "answered", "ended"]);
    await server.finish();
  });

  livePeerTest(`SIPp is a registrar with 401 and 423, over ${transport}`, {
    needs: ["sipp"],
  }, async () => {
    await using endpoint = await open("secret");
    const server = await startSipp("uas_registrar", transport);
    const registration = endpoint.register({
      address: ALICE,
      registrar: parseSipUri(`sip:127.0.0.1:${server.port};transport=${transport}`),
      expires: 60,
    });
    const event = await registration.settled();
    assert(event.type === "registered", event.type);
    assertEquals(event.expires, 120);
    assertEquals(event.bindings.map((it) => it.expires), [5, 120]);
    assert(event.own !== undefined);
    assertEquals(registration.serviceRoute.map(writeNameAddress), ["<sip:way.sipp.test;lr>"]);
    await registration.close();
    assertEquals(registration.last, { type: "unregistered", isConfirmed: true });
    await server.finish();
  });
}

livePeerTest("SIPp refuses a wrong password", { needs: ["sipp"] }, async () => {
  await using endpoint = await open("wrong");
  const server = await startSipp("uas_challenges", "udp");
  const target = parseSipUri(`sip:bob@127.0.0.1:${server.port};transport=udp`);
  const call = endpoint.invite({ target, from: ALICE, offer: utf8(SDP) });
  for await (const event of call.events()) {
    assert(event.type === "rejected" && event.status === 403, JSON.stringify(event));
  }
  await server.finish();
});
