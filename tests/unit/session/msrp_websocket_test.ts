import { assertEquals, assertRejects } from "@std/assert";
import { fromLatin1, latin1 } from "../../../lib/base/ascii.ts";
import { SottoError } from "../../../lib/base/errors.ts";
import { openMsrpWebSocket } from "../../../lib/session/msrp_websocket.ts";
import { type ByteStream, connectTcp } from "../../../lib/transport/mod.ts";
import { frame, sendFrame } from "../../helpers/msrp_peer.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";
import { serveWebSocket } from "../../helpers/websocket_server.ts";

async function open(port: number): Promise<ByteStream> {
  return await openMsrpWebSocket(await connectTcp({ host: "127.0.0.1", port }), {
    random: seededRandom(7977),
    authority: { host: "127.0.0.1", port },
  });
}

Deno.test("openMsrpWebSocket() sends each chunk as one message, whatever pieces it was written in", async () => {
  const got: string[] = [];
  const all = Promise.withResolvers<void>();
  await using server = serveWebSocket({
    protocol: "msrp",
    onSocket: (socket) =>
      socket.addEventListener("message", ({ data }) => {
        got.push(latin1(new Uint8Array(data)));
        if (got.length === 3) all.resolve();
      }),
  });
  await using stream = await open(server.port);
  const frames = [
    sendFrame("hello\r\n-------other$\r\n"),
    frame("200 OK"),
    sendFrame("x", { flag: "+" }),
  ];
  const octets = fromLatin1(frames.join(""));
  const writer = stream.writable.getWriter();
  for (let at = 0; at < octets.length; at += 37) await writer.write(octets.subarray(at, at + 37));
  await all.promise;
  assertEquals(got, frames);
});

Deno.test("openMsrpWebSocket() holds no chunk without end", async () => {
  await using server = serveWebSocket({ protocol: "msrp" });
  await using stream = await open(server.port);
  const writer = stream.writable.getWriter();
  writer.closed.catch(() => {});
  await writer.write(fromLatin1(sendFrame("x").split("x\r\n")[0] ?? ""));
  const error = await assertRejects(async () => {
    for (;;) await writer.write(new Uint8Array(300_000));
  }, SottoError);
  assertEquals(error.code, "session/websocket-chunk-too-long");
});
