import { assertEquals, assertRejects } from "@std/assert";
import { SottoError } from "../../../lib/base/errors.ts";
import { parseMsrpPath, parseMsrpUri, writeMsrpPath } from "../../../lib/msrp/mod.ts";
import { openInTime, sessionConfig } from "../../../lib/session/msrp_opening.ts";
import { orAborted } from "../../../lib/session/or_aborted.ts";
import { ManualClock } from "../../helpers/manual_clock.ts";

const self = parseMsrpUri("msrp://us.example:1/ours5678;tcp");
const relays = parseMsrpPath("msrp://b.example:1/b;tcp msrp://c.example:1/c;tcp");
const theirs = parseMsrpPath("msrp://them.example:1/theirs;tcp");
const options = { role: "active" as const, remotePath: theirs, acceptTypes: ["*"] };

Deno.test("sessionConfig() reverses Use-Path for our path, and cuts chunks wherever relays stand", () => {
  const direct = sessionConfig(self, [], options);
  assertEquals([direct.chunkSize, direct.localPath, direct.relayPath], [undefined, [self], []]);
  const ours = sessionConfig(self, relays, options);
  assertEquals(
    writeMsrpPath(ours.localPath),
    "msrp://c.example:1/c;tcp msrp://b.example:1/b;tcp msrp://us.example:1/ours5678;tcp",
  );
  assertEquals([ours.chunkSize, ours.relayPath], [8_192, relays]);
  const behindTheirs = { ...options, remotePath: [...relays, ...theirs] };
  assertEquals(sessionConfig(self, [], behindTheirs).chunkSize, 8_192);
  assertEquals(sessionConfig(self, [], { ...behindTheirs, chunkSize: 2_048 }).chunkSize, 2_048);
  assertEquals(sessionConfig(self, [], { ...options, chunkSize: 50_000 }).chunkSize, 50_000);
});

Deno.test("openInTime() ends what takes too long, and what the caller's signal ends", async () => {
  const clock = new ManualClock();
  const never = Promise.withResolvers<never>().promise;
  const late = assertRejects(
    () =>
      openInTime(clock, { ...options, timeoutMs: 500 }, ({ signal }) => orAborted(never, signal)),
    SottoError,
    "500 ms",
  );
  await clock.advance(500);
  assertEquals((await late).code, "session/msrp-timeout");
  const stop = new AbortController();
  const stopped = assertRejects(
    () =>
      openInTime(
        clock,
        { ...options, signal: stop.signal },
        ({ signal }) => orAborted(never, signal),
      ),
    Error,
    "enough",
  );
  stop.abort(new Error("enough"));
  await stopped;
});
