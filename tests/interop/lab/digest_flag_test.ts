/** `sotto lab --digest`: programs that know MD5 alone get in, and only because of the flag. */
import { assertEquals, assertMatch } from "@std/assert";
import { livePeerTest } from "../../helpers/live_peer.ts";
import { startSipp } from "../../helpers/sipp.ts";
import { startSotto } from "../../helpers/sotto_process.ts";
import { TemporaryFolder } from "../../helpers/temporary_folder.ts";

/** What SIPp says of registering with a lab that was started with `flags`; empty: it went well. */
async function register(...flags: readonly string[]): Promise<string> {
  await using folder = await TemporaryFolder.make();
  await using lab = startSotto(
    { folder: folder.path, home: "lab" },
    ...["lab", "--user", "bob:secret-bob", "--json", ...flags],
  );
  const listening = await lab.event((it) => it["type"] === "listening");
  const sip = (listening["sip"] as string[]).find((it) => it.endsWith("=udp")) ?? "";
  const sipp = await startSipp("uac_register", "udp", [
    ...["-s", "bob", "-au", "bob", "-ap", "secret-bob", "-key", "contact_port", "5060"],
    /^sip:([^;]+)/.exec(sip)?.[1] ?? "",
  ]);
  const outcome = await sipp.finish().then(() => "", (error: Error) => error.message);
  assertEquals(await lab.stop("SIGINT"), 130);
  return outcome;
}

livePeerTest(
  "SIPp registers with sotto lab --digest md5, and not with another first",
  { needs: ["sipp"] },
  async () => {
    assertEquals(await register("--digest", "md5"), "");
    assertMatch(await register("--digest", "sha-256,md5"), /must use MD5/i);
  },
);
