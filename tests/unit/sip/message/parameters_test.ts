/** Parameters of header fields. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { PeerError } from "../../../../lib/base/errors.ts";
import {
  hasParameter,
  parameterValue,
  scanParameters,
  withParameter,
  writeParameters,
} from "../../../../lib/sip/message/parameters.ts";
import { TextScanner } from "../../../../lib/sip/message/text_scanner.ts";

function scan(text: string) {
  return scanParameters(new TextScanner(text, "X"));
}

Deno.test("scanParameters() reads names, values, quoted values and IPv6 addresses", () => {
  assertEquals(scan(' ; a = b;c ;d="x;y\\"" ; received=[::1];r=2001:db8::1'), [
    { name: "a", value: "b" },
    { name: "c" },
    { name: "d", value: '"x;y\\""' },
    { name: "received", value: "[::1]" },
    { name: "r", value: "2001:db8::1" },
  ]);
});

Deno.test("scanParameters() refuses empty names and values, and more than 128", () => {
  for (const bad of [";", ";;a", ";a=", ';a="b', ";=b"]) assertThrows(() => scan(bad), PeerError);
  assertEquals(scan(";a".repeat(128)).length, 128);
  assertThrows(() => scan(";a".repeat(129)), PeerError, "too many");
});

Deno.test("parameterValue() ignores the case of names and takes quotation marks off", () => {
  const parameters = scan(';A="x \\" y";b');
  assertEquals(parameterValue(parameters, "a"), 'x " y');
  assertEquals(parameterValue(parameters, "b"), undefined);
  assert(hasParameter(parameters, "B") && !hasParameter(parameters, "c"));
});

Deno.test("withParameter() replaces in place or appends", () => {
  const parameters = scan(";rport;branch=1");
  assertEquals(writeParameters(withParameter(parameters, "rport", "5")), ";rport=5;branch=1");
  assertEquals(writeParameters(withParameter(parameters, "x")), ";rport;branch=1;x");
});
