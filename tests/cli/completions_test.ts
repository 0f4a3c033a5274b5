import { assertEquals } from "@std/assert";
import { livePeerTest } from "../helpers/live_peer.ts";
import { readFixture, TemporaryFolder } from "../helpers/temporary_folder.ts";

const BIN = new URL("../../bin", import.meta.url).pathname;

/** What bash would do at the tab key: a line, and the words as bash splits them. */
const SCRIPT = `
. <(sotto completions bash)
try() {
  COMP_LINE=$1 COMP_POINT=\${#1}; shift
  COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _sotto; echo "\${COMPREPLY[*]}"
}
try "sotto k" sotto k
try "sotto peers un" sotto peers un
try "sotto keygen --format " sotto keygen --format ""
try "sotto keygen --format=b" sotto keygen --format = b
try "sotto peers show bob@ex" sotto peers show bob @ ex
try "sotto peers show \\$(touch pwned)" sotto peers show "\\$(touch pwned)"
complete -p sotto
`;

livePeerTest("bash completes with our script, and runs nothing of what is typed", {
  needs: ["bash"],
}, async () => {
  await using folder = await TemporaryFolder.make();
  await Deno.mkdir(folder.file("chat"));
  await Deno.writeFile(folder.file("chat/trusted_peers"), readFixture("storage/trusted_peers"));
  const { stdout, stderr } = await new Deno.Command("bash", {
    args: ["--norc", "-c", SCRIPT],
    cwd: folder.path,
    env: {
      PATH: `${BIN}:${Deno.execPath().replace(/\/[^/]*$/, "")}:${Deno.env.get("PATH") ?? ""}`,
      SOTTO_HOME: folder.path,
    },
  }).output();
  const decoder = new TextDecoder();
  assertEquals([decoder.decode(stderr), decoder.decode(stdout).split("\n")], ["", [
    "keygen",
    "untrust",
    "blink libotr pkcs8",
    "blink",
    "example.com",
    "",
    "complete -o default -F _sotto sotto",
    "",
  ]]);
  assertEquals(await folder.names(), ["chat", "chat/trusted_peers"]);
});
