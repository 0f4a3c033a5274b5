import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { numberedName, safeFileName } from "../../../../lib/storage/transfer/file_name.ts";

for (
  const [offered, ours] of [
    ["picture.jpg", "picture.jpg"],
    ["My cool picture.jpg", "My cool picture.jpg"],
    ["../../etc/passwd", "passwd"],
    ["/etc/passwd", "passwd"],
    ["..\\..\\windows\\win.ini", "win.ini"],
    ["C:\\autoexec.bat", "autoexec.bat"],
    ["C:secret", "C_secret"],
    ["..", "file"],
    [".", "file"],
    ["", "file"],
    ["///", "file"],
    [undefined, "file"],
    [".bashrc", "bashrc"],
    ["...hidden", "hidden"],
    ["-rf", "_rf"],
    ["a\0b\nc\x1b[31md", "abc[31md"],
    ["photo\u202egpj.exe", "photogpj.exe"],
    ["zero\u200bwidth", "zerowidth"],
    ["a\u00a0\u3000 b", "a b"],
    ["CON", "_CON"],
    ["nul.txt", "_nul.txt"],
    ["com1.tar.gz", "_com1.tar.gz"],
    ["console", "console"],
    ['a<b>c:d"e|f?g*h', "a_b_c_d_e_f_g_h"],
    ["ends with dots...", "ends with dots"],
    ["movie.part", "movie.part_"],
    ["e\u0301te\u0301.txt", "été.txt"],
    ["日本語.txt", "日本語.txt"],
  ] as const
) {
  Deno.test(`safeFileName() makes ${JSON.stringify(ours)} of ${JSON.stringify(offered)}`, () => {
    assertEquals(safeFileName(offered), ours);
  });
}

Deno.test("safeFileName() cuts what is too long, and keeps the ending", () => {
  const long = safeFileName(`${"ü".repeat(500)}.jpeg`);
  assert(new TextEncoder().encode(long).length <= 180);
  assert(long.startsWith("üü") && long.endsWith(".jpeg"));
  assert(new TextEncoder().encode(safeFileName("a.".repeat(500))).length <= 180);
});

Deno.test("safeFileName() gives one plain name to whatever is offered, and keeps its own names", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (offered) => {
      const name = safeFileName(offered);
      assert(name !== "" && name !== "." && name !== ".." && !/^[.\-]/.test(name));
      assert(!/[/\\\p{C}]/u.test(name), JSON.stringify(name));
      assert(!/\.part$/i.test(name));
      assertEquals(safeFileName(name), name);
    }),
    { numRuns: 500 },
  );
});

Deno.test("numberedName() puts the number before the ending", () => {
  assertEquals(numberedName("a.txt", 0), "a.txt");
  assertEquals(numberedName("a.txt", 2), "a-2.txt");
  assertEquals(numberedName("README", 1), "README-1");
  assertEquals(numberedName("a.tar.gz", 1), "a.tar-1.gz");
});
