import { assertEquals } from "@std/assert";
import { faulted, faultedDatagrams } from "../../../lib/lab/socket_faults.ts";
import { bindUdp, memoryStreamPair } from "../../../lib/transport/mod.ts";

Deno.test("faulted() and faultedDatagrams() wrap what they are told to, and nothing else", async () => {
  const [stream, other] = memoryStreamPair();
  assertEquals(faulted(stream, undefined), stream);
  assertEquals(faulted(stream, {}), stream);
  assertEquals(faulted(stream, { stream: () => other }), other);
  await using socket = await bindUdp({ host: "127.0.0.1", port: 0 });
  await using second = await bindUdp({ host: "127.0.0.1", port: 0 });
  assertEquals(faultedDatagrams(socket, undefined), socket);
  assertEquals(faultedDatagrams(socket, { datagrams: () => second }), second);
  await Promise.all([stream.close(), other.close()]);
});
