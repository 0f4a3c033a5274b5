import { assertEquals } from "@std/assert";
import { PeerError } from "../../../lib/base/errors.ts";
import {
  describeBlock,
  errorEvent,
  otrEvent,
  refused,
} from "../../../lib/session/secure_chat_events.ts";

Deno.test("describeBlock() says why nothing is sent", () => {
  assertEquals(
    describeBlock({ reason: "not-encrypted", why: "no answer", isGoodbye: false }),
    "encryption is required and did not come about: no answer",
  );
  assertEquals(
    describeBlock({ reason: "untrusted", trust: "changed" }),
    "the peer's fingerprint changed",
  );
  assertEquals(
    describeBlock({ reason: "untrusted", trust: "unverified" }),
    "the peer's fingerprint is not verified",
  );
});

Deno.test("errorEvent() names the rule that a peer broke, where there is one", () => {
  const error = new PeerError("otr/bad-mac", "Data Message", "wrong MAC");
  assertEquals(errorEvent("otr/bad-mac", "wrong MAC", "remote", error), {
    type: "event",
    event: {
      type: "error",
      code: "otr/bad-mac",
      message: "wrong MAC",
      side: "remote",
      rule: "Data Message",
    },
  });
});

Deno.test("otrEvent() and refused() leave out what is not known", () => {
  assertEquals(otrEvent("disabled", "gray"), {
    type: "event",
    event: { type: "otr", state: "disabled", lock: "gray" },
  });
  assertEquals(refused("1", "no"), {
    type: "event",
    event: { type: "message-refused", id: "1", reason: "no" },
  });
});
