/**
 * SIPp on both sides of the lab's proxy, with passwords.
 *
 * SIPp 3.6.1 knows MD5 alone, and gives up when the first challenge names another algorithm
 * (RFC 8760 §2.4 would have it take the first that it knows): the lab offers it MD5 only.
 */
import { assertEquals } from "@std/assert";
import type { SipServerEvent } from "../../../lib/sip/mod.ts";
import { openLabSip, placeOf } from "../../helpers/lab_sip.ts";
import { livePeerTest } from "../../helpers/live_peer.ts";
import { startSipp } from "../../helpers/sipp.ts";

for (const transport of ["udp", "tcp"] as const) {
  for (const calleeTransport of ["udp", "tcp"] as const) {
    livePeerTest(
      `SIPp registers over ${calleeTransport} and is called over ${transport} through the lab, with digest`,
      { needs: ["sipp"] },
      async () => {
        const events: SipServerEvent[] = [];
        await using server = await openLabSip({
          listen: (["udp", "tcp"] as const).map((it) => ({
            host: "127.0.0.1",
            port: 0,
            transport: it,
          })),
          algorithms: ["MD5"],
          onEvent: (event) => events.push(event),
        });
        const at = (it: "udp" | "tcp") => `127.0.0.1:${placeOf(server, it).port}`;
        const callee = await startSipp("uas_recorded_call", calleeTransport);
        const registering = await startSipp("uac_register", calleeTransport, [
          ...["-s", "bob", "-au", "bob", "-ap", "secret-bob"],
          ...["-key", "contact_port", String(callee.port), at(calleeTransport)],
        ]);
        await registering.finish();
        assertEquals(server.load.contacts, 1);
        const caller = await startSipp("uac_authenticated_call", transport, [
          ...["-s", "alice", "-au", "alice", "-ap", "secret-alice"],
          ...["-key", "callee", "bob", at(transport)],
        ]);
        await caller.finish();
        await callee.finish();
        const statuses = events.flatMap((it) =>
          it.type === "answered" ? [`${it.method} ${it.status}`] : []
        );
        assertEquals(statuses, ["INVITE 200", "BYE 200"]);
      },
    );
  }
}

livePeerTest("SIPp with a wrong password is let in nowhere", { needs: ["sipp"] }, async () => {
  await using server = await openLabSip({ algorithms: ["MD5"] });
  const at = `127.0.0.1:${placeOf(server, "udp").port}`;
  const registering = await startSipp("uac_register", "udp", [
    ...["-s", "bob", "-au", "bob", "-ap", "wrong", "-key", "contact_port", "9", at],
  ]);
  const failure = await registering.finish().then(() => "", (error: Error) => error.message);
  assertEquals(failure.includes("401"), true, failure);
  assertEquals(server.load.contacts, 0);
});

livePeerTest("SIPp has fifty calls through the lab at once", { needs: ["sipp"] }, async () => {
  await using server = await openLabSip({ algorithms: ["MD5"] });
  const at = `127.0.0.1:${placeOf(server, "udp").port}`;
  const callee = await startSipp("uas_recorded_call", "udp", ["-m", "50"]);
  await (await startSipp("uac_register", "udp", [
    ...["-s", "bob", "-au", "bob", "-ap", "secret-bob"],
    ...["-key", "contact_port", String(callee.port), at],
  ])).finish();
  const caller = await startSipp("uac_authenticated_call", "udp", [
    ...["-s", "alice", "-au", "alice", "-ap", "secret-alice", "-key", "callee", "bob"],
    ...["-m", "50", "-l", "50", "-r", "50", at],
  ]);
  await caller.finish();
  await callee.finish();
  assertEquals(server.load.pending, 0);
});
