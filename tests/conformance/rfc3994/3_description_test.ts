/** "Is composing": RFC 3994 §3–§6. */
import { assertEquals, assertThrows } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { PeerError } from "../../../lib/base/errors.ts";
import {
  ComposingReceiver,
  ComposingSender,
  IS_COMPOSING_NAMESPACE,
  parseIsComposing,
  writeIsComposing,
} from "../../../lib/im/mod.ts";

function parse(inside: string): ReturnType<typeof parseIsComposing> {
  return parseIsComposing(
    utf8(`<isComposing xmlns="${IS_COMPOSING_NAMESPACE}">${inside}</isComposing>`),
  );
}

Deno.test("MSRP-175 state is needed, refresh, lastactive and contenttype may be there, the rest is ignored", () => {
  assertEquals(
    parse(
      "<state>active</state><lastactive>2003-01-27T10:43:00Z</lastactive><contenttype>audio</contenttype>" +
        '<refresh>90</refresh><m:mood xmlns:m="urn:m"><m:deep/></m:mood>',
    ),
    {
      state: "active",
      lastActive: "2003-01-27T10:43:00Z",
      contentType: "audio",
      refresh: 90,
    },
  );
  assertThrows(() => parse("<refresh>90</refresh>"), PeerError);
});

Deno.test("MSRP-175 a state that nobody knows is idle", () => {
  assertEquals(parse("<state>dreaming</state>").state, "idle");
});

Deno.test("MSRP-175 what is written is what is read", () => {
  const document = { state: "active", refresh: 60, contentType: "text/plain" } as const;
  assertEquals(parseIsComposing(writeIsComposing(document)), document);
});

Deno.test("MSRP-176 the sender is active once per refresh interval and idle after 15 seconds without typing", () => {
  const sender = new ComposingSender();
  assertEquals(sender.refresh, 60);
  const sent: [number, string][] = [];
  const note = (now: number, state: string | undefined): void => {
    if (state !== undefined) sent.push([now, state]);
  };
  // A key every two seconds for two minutes, then none.
  for (let now = 0; now <= 240_000; now += 1000) {
    if (now <= 120_000 && now % 2000 === 0) note(now, sender.composing(now));
    if (sender.deadline !== undefined && sender.deadline <= now) {
      note(now, sender.handleTimeout(now));
    }
  }
  assertEquals(sent, [
    [0, "active"],
    [60_000, "active"],
    [120_000, "active"],
    [135_000, "idle"],
  ]);
});

Deno.test("MSRP-177 a message, idle, or silence for the refresh time ends it; 120 seconds without one", () => {
  const receiver = new ComposingReceiver();
  receiver.receiveStatus({ state: "active", refresh: 90 }, 0);
  assertEquals(receiver.deadline, 90_000);
  assertEquals(receiver.handleTimeout(90_000), "idle");
  receiver.receiveStatus({ state: "active" }, 100_000);
  assertEquals(receiver.deadline, 220_000);
  assertEquals(receiver.receiveMessage(), "idle");
  receiver.receiveStatus({ state: "active" }, 300_000);
  assertEquals(receiver.receiveStatus({ state: "idle" }, 301_000), "idle");
});

Deno.test("RFC 3994 §3.3 several active messages in a row are no trouble", () => {
  const receiver = new ComposingReceiver();
  for (let now = 0; now < 10_000; now += 1000) receiver.receiveStatus({ state: "active" }, now);
  assertEquals([receiver.isComposing, receiver.deadline], [true, 129_000]);
});
