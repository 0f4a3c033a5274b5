/** Addresses in header fields. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { PeerError } from "../../../../lib/base/errors.ts";
import {
  isFocusAddress,
  parseNameAddress,
  parseNameAddressList,
  tagOf,
  withoutParameters,
  writeNameAddress,
} from "../../../../lib/sip/message/name_address.ts";

Deno.test("parseNameAddress() reads tokens, quoted names and none, with and without brackets", () => {
  const nameOf = (text: string) => parseNameAddress(text).displayName;
  assertEquals(nameOf("Mr.  Watson <sip:x@y>"), "Mr. Watson");
  assertEquals(nameOf('"" <sip:x@y>'), undefined);
  assertEquals(nameOf("<sip:x@y>"), undefined);
  assertEquals(nameOf("caller<sip:x@y>"), "caller");
  assertEquals(nameOf("sip:x@y"), undefined);
  assertEquals(nameOf('"юзер" <sip:x@y>'), "юзер");
});

Deno.test("parseNameAddressList() takes commas between addresses, not in them", () => {
  const list = parseNameAddressList('"a, b" <sip:a,b@y>;x="1,2" , <sip:c@d>');
  assertEquals(list.length, 2);
  assertEquals(list[0]?.parameters, [{ name: "x", value: '"1,2"' }]);
  for (const bad of ["<sip:a@b>,", ",<sip:a@b>", "<sip:a@b> <sip:c@d>"]) {
    assertThrows(() => parseNameAddressList(bad), PeerError);
  }
});

Deno.test("writeNameAddress() quotes what needs it and always uses brackets", () => {
  const again = (text: string) => writeNameAddress(parseNameAddress(text));
  assertEquals(again("sip:x@y;tag=1"), "<sip:x@y>;tag=1");
  assertEquals(again('"A \\"B\\"" <sip:x@y>'), '"A \\"B\\"" <sip:x@y>');
  assertEquals(again("Bob <sip:x@y;lr>;isfocus"), "Bob <sip:x@y;lr>;isfocus");
  assertEquals(
    writeNameAddress({ ...parseNameAddress("<sip:x@y>"), displayName: "a\r\nb" }),
    '"a b" <sip:x@y>',
  );
});

Deno.test("tagOf() and withoutParameters() look at the header field, not at the URI", () => {
  const address = parseNameAddress("<sip:x@y;tag=no>;TAG=Yes");
  assertEquals(tagOf(address), "Yes");
  assertEquals(tagOf(withoutParameters(address)), undefined);
});

Deno.test("isFocusAddress() believes both places", () => {
  assert(isFocusAddress(parseNameAddress("<sip:x@y>;isfocus")));
  assert(isFocusAddress(parseNameAddress("<sip:x@y;ISFOCUS>")));
  assert(!isFocusAddress(parseNameAddress("<sip:isfocus@y;x=isfocus>;audio")));
});
