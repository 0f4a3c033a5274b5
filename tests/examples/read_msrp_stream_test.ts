import { assertEquals } from "@std/assert";
import { listFrames } from "../../examples/read_msrp_stream.ts";

Deno.test("the example read_msrp_stream lists frames however the stream is cut", async () => {
  const stream = new TextEncoder().encode([
    "MSRP a786hjs2 SEND",
    "To-Path: msrp://biloxi.example.com:12763/kjhd37s2s20w2a;tcp",
    "From-Path: msrp://atlanta.example.com:7654/jshA7weztas;tcp",
    "Message-ID: 87652491",
    "Byte-Range: 1-5/5",
    "Content-Type: text/plain",
    "",
    "hello",
    "-------a786hjs2$",
    "MSRP a786hjs2 200 OK",
    "To-Path: msrp://atlanta.example.com:7654/jshA7weztas;tcp",
    "From-Path: msrp://biloxi.example.com:12763/kjhd37s2s20w2a;tcp",
    "-------a786hjs2$",
    "",
  ].join("\r\n"));
  async function* cut(at: number): AsyncGenerator<Uint8Array> {
    for (let from = 0; from < stream.length; from += at) yield stream.subarray(from, from + at);
  }
  const expected = ["SEND 1-5/5: 5 octets, flag $", "response 200: 0 octets, flag $"];
  for (const size of [1, 7, stream.length]) {
    assertEquals(await Array.fromAsync(listFrames(cut(size))), expected);
  }
});
