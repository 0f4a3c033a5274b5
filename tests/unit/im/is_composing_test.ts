import { assertEquals, assertThrows } from "@std/assert";
import { decodeUtf8, utf8 } from "../../../lib/base/bytes.ts";
import { PeerError } from "../../../lib/base/errors.ts";
import {
  IS_COMPOSING_NAMESPACE,
  type IsComposing,
  parseIsComposing,
  writeIsComposing,
} from "../../../lib/im/is_composing.ts";

function fixture(name: string): IsComposing {
  return parseIsComposing(
    Deno.readFileSync(new URL(`../../../fixtures/im/${name}.xml`, import.meta.url)),
  );
}

function parse(inside: string): IsComposing {
  return parseIsComposing(
    utf8(`<isComposing xmlns="${IS_COMPOSING_NAMESPACE}">${inside}</isComposing>`),
  );
}

Deno.test("parseIsComposing() reads both examples of RFC 3994", () => {
  assertEquals(fixture("rfc3994-active"), {
    state: "active",
    contentType: "text/plain",
    refresh: 90,
  });
  assertEquals(fixture("rfc3994-idle"), {
    state: "idle",
    lastActive: "2003-01-27T10:43:00Z",
    contentType: "audio",
  });
});

Deno.test("parseIsComposing() takes unknown states for idle and ignores unknown elements", () => {
  assertEquals(parse("<state>pondering</state>"), { state: "idle" });
  assertEquals(parse('<x:mood xmlns:x="urn:x">sad</x:mood><state> active </state>'), {
    state: "active",
  });
});

Deno.test("parseIsComposing() ignores a refresh that is no positive number of seconds", () => {
  for (const refresh of ["", "0", "-1", "soon", "1.5", "9999999999"]) {
    assertEquals(parse(`<state>active</state><refresh>${refresh}</refresh>`), { state: "active" });
  }
  assertEquals(parse("<state>active</state><refresh>060</refresh>").refresh, 60);
});

Deno.test("parseIsComposing() refuses another root, another namespace and no state", () => {
  const bad = [
    "<isComposing><state>active</state></isComposing>",
    `<x xmlns="${IS_COMPOSING_NAMESPACE}"><state>idle</state></x>`,
  ];
  for (const text of bad) {
    const error = assertThrows(() => parseIsComposing(utf8(text)), PeerError);
    assertEquals(error.code, "im/bad-is-composing");
  }
  assertThrows(() => parse("<refresh>60</refresh>"), PeerError, "state");
});

Deno.test("writeIsComposing() writes elements in the schema's order", () => {
  assertEquals(
    decodeUtf8(
      writeIsComposing({
        state: "active",
        refresh: 60,
        contentType: "text/plain",
        lastActive: "x&y",
      }),
    ),
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
      '<isComposing xmlns="urn:ietf:params:xml:ns:im-iscomposing"><state>active</state>' +
      "<lastactive>x&#38;y</lastactive><contenttype>text/plain</contenttype><refresh>60</refresh></isComposing>\n",
  );
  assertEquals(parseIsComposing(writeIsComposing({ state: "idle" })), { state: "idle" });
  for (const refresh of [0, -1, 1.5, NaN]) {
    assertThrows(() => writeIsComposing({ state: "active", refresh }), RangeError);
  }
});
