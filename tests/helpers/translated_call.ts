/**
 * A program for one host of a `TranslatedNetwork`: the lab's server, somebody who registers and waits
 * for a call, or somebody who calls. It says on stdout what happened, a line each.
 *
 *     translated_call.ts server
 *     translated_call.ts wait|call udp|tcp SERVER PORT
 */
import { passwordSecret } from "../../lib/auth/mod.ts";
import { utf8 } from "../../lib/base/bytes.ts";
import { type Call, platformRandom, SipEndpoint, SystemClock } from "../../lib/session/mod.ts";
import { parseNameAddress, parseSipUri, type SipTransport } from "../../lib/sip/mod.ts";
import { openLabSip } from "./lab_sip.ts";

const SDP = utf8("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=message 9 TCP/MSRP *\r\n");

function say(line: string): void {
  Deno.stdout.writeSync(utf8(`${line}\n`));
}

async function serve(): Promise<void> {
  const server = await openLabSip({
    listen: (["udp", "tcp"] as const).map((transport) => ({
      host: "0.0.0.0",
      port: 5060,
      transport,
    })),
    domains: ["lab.example"],
  });
  say(`listening ${server.uris.length}`);
  await new Promise(() => {});
}

async function take(name: string, transport: SipTransport, host: string): Promise<SipEndpoint> {
  return await SipEndpoint.open({
    listen: [],
    clock: new SystemClock(),
    random: platformRandom,
    userAgent: `sotto/${name}`,
    proxy: parseSipUri(`sip:${host}:5060;transport=${transport}`),
    credentials: (realm) =>
      realm === "lab.example"
        ? { username: name, password: passwordSecret(`secret-${name}`) }
        : undefined,
  });
}

async function follow(call: Call): Promise<void> {
  for await (const event of call.events()) {
    say(event.type === "ended" ? `ended by ${event.by}` : event.type);
    if (event.type === "offer") event.respond(SDP);
    // Whoever was called says something in between, and then goodbye.
    if (event.type === "confirmed") call.reoffer(SDP);
    if (event.type === "offer-answered") void call.hangup();
  }
}

async function wait(transport: SipTransport, host: string): Promise<void> {
  const endpoint = await take("bob", transport, host);
  const registration = endpoint.register({
    address: parseNameAddress("<sip:bob@lab.example>"),
    expires: 600,
  });
  say((await registration.settled()).type);
  for await (const call of endpoint.calls()) {
    call.ring();
    call.answer(SDP);
    await follow(call);
    break;
  }
  await registration.close();
  await endpoint.close();
}

async function place(transport: SipTransport, host: string): Promise<void> {
  const endpoint = await take("alice", transport, host);
  await follow(endpoint.invite({
    target: parseSipUri("sip:bob@lab.example"),
    from: parseNameAddress("<sip:alice@lab.example>"),
    offer: SDP,
  }));
  await endpoint.close();
}

if (import.meta.main) {
  const [what, transport, host = ""] = Deno.args;
  const named = transport === "tcp" ? "tcp" : "udp";
  await (what === "server" ? serve() : what === "wait" ? wait(named, host) : place(named, host));
}
