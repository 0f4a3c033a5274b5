import { assertEquals } from "@std/assert";
import { runSotto } from "../../../helpers/program.ts";

Deno.test("config path prints every path, and with --json who chose the home", async () => {
  const environment = { SOTTO_HOME: "h" };
  const { stdout, status } = await runSotto(["config", "path", "--json"], { environment });
  assertEquals(status, 0);
  const paths = JSON.parse(stdout);
  assertEquals([paths.type, paths.home, paths.source], ["paths", "h", "environment"]);
  assertEquals(paths.trustedPeers, "h/chat/trusted_peers");
  const people = await runSotto(["config", "path"], { environment });
  assertEquals(people.stdout.split("\n")[0], "home            h");
});

Deno.test("config has subcommands of a later release", async () => {
  for (const name of ["show", "get", "set", "edit"]) {
    assertEquals((await runSotto(["config", name, "otr.policy", "--x"])).status, 127);
  }
  assertEquals((await runSotto(["config", "frob"])).status, 2);
});
