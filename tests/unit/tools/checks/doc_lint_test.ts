import { assertEquals } from "@std/assert";
import { faultsOfDocLint } from "../../../../tools/checks/doc_lint.ts";

const OUTPUT =
  `\u001b[31merror[missing-jsdoc]\u001b[0m: exported symbol is missing JSDoc documentation
 --> /home/alice/sotto/lib/sip/message/parameters.ts:7:12
  | 
7 |   readonly name: string;
  |            ^


error[missing-jsdoc]: exported symbol is missing JSDoc documentation
 --> /home/alice/sotto/lib/sip/message/parameters.ts:9:12
  | 
9 |   parse(text: string): void {
  |   ^


error[private-type-ref]: public type 'scanParameters' references private type 'TextScanner'
  --> /home/alice/sotto/lib/sip/message/parameters.ts:18:1
   | 
18 | export function scanParameters(scanner: TextScanner): Parameter[] {
   | ^
   = hint: make the referenced type public or remove the reference

error: Found 3 documentation lint errors.
`;

Deno.test("faultsOfDocLint() forgives fields, and nothing else", () => {
  assertEquals(faultsOfDocLint(OUTPUT), [
    "lib/sip/message/parameters.ts:9:12: missing-jsdoc: exported symbol is missing JSDoc documentation",
    "lib/sip/message/parameters.ts:18:1: private-type-ref: public type 'scanParameters' references" +
    " private type 'TextScanner'",
  ]);
});

Deno.test("faultsOfDocLint() is content with a clean run", () => {
  assertEquals(faultsOfDocLint("Checked 12 files\n"), []);
});
