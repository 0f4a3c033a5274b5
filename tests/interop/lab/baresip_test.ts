/**
 * baresip registers with the lab, and refuses the call of a chat: it plays sound alone.
 *
 * baresip 1.0.0 knows MD5 alone, and fails with "Function not implemented" as soon as one of
 * several challenges names another algorithm, wherever it stands: the lab offers it MD5 only.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { SipServerEvent } from "../../../lib/sip/mod.ts";
import { Baresip } from "../../helpers/baresip.ts";
import { openLabSip, placeOf } from "../../helpers/lab_sip.ts";
import { livePeerTest } from "../../helpers/live_peer.ts";
import { runSotto } from "../../helpers/sotto_process.ts";
import { TemporaryFolder } from "../../helpers/temporary_folder.ts";

for (const transport of ["udp", "tcp"] as const) {
  livePeerTest(
    `baresip registers over ${transport}, refuses a chat, and sotto call says so`,
    { needs: ["baresip"] },
    async () => {
      const registered = Promise.withResolvers<void>();
      const events: SipServerEvent[] = [];
      await using server = await openLabSip({
        listen: (["udp", "tcp"] as const).map((it) => ({
          host: "127.0.0.1",
          port: 0,
          transport: it,
        })),
        algorithms: ["MD5"],
        onEvent: (event) => {
          events.push(event);
          if (event.type === "registered") registered.resolve();
        },
      });
      const at = `bob@127.0.0.1:${placeOf(server, transport).port}`;
      await using bob = await Baresip.start({ address: at, transport, password: "secret-bob" });
      await bob.until(registered.promise, "it was registered");
      await using folder = await TemporaryFolder.make();
      await Deno.writeTextFile(`${folder.path}/password`, "secret-alice\n", { mode: 0o600 });
      const options = { folder: folder.path, home: "alice" };
      const from = ["--from", "alice@127.0.0.1", "--auth-user", "alice"];
      const call = ["call", `sip:${at};transport=${transport}`, ...from];
      const more = ["--password-file", "password", "--otr", "off", "--send", "hello"];
      const result = await runSotto(options, ...call, ...more, "--json");
      assertEquals(result.status, 4, result.stderr);
      const rejected = result.events.find((it) => it["state"] === "rejected");
      assertEquals(rejected?.["status"], 488, result.stdout);
      assertMatch(result.stderr, /488/);
      const answered = events.flatMap((it) => it.type === "answered" ? [it.status] : []);
      assertEquals(answered, [488]);
      assert(!events.some((it) => it.type === "malformed"));
    },
  );
}
