import { assertEquals } from "@std/assert";
import { ascii } from "../../../lib/base/ascii.ts";
import { SipStreams } from "../../../lib/session/sip_streams.ts";

Deno.test("SipStreams keeps connections apart, and forgets what ended", () => {
  const streams = new SipStreams();
  const types = (connection: number, text: string) =>
    streams.feed(connection, ascii(text)).map((it) => it.type);
  assertEquals([types(1, "\r\n"), types(2, "\r\n"), types(1, "\r\n")], [[], [], ["ping"]]);
  streams.expectPong(2);
  assertEquals(types(2, "\r\n"), ["pong"]);
  streams.carry(1, "a");
  streams.carry(1, "b");
  streams.carry(1, "a");
  assertEquals([...streams.end(1)], ["a", "b"]);
  assertEquals([...streams.end(1)], []);
  assertEquals(types(1, "\r\n"), [], "a connection of the same number begins anew");
});

Deno.test("SipStreams remembers the latest transactions only", () => {
  const streams = new SipStreams();
  for (let number = 0; number < 600; number++) streams.carry(1, `t${number}`);
  const carried = [...streams.end(1)];
  assertEquals([carried.length, carried[0], carried.at(-1)], [512, "t88", "t599"]);
});

Deno.test("SipStreams keeps to the limits of messages", () => {
  const streams = new SipStreams({ head: 100 });
  assertEquals(streams.feed(1, ascii("x".repeat(200))).map((it) => it.type), ["broken"]);
});
