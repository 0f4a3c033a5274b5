import { assertEquals } from "@std/assert";
import { addRelease, kindOfEntry } from "../../../tools/assemble_changelog.ts";

Deno.test("addRelease() puts the newest release first, security at its top", () => {
  const earlier = "# Changelog\n\nNewest first.\n\n## 0.1.0 (2026-01-01)\n\n### Added\n\n- all\n";
  const entries = [
    { kind: "fixed", text: "A bug\nof two lines.\n" },
    { kind: "security", text: "A hole.\n" },
    { kind: "fixed", text: "Another.\n" },
  ];
  assertEquals(
    addRelease(earlier, "0.2.0", "2026-03-01", entries),
    `# Changelog

Newest first.

## 0.2.0 (2026-03-01)

### Security

- A hole.

### Fixed

- A bug
  of two lines.
- Another.

## 0.1.0 (2026-01-01)

### Added

- all
`,
  );
});

Deno.test("addRelease() begins an empty changelog", () => {
  const text = addRelease("# Changelog\n", "0.1.0", "2026-01-01", [{ kind: "added", text: "a" }]);
  assertEquals(text, "# Changelog\n\n## 0.1.0 (2026-01-01)\n\n### Added\n\n- a\n");
});

Deno.test("kindOfEntry() knows an entry by its name", () => {
  assertEquals(kindOfEntry("12.fixed.md"), "fixed");
  assertEquals(kindOfEntry("12.internal.md"), undefined);
  assertEquals(kindOfEntry("README.md"), undefined);
});

Deno.test("changes.d holds entries and nothing else", () => {
  const names = Array.from(
    Deno.readDirSync(new URL("../../../changes.d", import.meta.url)),
    (it) => it.name,
  );
  assertEquals(names.filter((it) => it !== "README.md" && kindOfEntry(it) === undefined), []);
});
