import { assertEquals } from "@std/assert";
import { shorten, withoutMachine } from "../../../tools/make_picture.ts";

Deno.test("withoutMachine() names no folder of the machine that made the picture", () => {
  const transcript = "$ /home/alice/sotto/bin/sotto keygen\nkey in /var/tmp/4f2a/alice/chat";
  assertEquals(
    withoutMachine(transcript, "/home/alice/sotto/", "/var/tmp"),
    "$ ./bin/sotto keygen\nkey in /tmp/sotto-demo/alice/chat",
  );
});

Deno.test("shorten() leaves out the middle of a long transcript, and says how much", () => {
  const lines = Array.from({ length: 100 }, (_, at) => [{ text: `${at}`, style: {} }]);
  const texts = shorten(lines).map(([run]) => run?.text);
  assertEquals(texts.length, 52);
  assertEquals(texts.slice(-4), ["48", "       … 49 more lines", "98", "99"]);
  assertEquals(shorten(lines.slice(0, 52)).length, 52);
});
