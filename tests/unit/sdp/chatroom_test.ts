import { assertEquals, assertThrows } from "@std/assert";
import { chatroomAttribute, parseChatroom } from "../../../lib/sdp/chatroom.ts";

Deno.test("parseChatroom() reads tokens, each once", () => {
  assertEquals(parseChatroom("nickname private-messages"), ["nickname", "private-messages"]);
  assertEquals(parseChatroom(" nickname  com.example.chat.foo nickname "), [
    "nickname",
    "com.example.chat.foo",
  ]);
  assertEquals(parseChatroom(""), []);
});

Deno.test("chatroomAttribute() writes them, and refuses what is none", () => {
  assertEquals(chatroomAttribute([]), { name: "chatroom" });
  assertEquals(chatroomAttribute(["nickname", "com.example.foo"]), {
    name: "chatroom",
    value: "nickname com.example.foo",
  });
  for (const bad of [["a b"], [""], ["nickname", "nickname"], ["a\r\nb"]]) {
    assertThrows(() => chatroomAttribute(bad), TypeError);
  }
});
