/** The story of the project's first milestone, with real processes on loopback. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { findProgram } from "../helpers/live_peer.ts";
import { Answerer, type JsonEvent, runSotto, type SottoResult } from "../helpers/sotto_process.ts";

/** States of one kind of event, in order. */
function statesOf(events: readonly JsonEvent[], type: string, field = "state"): unknown[] {
  return events.filter((it) => it["type"] === type).map((it) => it[field]);
}

function assertStatus({ status, stdout, stderr }: SottoResult, expected: number): void {
  assertEquals(status, expected, `${stdout}\n${stderr}`);
}

/** What `msrp-dump --json` may show of a session under `require`, beside the bind. */
const PRIVATE_KINDS = ["query", "dh-commit", "dh-key", "reveal-signature", "signature", "data"];

Deno.test("a private call: encrypted, verified, changed, verified anew, traced", async (t) => {
  const folder = await Deno.makeTempDir({ prefix: "sotto-acceptance-" });
  try {
    await Deno.writeTextFile(`${folder}/s.txt`, "under the clock\n");
    await Deno.writeTextFile(`${folder}/wrong.txt`, "elsewhere\n");
    const alice = { folder, home: "alice-home" };
    const bobs = { folder, home: "bob-home" };
    const answering = [
      "--listen",
      "127.0.0.1:0;transport=udp",
      "--echo",
      "--smp-answer-file",
      "s.txt",
    ];
    {
      await using bob = await Answerer.start(bobs, ...answering);
      const target = await bob.target("bob");

      await t.step("a call under require is encrypted and heard", async () => {
        const call = await runSotto(
          alice,
          ...["call", target, "--otr", "require", "--send", "hello", "--expect", "hello", "--json"],
        );
        assertStatus(call, 0);
        assertEquals(statesOf(call.events, "otr", "lock"), ["gray", "orange"]);
        assertEquals(statesOf(call.events, "message", "encryption"), ["unverified", "unverified"]);
        assertEquals(statesOf(call.events, "delivery", "status"), ["delivered"]);
        assertEquals(statesOf(call.events, "call").at(-1), "ended");
      });

      await t.step("SMP with a question verifies, and the trust is saved", async () => {
        const smp = await runSotto(
          alice,
          ...["smp", target, "--secret-file", "s.txt", "--smp-question", "where?", "--json"],
        );
        assertStatus(smp, 0);
        assertEquals(statesOf(smp.events, "smp").at(-1), "success");
        assertEquals(statesOf(smp.events, "otr", "lock").at(-1), "green");
        const row = /^bob@127\.0\.0\.1\t[0-9A-F]{8}( [0-9A-F]{8}){4}\tverified\n$/;
        assertMatch(await Deno.readTextFile(`${folder}/alice-home/chat/trusted_peers`), row);
      });

      await t.step("SMP with another secret fails", async () => {
        assertStatus(await runSotto(alice, "smp", target, "--secret-file", "wrong.txt"), 1);
      });
      assertEquals(await bob.stop(), 130);
    }

    assertStatus(await runSotto(bobs, "keygen", "--regenerate"), 0);
    await using bob = await Answerer.start(bobs, ...answering);
    const target = await bob.target("bob");

    await t.step(
      "a changed key stops every call, in every process, with nothing sent",
      async () => {
        for (let attempt = 0; attempt < 2; attempt++) {
          const call = await runSotto(alice, "call", target, "--send", "x", "--json");
          assertStatus(call, 5);
          assertEquals(statesOf(call.events, "otr", "lock").at(-1), "red");
          assertEquals(statesOf(call.events, "fingerprint-changed", "peer"), ["bob@127.0.0.1"]);
          assertEquals(statesOf(call.events, "message", "body"), []);
        }
        assertEquals(statesOf(bob.events, "message", "body"), []);
      },
    );

    await t.step("SMP verifies the new key; the old row stays", async () => {
      assertStatus(await runSotto(alice, "smp", target, "--secret-file", "s.txt"), 0);
      const rows = await Deno.readTextFile(`${folder}/alice-home/chat/trusted_peers`);
      assertEquals(rows.split("\n").length, 3);
      assertEquals(rows.match(/\tverified\n/g)?.length, 2);
    });

    await t.step("a call that insists on verified peers goes through, and is traced", async () => {
      const call = await runSotto(
        alice,
        ...["call", target, "--trust", "verified", "--otr", "require"],
        ...["--send", "x", "--expect", "x", "--trace", "t.pcapng"],
      );
      assertStatus(call, 0);
      const { mode } = await Deno.stat(`${folder}/t.pcapng`);
      assertEquals((mode ?? 0) & 0o777, 0o600);
    });

    await t.step("the trace shows offer, key exchange and data, and nothing else", async () => {
      const dump = await runSotto(alice, "msrp-dump", "t.pcapng", "--json");
      assertStatus(dump, 0);
      const kinds = statesOf(dump.events, "otr", "kind");
      assertEquals(kinds.filter((it) => !PRIVATE_KINDS.includes(String(it))), []);
      assertEquals(kinds.filter((it) => it !== "data"), PRIVATE_KINDS.slice(0, 5));
      // Every SEND that has a body carries one of them.
      const bodies = dump.events.filter((it) =>
        it["type"] === "chunk" && it["method"] === "SEND" && it["contentType"] !== undefined
      );
      assertEquals(bodies.length, kinds.length);
      // The offer and the key exchange ask for no report; the two user messages ask for both.
      const reports = bodies.map((
        it,
      ) => [it["successReport"] ?? "no", it["failureReport"] ?? "yes"]);
      assertEquals(reports.slice(0, 5), Array(5).fill(["no", "no"]));
      assertEquals(reports.slice(5, 7), Array(2).fill(["yes", "yes"]));
      assertEquals(statesOf(dump.events, "finding", "id"), []);
      const listing = await runSotto(alice, "msrp-dump", "t.pcapng");
      assertStringIncludes(listing.stdout, "SIP/UDP INVITE");
      assertStringIncludes(listing.stdout, "BYE");
    });

    const tshark = findProgram("tshark");
    await t.step({
      name: "tshark sees the same SENDs",
      ignore: tshark === undefined && Deno.env.get("CI") !== "true",
      fn: async () => {
        const { stdout } = await new Deno.Command(tshark ?? "tshark", {
          args: [
            "-r",
            "t.pcapng",
            "-Y",
            'msrp.method == "SEND"',
            "-T",
            "fields",
            "-e",
            "msrp.messageid",
          ],
          cwd: folder,
          stderr: "null",
        }).output();
        const seen = new TextDecoder().decode(stdout).split("\n").filter((it) => it !== "");
        const dump = await runSotto(alice, "msrp-dump", "t.pcapng", "--json");
        const sent = dump.events.filter((it) => it["method"] === "SEND");
        assertEquals(seen, sent.map((it) => String(it["messageId"])));
        assert(seen.length > 6);
      },
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a call signalled over TCP, with MSRP over TLS and over plain TCP", async (t) => {
  const folder = await Deno.makeTempDir({ prefix: "sotto-acceptance-" });
  try {
    const bobs = { folder, home: "bob-home" };
    await using bob = await Answerer.start(
      bobs,
      ...["--listen", "127.0.0.1:0;transport=tcp", "--echo"],
    );
    for (const msrp of ["tls", "tcp"]) {
      await t.step(`MSRP over ${msrp}`, async () => {
        const call = await runSotto(
          { folder, home: "alice-home" },
          ...["call", await bob.target("bob", "tcp"), "--msrp", msrp],
          ...["--send", "grüße", "--expect", "^grüße$", "--json"],
        );
        assertStatus(call, 0);
        const tls = call.events.filter((it) => it["type"] === "msrp").map((it) => it["tls"]);
        assertEquals(tls.at(-1), msrp === "tls");
      });
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a call to nobody: refused over TCP is 3, silence over UDP is 6", async () => {
  const folder = await Deno.makeTempDir({ prefix: "sotto-acceptance-" });
  try {
    const alice = { folder, home: "alice-home" };
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr as Deno.NetAddr;
    listener.close();
    const target = `sip:bob@127.0.0.1:${port}`;
    assertStatus(await runSotto(alice, "call", `${target};transport=tcp`, "--send", "x"), 3);
    const silent = ["call", `${target};transport=udp`, "--send", "x", "--timeout", "1s"];
    assertStatus(await runSotto(alice, ...silent), 6);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
