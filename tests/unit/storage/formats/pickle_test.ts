import { assertEquals, assertThrows } from "@std/assert";
import { fromLatin1, SottoError } from "../../../../lib/base/mod.ts";
import { PickledObject, readPickle } from "../../../../lib/storage/formats/pickle.ts";

const NONE = { classes: new Set<string>() };

function read(text: string): unknown {
  return readPickle(fromLatin1(text), NONE);
}

Deno.test("readPickle() reads plain values of protocol 0", () => {
  assertEquals(read("N."), null);
  assertEquals(read("I42\n."), 42);
  assertEquals(read("I01\n."), true);
  assertEquals(read("Vb\\u00fcro\n."), "b\u00fcro");
  assertEquals(read("S'a\\x00\\'\\n'\n."), Uint8Array.of(0x61, 0, 0x27, 0x0a));
  assertEquals(read("(dp0\nS'k'\np1\nI1\ns."), new Map([[Uint8Array.of(0x6b), 1]]));
  assertEquals(read("(I1\nI2\nt."), [1, 2]);
  assertEquals(read("(lp0\nI1\naI2\na."), [1, 2]);
});

Deno.test("readPickle() reads plain values of the binary protocols", () => {
  assertEquals(read("\x80\x02K\x05M\x01\x01\x86."), [5, 257]);
  assertEquals(read("\x80\x04\x95\x00\x00\x00\x00\x00\x00\x00\x00\x8c\x02hi\x94h\x00\x86."), [
    "hi",
    "hi",
  ]);
  assertEquals(read("\x80\x04}\x94(\x8c\x01aK\x01\x8c\x01bK\x02u."), new Map([["a", 1], ["b", 2]]));
  assertEquals(read("\x80\x04](K\x01K\x02e."), [1, 2]);
  assertEquals(read("\x80\x02J\xff\xff\xff\xff."), -1);
  assertEquals(read("\x80\x02\x8a\x02\x00\xff."), -256n);
  assertEquals(read("\x80\x02G?\xf0\x00\x00\x00\x00\x00\x00."), 1);
  assertEquals(read("\x80\x02X\x02\x00\x00\x00hi."), "hi");
  assertEquals(read("\x80\x03C\x02hi."), fromLatin1("hi"));
});

Deno.test("readPickle() calls nothing: a class it may name becomes its name and arguments", () => {
  const object = readPickle(fromLatin1("cm\nC\n(I1\ntR(dS'a'\nI2\nsb."), {
    classes: new Set(["m.C"]),
  });
  if (!(object instanceof PickledObject)) throw new Error("expected an object");
  assertEquals([object.className, object.args], ["m.C", [1]]);
  assertEquals(object.state, new Map([[fromLatin1("a"), 2]]));
});

Deno.test("readPickle() refuses every class that the caller did not name", () => {
  const bombs = [
    "cos\nsystem\n(S'touch pwned'\ntR.",
    "cposix\nsystem\n(S'id'\ntR.",
    "\x80\x04\x8c\x08builtins\x8c\x04eval\x93\x8c\x011\x85R.",
    "c__builtin__\neval\n(S'1'\ntR.",
    "(S'id'\nios\nsystem\n.",
    "\x80\x02\x82\x01.",
    "Pid\n.",
  ];
  for (const bomb of bombs) {
    const error = assertThrows(() => read(bomb), SottoError);
    assertEquals(error.code, "storage/bad-pickle");
  }
});

Deno.test("readPickle() refuses what is cut short, unbalanced or endless", () => {
  for (
    const text of [
      "",
      "N",
      "NN.",
      "0.",
      "t.",
      "s.",
      "(I1\nd.",
      "R.",
      "b.",
      "g1\n.",
      "K",
      "V",
      "S'\n.",
    ]
  ) assertThrows(() => read(text), SottoError);
  assertThrows(
    () => readPickle(fromLatin1("N0".repeat(10)), { ...NONE, operations: 10 }),
    SottoError,
    "more than 10 operations",
  );
});
