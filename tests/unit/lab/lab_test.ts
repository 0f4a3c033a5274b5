import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { SottoError } from "../../../lib/base/errors.ts";
import type { Lab } from "../../../lib/lab/lab.ts";
import { openLab } from "../../helpers/lab.ts";
import { openSip, placeSession } from "../../helpers/chat_session_setup.ts";

Deno.test("Lab listens for UDP and TCP on one port that the system chose, and for TLS", async () => {
  await using lab = await openLab();
  const [udp = "", tcp = "", tls = ""] = lab.sip;
  assertMatch(udp, /^sip:127\.0\.0\.1:\d+;transport=udp$/);
  const at = udp.replace(";transport=udp", "");
  assertEquals(tcp, `${at};transport=tcp`);
  assertMatch(tls, /^sip:127\.0\.0\.1:\d+;transport=tls$/);
  assertEquals(lab.bots.echo, at.replace("sip:", "sip:echo@"));
});

Deno.test("Lab says that a port is taken, when it was not its to choose", async () => {
  await using lab = await openLab();
  const port = lab.address.port;
  const error = await assertRejects(
    () => openLab({ listen: [{ host: "127.0.0.1", port }] }),
    SottoError,
  );
  assertEquals(error.code, "transport/address-in-use");
});

Deno.test("Lab.open() needs an address", async () => {
  await assertRejects(() => openLab({ listen: [] }), RangeError);
});

for (const host of ["127.0.0.1", "::1"]) {
  for (const transport of ["udp", "tcp"] as const) {
    Deno.test(`Lab takes calls over ${transport} at ${host}`, async () => {
      await using lab: Lab = await openLab({ listen: [{ host, port: 0 }] });
      await using sip = await openSip(false);
      await using alice = placeSession(sip, `${lab.bots.echo};transport=${transport}`, {
        encryption: "off",
      });
      await alice.session.settled;
      await alice.session.send("hello");
      await alice.hears("hello");
    });
  }
}

Deno.test("Lab that listens at all addresses names one that can be called", async () => {
  await using lab = await openLab({ listen: [{ host: "0.0.0.0", port: 0 }] });
  assertMatch(lab.bots.echo, /^sip:echo@127\.0\.0\.1:\d+$/);
  assertEquals(lab.domain, "127.0.0.1");
  assertMatch(lab.msrp[0] ?? "", /^msrps:\/\/localhost:/);
  await using sip = await openSip(false);
  await using alice = placeSession(sip, lab.bots.echo, { encryption: "off" });
  await alice.session.settled;
  await alice.session.send("hello");
  await alice.hears("hello");
});
