/** Two people who have no server: accounts, registrar, proxy and relay of `sotto lab`, on a bad network. */
import { assert, assertEquals } from "@std/assert";
import { Answerer, runSotto, startSotto } from "../helpers/sotto_process.ts";
import { TemporaryFolder } from "../helpers/temporary_folder.ts";

for (const fault of [undefined, "delay=20ms,split"]) {
  Deno.test(`two people verify each other through the lab's relay, with ${fault ?? "no fault"}`, async () => {
    await using folder = await TemporaryFolder.make();
    const person = (home: string) => ({ folder: folder.path, home });
    await Deno.writeTextFile(folder.file("password"), "swordfish\n");
    await Deno.writeTextFile(folder.file("secret"), "under the clock\n");
    await using lab = startSotto(
      person("lab"),
      ...["lab", "--user", "alice:swordfish", "--user", "bob:swordfish", "--json"],
      ...(fault === undefined ? [] : ["--fault", fault]),
    );
    const listening = await lab.event((it) => it["type"] === "listening");
    const sip = (listening["sip"] as string[]).find((it) => it.endsWith("=tcp")) ?? "";
    const relay = (listening["msrp"] as string[]).find((it) => it.startsWith("msrps:")) ?? "";
    const domain = /^sip:(.*):\d+;/.exec(sip)?.[1] ?? "";
    const way = [
      ...["--proxy", sip, "--password-file", "password"],
      ...["--relay", /\/\/([^;]+)/.exec(relay)?.[1] ?? "", "--tls-insecure"],
    ];
    await using bob = await Answerer.start(
      person("bob"),
      ...["--from", `bob@${domain}`, "--register", ...way],
      ...["--once", "--echo", "--smp-answer-file", "secret"],
    );
    const call = await runSotto(
      person("alice"),
      ...["call", `bob@${domain}`, "--from", `alice@${domain}`, ...way],
      ...["--otr", "require", "--smp-secret-file", "secret"],
      ...["--send", "hello", "--expect", "hello", "--json"],
    );
    assertEquals(call.status, 0, `${call.stdout}\n${call.stderr}`);
    assertEquals((await bob.result()).status, 0);
    const bound = call.events.find((it) => it["type"] === "msrp" && it["state"] === "bound");
    for (const name of ["localPath", "remotePath"]) {
      const path = String(bound?.[name]).split(" ");
      assertEquals(path.length, 2, "through the relay");
      assert(path[0]?.startsWith(relay.split(";")[0] ?? "?"), path[0]);
    }
    assertEquals(await lab.stop("SIGINT"), 130);
  });
}
