/**
 * The steps of docs/sip2sip.md, by real `sotto` processes, with Kamailio in the place of the
 * service: an account, the registration, a call through proxy and relay with OTR and SMP.
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Kamailio, KAMAILIO_NEEDS, type KamailioOptions } from "../../helpers/kamailio.ts";
import { livePeerTest } from "../../helpers/live_peer.ts";
import {
  Answerer,
  type JsonEvent,
  runSotto,
  type SottoOptions,
  type SottoResult,
  startSotto,
} from "../../helpers/sotto_process.ts";
import { TemporaryFolder } from "../../helpers/temporary_folder.ts";

const needs = { needs: KAMAILIO_NEEDS };

/** A Kamailio, and alice and bob with an account there. */
interface Service {
  readonly kamailio: Kamailio;
  readonly folder: TemporaryFolder;
  person(name: string): SottoOptions;
}

/** How the two get to the service. */
interface Way {
  readonly transport: "udp" | "tcp" | "tls";
  readonly relay?: "tls" | "tcp" | "wss";
}

async function withService(
  way: Way,
  options: KamailioOptions,
  run: (service: Service) => Promise<void>,
): Promise<void> {
  await using kamailio = await Kamailio.start(options);
  await using folder = await TemporaryFolder.make();
  await Deno.writeTextFile(folder.file("ca.pem"), kamailio.certificate.certPem);
  const person = (home: string) => ({ folder: folder.path, home });
  for (const user of ["alice", "bob"]) {
    await Deno.writeTextFile(folder.file(`${user}.password`), `${kamailio.users[user]}\n`);
    const { host, name, ports } = kamailio;
    const server = way.transport === "tls" ? `${name}:${ports.sips}` : `${host}:${ports.sip}`;
    const relay = way.relay === "tls"
      ? ["--relay", `${name}:${ports.msrps}`]
      : way.relay === "wss"
      ? ["--relay", `${name}:${ports.wss};ws`]
      : way.relay === "tcp"
      ? ["--relay", `${host}:${ports.msrp}`, "--relay-insecure", "--msrp", "tcp"]
      : [];
    const added = await runSotto(
      person(user),
      ...["account", "add", "work", `${user}@${kamailio.domain}`, "--default", "--register"],
      ...["--password-file", `${user}.password`, "--tls-ca", "ca.pem", "--expires", "120"],
      ...["--proxy", `sip:${server};transport=${way.transport}`, ...relay],
    );
    assertEquals(added.status, 0, added.stderr);
  }
  await kamailio.explain(() => run({ kamailio, folder, person }));
}

function last(events: readonly JsonEvent[], type: string): JsonEvent {
  return events.findLast((it) => it["type"] === type) ?? {};
}

function assertStatus({ status, stdout, stderr }: SottoResult, expected: number): void {
  assertEquals(status, expected, `${stdout}\n${stderr}`);
}

for (const transport of ["udp", "tcp", "tls"] as const) {
  for (const algorithm of ["MD5", "SHA-256"] as const) {
    livePeerTest(
      `register shows what the registrar said, over ${transport} with ${algorithm}`,
      needs,
      () =>
        withService({ transport }, { algorithm }, async ({ kamailio, person }) => {
          const people = await runSotto(person("alice"), "register");
          assertStatus(people, 0);
          assertStringIncludes(people.stdout, "expires        120 s\n");
          assertStringIncludes(people.stdout, ", ours\n");
          const { status, events } = await runSotto(person("alice"), "register", "work", "--json");
          assertEquals(status, 0);
          assertEquals(events.map((it) => it["state"]), [
            "registering",
            "registered",
            "unregistered",
          ]);
          const registered = events[1] ?? {};
          assertEquals([registered["type"], registered["address"], registered["expires"]], [
            "registration",
            `alice@${kamailio.domain}`,
            120,
          ]);
          assertEquals((registered["contacts"] as JsonEvent[]).map((it) => it["own"]), [true]);
          assertEquals(events[2]?.["confirmed"], true);
        }),
    );
  }
}

livePeerTest(
  "register --keep stays until it is stopped, and takes the registration back",
  needs,
  () =>
    withService({ transport: "tcp" }, {}, async ({ person }) => {
      await using keeping = startSotto(person("alice"), "register", "--keep", "--json");
      await keeping.event((it) => it["state"] === "registered");
      assertEquals(await keeping.stop("SIGINT"), 130);
      assertEquals(last(keeping.events, "registration")["state"], "unregistered");
      const left = await runSotto(person("alice"), "register", "--no-unregister", "--json");
      assertStatus(left, 0);
      assertEquals(last(left.events, "registration")["state"], "registered");
    }),
);

livePeerTest(
  "register ends with the status of what went wrong",
  needs,
  () =>
    withService({ transport: "udp" }, {}, async ({ kamailio, folder, person }) => {
      const alice = person("alice");
      await Deno.writeTextFile(folder.file("wrong"), "wrong\n");
      const wrong = await runSotto(alice, "register", "--password-file", "wrong", "--json");
      assertStatus(wrong, 4);
      assertEquals(last(wrong.events, "error")["code"], "sip/credentials-rejected");
      const weak = await runSotto(alice, "register", "--digest-min", "sha-256", "--json");
      assertStatus(weak, 4);
      assertEquals(last(weak.events, "error")["code"], "sip/digest-too-weak");
      const untrusted = await runSotto(
        { ...alice, home: "mallory" },
        ...["register", "--from", `alice@${kamailio.domain}`, "--password-file", "alice.password"],
        ...["--proxy", `sip:${kamailio.name}:${kamailio.ports.sips};transport=tls`, "--json"],
      );
      assertStatus(untrusted, 3);
      assertEquals(last(untrusted.events, "error")["code"], "transport/tls-untrusted");
      await kamailio.kill();
      const dead = await runSotto(
        alice,
        ...["register", "--proxy", `sip:${kamailio.sipAddress("tcp")};transport=tcp`, "--json"],
      );
      assertStatus(dead, 3);
      const silent = await runSotto(alice, "register", "--timeout", "1s", "--json");
      assertStatus(silent, 6);
    }),
);

for (
  const way of [
    { transport: "udp", relay: "tcp" },
    { transport: "tcp", relay: "tls" },
    { transport: "tls", relay: "tls" },
    { transport: "tcp", relay: "wss" },
  ] as const
) {
  const words = `SIP over ${way.transport}, MSRP through the relay over ${way.relay}`;
  livePeerTest(
    `two people verify each other with OTR and SMP: ${words}`,
    needs,
    () =>
      withService(way, {}, async ({ kamailio, folder, person }) => {
        await Deno.writeTextFile(folder.file("secret"), "under the clock\n");
        await using bob = await Answerer.start(
          person("bob"),
          ...["--once", "--echo", "--smp-answer-file", "secret"],
        );
        const target = `bob@${kamailio.domain}`;
        const call = await runSotto(
          person("alice"),
          ...["call", target, "--otr", "require", "--smp-secret-file", "secret"],
          ...["--send", "hello", "--expect", "hello", "--json"],
        );
        const answered = await bob.result();
        assertStatus(call, 0);
        assertStatus(answered, 0);
        assertEquals(last(call.events, "smp")["state"], "success");
        const [message] = answered.events.filter((it) => it["type"] === "message");
        assertEquals(
          [message?.["from"], message?.["body"], message?.["direction"]],
          [`alice@${kamailio.domain}`, "hello", "in"],
        );
        assert(message?.["encryption"] !== "", JSON.stringify(message));
        const path = String(last(call.events, "msrp")["localPath"]);
        assertEquals(path.split(" ").length, 2, `through a relay: ${path}`);
        const rows = await Deno.readTextFile(folder.file("alice/chat/trusted_peers"));
        assertStringIncludes(rows, `bob@${kamailio.domain}\t`);
        assertStringIncludes(rows, "\tverified");
      }),
  );
}

livePeerTest(
  "a call through the relay warns of --relay-insecure, and is refused without",
  needs,
  () =>
    withService({ transport: "udp", relay: "tls" }, {}, async ({ kamailio, person }) => {
      const relay = ["--relay", `127.0.0.1:${kamailio.ports.msrp}`, "--msrp", "tcp"];
      const target = `bob@${kamailio.domain}`;
      const refused = await runSotto(person("alice"), "call", target, ...relay, "--json");
      assertStatus(refused, 2);
      assertEquals(last(refused.events, "error")["code"], "session/relay-insecure");
      const insecure = await runSotto(
        person("alice"),
        "call",
        target,
        ...relay,
        "--relay-insecure",
      );
      assertStringIncludes(insecure.stderr, "RFC 4976 forbids it");
      assertStatus(insecure, 4); // Bob is not there: 404 of the proxy.
    }),
);
