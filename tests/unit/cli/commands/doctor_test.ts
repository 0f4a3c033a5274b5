import { assertEquals } from "@std/assert";
import { runSotto } from "../../../helpers/program.ts";
import { TemporaryFolder } from "../../../helpers/temporary_folder.ts";

Deno.test("doctor without a target looks at the home and asks nobody", async () => {
  await using folder = await TemporaryFolder.make();
  const { status, stdout } = await runSotto([
    ...["--home", folder.file("home"), "doctor", "--json"],
    ...["--listen", "127.0.0.1:0;transport=udp"],
  ]);
  assertEquals(status, 0);
  const names = stdout.trimEnd().split("\n").map((line) => JSON.parse(line).name);
  assertEquals(names, ["home", "listen.udp", "notification-program", "speech-program"]);
});

Deno.test("doctor refuses ports that are none", async () => {
  assertEquals((await runSotto(["doctor", "--listen", "x y"])).status, 2);
});
