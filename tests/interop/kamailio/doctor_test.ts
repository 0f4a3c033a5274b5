/** `sotto doctor` on an account at Kamailio: everything right, and one thing after the other wrong. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { Kamailio, KAMAILIO_NEEDS } from "../../helpers/kamailio.ts";
import { livePeerTest } from "../../helpers/live_peer.ts";
import { runSotto, type SottoResult } from "../../helpers/sotto_process.ts";
import { TemporaryFolder } from "../../helpers/temporary_folder.ts";

/** Names and statuses of what was checked of the network. */
function network({ events }: SottoResult): string[] {
  return events.filter((it) => /^(dns|server|tls|registration|relay)/.test(String(it["name"])))
    .map((it) => `${it["name"]} ${it["status"]}`);
}

livePeerTest("doctor finds an account in order, and each thing that is not, with what to do", {
  needs: KAMAILIO_NEEDS,
}, async () => {
  await using kamailio = await Kamailio.start();
  await using folder = await TemporaryFolder.make();
  const alice = { folder: folder.path, home: "alice" };
  await Deno.writeTextFile(folder.file("ca.pem"), kamailio.certificate.certPem);
  await Deno.writeTextFile(folder.file("right"), kamailio.users["alice"] ?? "");
  await Deno.writeTextFile(folder.file("wrong"), "wrong");
  const { host, name, ports } = kamailio;
  const added = await runSotto(
    alice,
    ...["account", "add", "work", `alice@${kamailio.domain}`, "--password-file", "right"],
    ...["--proxy", `sip:${host}:${ports.sips};transport=tls`, "--tls-ca", "ca.pem"],
    ...["--relay", `${name}:${ports.msrps}`],
  );
  assertEquals(added.status, 0, added.stderr);
  const doctor = (...args: readonly string[]) =>
    runSotto(alice, "doctor", "--account", "work", "--listen", "127.0.0.1:0", "--json", ...args);

  await kamailio.explain(async () => {
    const right = await doctor("--verbose");
    assertEquals(right.status, 0, right.stdout + right.stderr);
    assertEquals(network(right), [
      "dns.decision ok",
      "dns.decision ok",
      "server.tls ok",
      "tls ok",
      "registration ok",
      "relay.dns ok",
      "relay ok",
    ]);
    assertStringIncludes(right.stderr, `sotto: asking tls 127.0.0.1:${ports.sips}\n`);

    const stranger = await doctor("--password-file", "wrong");
    assertEquals(stranger.status, 1);
    assertEquals(network(stranger).slice(-3), [
      "registration failed",
      "relay.dns ok",
      "relay failed",
    ]);
    const weak = await doctor("--digest-min", "sha-256", "--relay", "none");
    assertEquals(network(weak).slice(-2), ["registration failed", "relay skipped"]);

    await Deno.writeTextFile(
      folder.file("alice/config.toml"),
      (await Deno.readTextFile(folder.file("alice/config.toml"))).replace(/^tls-ca.*\n/m, ""),
    );
    const untrusted = await doctor("--relay", "none");
    assertEquals(untrusted.status, 1);
    assertEquals(network(untrusted).slice(2), [
      "tls failed",
      "registration failed",
      "relay skipped",
    ]);
  });

  await kamailio.kill();
  const dead = await doctor("--relay", "none", "--tls-ca", "ca.pem");
  assertEquals(dead.status, 1);
  assertEquals(network(dead).slice(2), [
    "server.tls failed",
    "registration failed",
    "relay skipped",
  ]);
  for (const check of [...dead.events]) {
    if (check["status"] === "failed") {
      assertEquals(typeof check["hint"], "string", JSON.stringify(check));
    }
  }
});
