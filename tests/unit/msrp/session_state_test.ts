import { assertEquals, assertThrows } from "@std/assert";
import { SessionState } from "../../../lib/msrp/session_state.ts";
import { parseMsrpPath, parseMsrpUri, writeMsrpPath } from "../../../lib/msrp/uri.ts";
import { OURS, SESSION, sessionConfig, THEIRS } from "../../helpers/msrp_peer.ts";

Deno.test("SessionState is named by our session-id unless told otherwise", () => {
  assertEquals(new SessionState(sessionConfig(), {}).id, SESSION);
  assertEquals(new SessionState(sessionConfig({ sessionId: "mine" }), {}).id, "mine");
});

Deno.test("SessionState refuses nonsense", () => {
  for (
    const bad of [
      { localPath: [] },
      { localPath: [parseMsrpUri("msrp://us.example:7654;tcp")] },
      { remotePath: [] },
      { chunkSize: 0 },
      { chunkSize: NaN },
      { maxSize: -1 },
    ]
  ) assertThrows(() => new SessionState(sessionConfig(bad), {}), RangeError);
});

Deno.test("SessionState.isAddressedBy() compares whole URIs, or session-ids by option", () => {
  const session = new SessionState(sessionConfig(), {});
  const moved = parseMsrpUri(OURS.replace("7654", "1"));
  assertEquals(session.isAddressedBy(parseMsrpUri(OURS), false), true);
  assertEquals([session.isAddressedBy(moved, false), session.isAddressedBy(moved, true)], [
    false,
    true,
  ]);
});

Deno.test("SessionState remembers the last messages only", () => {
  const session = new SessionState(sessionConfig(), { rememberedMessages: 2 });
  const about = { fromPath: [], successReport: false, failureReport: "yes", length: 1 } as const;
  const repeats = ["a", "b", "a", "c", "b"].map((it) => session.remember(it, about));
  assertEquals(repeats, [false, false, true, false, false], "b was forgotten for c");
  assertEquals(session.received("c"), about);
  for (const id of ["x", "y", "z"]) session.refuse(id);
  assertEquals(["x", "y", "z"].map((it) => session.hasRefused(it)), [false, true, true]);
});

Deno.test("SessionState never takes more than the connection does", () => {
  const session = new SessionState(sessionConfig({ maxSize: 100 }), { messageLength: 10 });
  assertThrows(() =>
    session.assembler.beginChunk(
      { messageId: "m", contentType: "text/plain", headers: [] },
      1,
      11,
      0,
    )
  );
});

Deno.test("SessionState.redirect() changes the ways that it is told, and keeps the others", () => {
  const paths = (text: string): ReturnType<typeof parseMsrpPath> => parseMsrpPath(text);
  const state = new SessionState(
    sessionConfig({ relayPath: paths("msrp://r:1/old;tcp") }),
    {},
  );
  const way = (): string => writeMsrpPath(state.sending.toPath);
  assertEquals(way(), `msrp://r:1/old;tcp ${THEIRS}`);
  state.redirect({ relayPath: paths("msrp://r:1/new;tcp") });
  assertEquals(way(), `msrp://r:1/new;tcp ${THEIRS}`);
  state.redirect({ remotePath: paths("msrp://s:1/s;tcp msrp://t:1/t;tcp") });
  assertEquals(way(), "msrp://r:1/new;tcp msrp://s:1/s;tcp msrp://t:1/t;tcp");
  assertThrows(() => state.redirect({ remotePath: [] }), RangeError);
});
