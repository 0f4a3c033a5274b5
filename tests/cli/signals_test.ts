import { assertEquals, assertStringIncludes } from "@std/assert";
import { TemporaryFolder } from "../helpers/temporary_folder.ts";

const SOTTO = new URL("../../bin/sotto", import.meta.url).pathname;

for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  Deno.test(`${signal} ends a waiting command cleanly, with ${status}`, async () => {
    await using folder = await TemporaryFolder.make();
    const child = new Deno.Command(SOTTO, {
      args: ["answer", "--home", folder.path, "--listen", "127.0.0.1:0", "--json", "--quiet"],
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const reader = child.stdout.getReader();
    const { value } = await reader.read();
    assertStringIncludes(new TextDecoder().decode(value), '"type":"listening"');
    child.kill(signal);
    const { code } = await child.status;
    await reader.cancel();
    const stderr = await new Response(child.stderr).text();
    assertEquals([code, stderr], [status, ""]);
  });
}
