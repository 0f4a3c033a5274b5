/** `doctor --call`: which side of a session is silent, and what it owes, by real processes. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { listenTcp } from "../../lib/transport/mod.ts";
import { SipPhone } from "../helpers/session_phone.ts";
import { Answerer, runSotto, type SottoResult } from "../helpers/sotto_process.ts";
import { TemporaryFolder } from "../helpers/temporary_folder.ts";

function steps({ events }: SottoResult): string[] {
  return events.filter((it) => /^(call|msrp)/.test(String(it["name"])))
    .map((it) => `${it["name"]} ${it["status"]}`);
}

Deno.test("doctor --call shows every step of a session that works", async () => {
  await using folder = await TemporaryFolder.make();
  await using bob = await Answerer.start(
    { folder: folder.path, home: "bob" },
    ...["--listen", "127.0.0.1:0;transport=tcp", "--otr", "off"],
  );
  const target = await bob.target("bob", "tcp");
  const alice = { folder: folder.path, home: "alice" };
  const call = await runSotto(alice, "doctor", target, "--call", "--json");
  assertEquals(call.status, 0, call.stdout + call.stderr);
  assertEquals(steps(call), [
    "call ok",
    "msrp.connected ok",
    "msrp.bind ok",
    "msrp.bind-answer ok",
    "msrp.send ok",
    "msrp.answer ok",
    "msrp.report ok",
  ]);
  const message = await bob.event((it) => it["type"] === "message");
  assertStringIncludes(String(message["body"]), "sotto doctor");
});

Deno.test("doctor --call names the clause that a peer owes who accepts and says nothing", async () => {
  await using folder = await TemporaryFolder.make();
  await using server = await listenTcp({ host: "127.0.0.1", port: 0 });
  await using bob = await SipPhone.open("bob");
  const { port } = server.local;
  const sdp = [
    ...["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0"],
    ...[`m=message ${port} TCP/MSRP *`, "a=accept-types:text/plain"],
    ...[`a=path:msrp://127.0.0.1:${port}/silent;tcp`, "a=setup:passive", ""],
  ].join("\r\n");
  const answering = (async () => {
    const options = await bob.next("OPTIONS");
    await bob.respond(options, "200 OK");
    const invite = await bob.next("INVITE");
    await bob.respond(invite, "200 OK", { body: sdp });
  })();
  const alice = { folder: folder.path, home: "alice" };
  await runSotto(alice, "account", "add", "work", "alice@example.com", "--msrp", "tcp");
  const call = await runSotto(
    alice,
    ...["doctor", bob.uri, "--account", "work", "--call", "--timeout", "2s", "--json"],
  );
  await answering;
  assertEquals(call.status, 1, call.stdout + call.stderr);
  const stuck = call.events.find((it) =>
    String(it["name"]).startsWith("msrp.") && it["status"] === "failed"
  );
  assertEquals(stuck?.["name"], "msrp.bind-answer", call.stdout);
  assertStringIncludes(String(stuck?.["hint"]), "owes it by RFC ");
});
