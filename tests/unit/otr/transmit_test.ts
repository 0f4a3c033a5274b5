import { assert, assertEquals } from "@std/assert";
import { settle } from "../../../lib/otr/conversation_options.ts";
import { DEFAULT_POLICY, type OtrPolicy } from "../../../lib/otr/mod.ts";
import { offeredVersions, transmitEncoded, transmitQuery } from "../../../lib/otr/transmit.ts";
import { parseOtrMessage } from "../../../lib/otr/wire/message_kind.ts";
import { testKey } from "../../helpers/otr_pair.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

const MESSAGE = {
  version: 3,
  senderTag: 0x100,
  receiverTag: 0x200,
  type: "dh-key",
  gy: new Uint8Array(192).fill(7),
} as const;

Deno.test("transmitEncoded() sends one message when there is no limit", () => {
  const outputs = transmitEncoded(MESSAGE, "ake", 0);
  assertEquals(outputs.length, 1);
  const [output] = outputs;
  assert(output?.type === "transmit");
  assertEquals(output.kind, "ake");
  assertEquals(parseOtrMessage(output.message), { ...MESSAGE, prefix: "", suffix: "" });
});

Deno.test("transmitEncoded() sends fragments with the message's own tags", () => {
  const messages = transmitEncoded(MESSAGE, "ake", 100).map((it) =>
    it.type === "transmit" ? it.message : ""
  );
  assert(messages.length > 1 && messages.every((it) => it.length <= 100));
  for (const message of messages) {
    const read = parseOtrMessage(message);
    assert(read.type === "fragment");
    assertEquals([read.senderTag, read.receiverTag], [0x100, 0x200]);
  }
});

Deno.test("transmitQuery() offers what the policy allows, lowest version first", () => {
  const settings = (versions: OtrPolicy["versions"]) =>
    settle({
      key: testKey("alice"),
      instanceTag: 0x100,
      policy: { ...DEFAULT_POLICY, versions },
      random: seededRandom(1),
      queryText: "Please.",
    });
  assertEquals(transmitQuery(settings([3, 2])), {
    type: "transmit",
    message: "?OTRv23? Please.",
    kind: "query",
  });
  assertEquals(transmitQuery({ ...settings([3]), queryText: "" }), {
    type: "transmit",
    message: "?OTRv3?",
    kind: "query",
  });
});

Deno.test("offeredVersions() lists each version once", () => {
  assertEquals(offeredVersions({ ...DEFAULT_POLICY, versions: [3, 2, 3] }), ["2", "3"]);
  assertEquals(offeredVersions({ ...DEFAULT_POLICY, versions: [] }), []);
});
