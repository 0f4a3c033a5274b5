/** What SIP messages cost: judged, framed, written, and answered by a user agent. */
import { concatBytes, utf8 } from "../lib/base/bytes.ts";
import {
  judgeSipMessage,
  parseSipMessage,
  StreamFramer,
  UserAgentCore,
  writeSipMessage,
} from "../lib/sip/mod.ts";
import { requestText, SDP } from "../tests/helpers/scripted_sip.ts";
import { seededRandom } from "../tests/helpers/seeded_random.ts";

const invite = utf8(requestText("INVITE", { body: SDP, headers: ["User-Agent: bench"] }));
const message = parseSipMessage(invite, { transport: "udp" });
const thousand = concatBytes(...Array.from({ length: 1_000 }, () => invite));

Deno.bench("judge an INVITE", { group: "message" }, () => {
  if (judgeSipMessage(invite, { transport: "udp" }).verdict !== "valid") throw new Error("bad");
});

Deno.bench("write an INVITE", { group: "message" }, () => {
  writeSipMessage(message);
});

Deno.bench("frame 1000 INVITEs of a stream", { group: "stream" }, () => {
  const framer = new StreamFramer();
  let framed = 0;
  for (let at = 0; at < thousand.length; at += 65_536) {
    framed += framer.feed(thousand.subarray(at, at + 65_536)).length;
  }
  if (framed !== 1_000) throw new Error("a message is missing");
});

Deno.bench("answer 100 OPTIONS", { group: "user agent" }, () => {
  const core = new UserAgentCore({
    random: seededRandom(1),
    userAgent: "bench",
    localAddress: () => ({ host: "192.0.2.2", port: 5060 }),
  });
  const flow = { transport: "udp", remote: { host: "192.0.2.1", port: 5060 } } as const;
  for (let count = 0; count < 100; count++) {
    const options = utf8(requestText("OPTIONS", { callId: `c${count}` }));
    if (core.receive(options, flow, 0).length !== 1) throw new Error("no answer");
  }
});
