import { assertEquals } from "@std/assert";
import plugin from "../../../../tools/lint/style.ts";

const ROOT = decodeURIComponent(new URL("../../../../", import.meta.url).pathname);

/** What the plugin says of `source` when it stands at `path`, as `rule: message`. */
function report(path: string, source: string): string[] {
  return Deno.lint.runPlugin(plugin, ROOT + path, source)
    .map((it) => `${it.id.replace("style/", "")}: ${it.message}`).sort();
}

Deno.test("style reports every broken habit", () => {
  const source = `
    interface chunk_reader {}
    type chunk = 1;
    class reader {}
    new SottoError("msrp/Bad_Name", "expected a header");
    new SottoError("sip/bad-header", \`Expected a header, found \${x}.\`);
    new PeerError("msrp/bad-header", "RFC 4975 §9", "Expected " + "a header.");`;
  assertEquals(report("lib/msrp/Utils.ts", source), [
    "error-codes: codes are room/kebab-name: msrp/Bad_Name",
    "error-codes: lib/msrp must not use sip/bad-header",
    "error-messages: error messages begin in lower case",
    "error-messages: error messages begin in lower case",
    "error-messages: error messages end without full stop",
    "error-messages: error messages end without full stop",
    "file-names: file names are snake_case: Utils",
    "type-names: type names are PascalCase: chunk",
    "type-names: type names are PascalCase: chunk_reader",
    "type-names: type names are PascalCase: reader",
  ]);
});

Deno.test("style refuses names that name no idea, except in tests", () => {
  const expected = ["file-names: helpers names no idea: say what is in the file"];
  assertEquals(report("lib/sip/helpers.ts", "export const a = 1;"), expected);
  assertEquals(report("tests/unit/sip/helpers.ts", "export const a = 1;"), []);
});

Deno.test("style lets protocol words keep their capital, and ellipses their dots", () => {
  const source = `
    new PeerError("msrp/bad-header", "RFC 4975 §9", "To-Path must come first");
    new PeerError("msrp/bad-header", "RFC 4975 §9", "Via has no branch");
    new TypeError("MSRP needs a path, found …");
    new RangeError(\`\${name} must be positive\`);`;
  assertEquals(report("lib/msrp/example.ts", source), []);
});

Deno.test("style lets a room use the codes of the rooms that it sees", () => {
  const source = `new SottoError("transport/reset", "the connection broke");`;
  assertEquals(report("lib/session/example.ts", source), []);
});
