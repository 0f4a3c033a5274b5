import { assertEquals } from "@std/assert";
import { utf8 } from "../../../../lib/base/bytes.ts";
import { RawStreamReader } from "../../../../lib/trace/logs/raw_stream_reader.ts";

Deno.test("RawStreamReader passes octets on as MSRP of one connection without ends", () => {
  const reader = new RawStreamReader();
  const [arrival] = reader.feed(utf8("MSRP"));
  assertEquals(arrival?.type === "octets" && [arrival.protocol, arrival.frame], ["msrp", 0]);
  assertEquals(reader.feed(new Uint8Array()), []);
  assertEquals(reader.end().map((it) => it.type), ["end"]);
});
