import { assertEquals, assertThrows } from "@std/assert";
import { SottoError } from "../../../lib/base/errors.ts";
import { WaitingMessages } from "../../../lib/session/waiting_messages.ts";

function message(id: string, octets = 1) {
  return { id, content: { contentType: "text/plain", body: new Uint8Array(octets) } };
}

Deno.test("WaitingMessages.takeAll() gives everything, oldest first, and once", () => {
  const waiting = new WaitingMessages();
  waiting.push(message("1"));
  waiting.push(message("2"));
  assertEquals(waiting.takeAll().map((it) => it.id), ["1", "2"]);
  assertEquals(waiting.takeAll(), []);
});

Deno.test("WaitingMessages.push() refuses one message too many, and keeps those that wait", () => {
  const waiting = new WaitingMessages({ waitingMessages: 2 });
  waiting.push(message("1"));
  waiting.push(message("2"));
  const error = assertThrows(() => waiting.push(message("3")), SottoError);
  assertEquals(error.code, "session/queue-full");
  assertEquals(waiting.takeAll().map((it) => it.id), ["1", "2"]);
});

Deno.test("WaitingMessages.push() counts the octets that wait, and those that left no more", () => {
  const waiting = new WaitingMessages({ waitingBytes: 10 });
  waiting.push(message("1", 6));
  const error = assertThrows(() => waiting.push(message("2", 5)), SottoError);
  assertEquals(error.code, "session/queue-full");
  waiting.push(message("3", 4)); // What was refused takes no room.
  waiting.takeAll();
  waiting.push(message("4", 10));
  assertEquals(waiting.takeAll().map((it) => it.id), ["4"]);
});

Deno.test("WaitingMessages holds 256 messages of 8 MiB together by default", () => {
  const many = new WaitingMessages();
  for (let id = 0; id < 256; id++) many.push(message(String(id), 0));
  assertThrows(() => many.push(message("one more", 0)), SottoError);
  const large = new WaitingMessages();
  large.push(message("large", 8 * 2 ** 20));
  assertThrows(() => large.push(message("one octet more")), SottoError);
});
