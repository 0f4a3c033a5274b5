/** Two people behind address translators, with nothing but the command line and an account each. */
import { assertEquals, assertMatch } from "@std/assert";
import { makeSelfSignedCertificate } from "../../../lib/transport/mod.ts";
import { livePeerTest } from "../../helpers/live_peer.ts";
import { startSotto } from "../../helpers/sotto_process.ts";
import { TemporaryFolder } from "../../helpers/temporary_folder.ts";
import {
  NETWORK_NEEDS,
  networkObstacle,
  TranslatedNetwork,
} from "../../helpers/translated_network.ts";

// Where the sandbox allows no namespaces, the test says so: nothing else can be done about it.
const obstacle = await networkObstacle();
const suffix = obstacle === undefined ? "" : ` (skipped: ${obstacle})`;

for (const transport of ["udp", "tcp", "tls"] as const) {
  livePeerTest(
    `two homes behind translators talk and verify through registrar and relay, SIP over ${transport}${suffix}`,
    { needs: NETWORK_NEEDS },
    async () => {
      if (obstacle !== undefined) return;
      await using folder = await TemporaryFolder.make();
      await using network = await TranslatedNetwork.make(2);
      const { street, homes: [aliceHome, bobHome] } = network;
      if (aliceHome === undefined || bobHome === undefined) throw new Error("no homes");
      const { certPem, keyPem } = await makeSelfSignedCertificate({
        commonName: street.address,
        names: [street.address],
      });
      await Deno.writeTextFile(folder.file("ca.pem"), certPem);
      await Deno.writeTextFile(folder.file("key.pem"), keyPem);
      for (const [name, text] of [["alice", "wonderland"], ["bob", "builder"], ["s", "secret"]]) {
        await Deno.writeTextFile(folder.file(`${name}.txt`), `${text}\n`, { mode: 0o600 });
      }
      await using lab = startSotto(
        { folder: folder.path, home: "lab", within: street.within },
        ...["lab", "--json", "--listen", `${street.address}:5060`],
        ...["--listen", `${street.address}:5061;transport=tls`],
        ...["--user", "alice:wonderland", "--user", "bob:builder"],
        ...["--tls-cert", "ca.pem", "--tls-key", "key.pem"],
      );
      const listening = await lab.event((it) => it["type"] === "listening");
      const relay = (listening["msrp"] as string[]).find((it) => it.startsWith("msrps:")) ?? "";
      const [, relayAt = ""] = /^msrps:\/\/([^/;]+)/.exec(relay) ?? [];

      const access = (user: string): string[] => [
        ...["--from", `${user}@${street.address}`, "--password-file", `${user}.txt`],
        ...["--transport", transport, "--relay", relayAt, "--tls-ca", "ca.pem", "--json"],
      ];
      await using bob = startSotto(
        { folder: folder.path, home: "bob", within: bobHome.within },
        ...["answer", "--once", "--register", "--listen", `${bobHome.address}:0`, "--echo"],
        ...["--otr", "require", "--smp-answer-file", "s.txt", ...access("bob")],
      );
      await bob.event((it) => it["type"] === "registration" && it["state"] === "registered");
      const alice = startSotto(
        { folder: folder.path, home: "alice", within: aliceHome.within },
        ...["call", `bob@${street.address}`, "--otr", "require", "--smp-secret-file", "s.txt"],
        ...["--send", "from behind a wall", "--expect", "behind a wall", ...access("alice")],
      );
      const { status, stderr, events } = await alice.result();
      assertEquals(status, 0, stderr);
      assertEquals(await bob.wait(), 0);
      const bound = events.find((it) => it["type"] === "msrp" && it["state"] === "bound");
      // Both lead through the relay: nothing of a home can be reached directly.
      assertMatch(String(bound?.["remotePath"]), new RegExp(`^msrps://${street.address}`));
      assertEquals(events.some((it) => it["type"] === "otr" && it["lock"] === "green"), true);
    },
  );
}
