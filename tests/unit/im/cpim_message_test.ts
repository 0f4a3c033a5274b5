import { assertEquals } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { CPIM_NAMESPACE, cpimHeader, unsupportedFeatures } from "../../../lib/im/cpim_message.ts";
import { parseCpim } from "../../../lib/im/cpim_parser.ts";

const MESSAGE = parseCpim(utf8(
  "From: <sip:a@b>\r\nNS: x <urn:x>\r\nx.From: other\r\nRequire: From,x.Feature, nope, y.Z\r\n\r\n\r\n",
));

Deno.test("cpimHeader() tells headers of one name by their namespaces", () => {
  assertEquals(cpimHeader(MESSAGE, CPIM_NAMESPACE, "From"), "<sip:a@b>");
  assertEquals(cpimHeader(MESSAGE, "urn:x", "From"), "other");
  assertEquals(cpimHeader(MESSAGE, "urn:x", "To"), undefined);
});

Deno.test("unsupportedFeatures() lists what is required and understood by nobody", () => {
  const names = (it: ReturnType<typeof unsupportedFeatures>): string[] => it.map((f) => f.name);
  assertEquals(names(unsupportedFeatures(MESSAGE)), ["Feature", "nope", "Z"]);
  assertEquals(
    names(unsupportedFeatures(MESSAGE, [{ namespace: "urn:x", name: "Feature" }])),
    ["nope", "Z"],
  );
  assertEquals(unsupportedFeatures(MESSAGE).at(-1)?.namespace, undefined);
});
