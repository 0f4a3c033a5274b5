import { assertEquals } from "@std/assert";
import { concatBytes, decodeUtf8, utf8 } from "../../../lib/base/bytes.ts";
import type { WireRecord } from "../../../lib/base/wire_tap.ts";
import { memoryStreamPair } from "../../../lib/transport/memory.ts";
import { recordDatagrams, recordStream } from "../../../lib/transport/recording.ts";
import { bindUdp } from "../../../lib/transport/udp.ts";

/** A tap that writes down what it hears, and a clock that ticks once per look. */
function notebook(): { records: WireRecord[]; tap: (it: WireRecord) => void; now: () => number } {
  const records: WireRecord[] = [];
  let time = 0;
  return { records, tap: (it) => records.push(it), now: () => ++time };
}

Deno.test("recordStream() tells its tap of every octet in order and passes it on", async () => {
  const { records, tap, now } = notebook();
  const [a, b] = memoryStreamPair();
  const recorded = recordStream(a, { tap, now, protocol: "msrp" });
  const writer = recorded.writable.getWriter();
  await writer.write(utf8("question"));
  assertEquals((await b.readable.getReader().read()).value, utf8("question"));
  await b.writable.getWriter().write(utf8("answer"));
  await b.close();
  assertEquals(
    decodeUtf8(concatBytes(...await Array.fromAsync(recorded.readable))),
    "answer",
  );
  const { local, remote } = a;
  assertEquals(records, [
    {
      at: 1,
      direction: "out",
      protocol: "msrp",
      transport: "tcp",
      local,
      remote,
      data: utf8("question"),
    },
    {
      at: 2,
      direction: "in",
      protocol: "msrp",
      transport: "tcp",
      local,
      remote,
      data: utf8("answer"),
    },
  ]);
  await recorded.close();
});

Deno.test("recordStream() records copies", async () => {
  const { records, tap, now } = notebook();
  const [a] = memoryStreamPair();
  const recorded = recordStream(a, { tap, now, protocol: "sip" });
  const bytes = utf8("x");
  await recorded.writable.getWriter().write(bytes);
  bytes[0] = 0;
  assertEquals(records[0]?.data, utf8("x"));
});

Deno.test("recordStream() calls a stream under TLS tls", async () => {
  const { records, tap, now } = notebook();
  const [a] = memoryStreamPair();
  const secure = Object.assign(a, {
    tls: { protocol: "TLSv1.3", cipher: "x", authorized: false },
  });
  await recordStream(secure, { tap, now, protocol: "sip" }).writable.getWriter().write(utf8("x"));
  assertEquals(records[0]?.transport, "tls");
});

Deno.test("recordDatagrams() tells its tap of datagrams with their addresses", async () => {
  const { records, tap, now } = notebook();
  await using a = recordDatagrams(await bindUdp({ host: "127.0.0.1", port: 0 }), {
    tap,
    now,
    protocol: "sip",
  });
  await using b = await bindUdp({ host: "127.0.0.1", port: 0 });
  await a.send(utf8("ping"), b.local);
  await b.send(utf8("pong"), a.local);
  const received = await a[Symbol.asyncIterator]().next();
  assertEquals(received.value?.data, utf8("pong"));
  assertEquals(
    records.map((it) => [it.at, it.direction, it.transport, it.remote, decodeUtf8(it.data)]),
    [[1, "out", "udp", b.local, "ping"], [2, "in", "udp", b.local, "pong"]],
  );
});
