import { assertEquals } from "@std/assert";
import { withoutMachine } from "../../../tools/make_picture.ts";

Deno.test("withoutMachine() names no folder of the machine that made the picture", () => {
  const transcript = "$ /home/alice/sotto/bin/sotto keygen\nkey in /var/tmp/4f2a/alice/chat";
  assertEquals(
    withoutMachine(transcript, "/home/alice/sotto/", "/var/tmp"),
    "$ ./bin/sotto keygen\nkey in /tmp/sotto-demo/alice/chat",
  );
});
