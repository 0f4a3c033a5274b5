import { assert, assertEquals } from "@std/assert";
import { fromLatin1, latin1 } from "../../../lib/base/ascii.ts";
import { concatBytes } from "../../../lib/base/bytes.ts";
import { PathRewriter } from "../../../lib/lab/path_rewriter.ts";
import { parseMsrpUri } from "../../../lib/msrp/mod.ts";
import { connectTcp, listenTcp } from "../../../lib/transport/mod.ts";
import { everySplit } from "../../helpers/every_split.ts";

function invite(path: string, port: number): string {
  const body = [
    "v=0",
    "o=- 1 1 IN IP4 127.0.0.1",
    "s=-",
    "c=IN IP4 127.0.0.1",
    "t=0 0",
    `m=message ${port} TCP/MSRP *`,
    "a=accept-types:*",
    `a=path:${path}`,
    "",
  ].join("\r\n");
  return "INVITE sip:bob@example.com SIP/2.0\r\nc: application/sdp\r\n" +
    `Content-Length: ${body.length}\r\n\r\n${body}`;
}

Deno.test("PathRewriter stands in for the first place of a path, and carries octets there", async () => {
  await using rewriter = new PathRewriter();
  await using listener = await listenTcp({ host: "127.0.0.1", port: 0 });
  const { port } = listener.local;
  const before = invite(`msrp://127.0.0.1:${port}/abc;tcp msrp://far.example:1/d;tcp`, port);
  const after = latin1(await rewriter.rewrite(fromLatin1(before)));
  const [, first = "", second] = /a=path:(\S+) (\S+)\r\n/.exec(after) ?? [];
  const uri = parseMsrpUri(first);
  assertEquals([uri.host, uri.sessionId, second], [
    "127.0.0.1",
    "abc",
    "msrp://far.example:1/d;tcp",
  ]);
  assert(uri.port !== port);
  assert(after.includes(`\r\nm=message ${uri.port} TCP/MSRP *\r\n`));
  const length = Number(/Content-Length: (\d+)/.exec(after)?.[1]);
  assertEquals(after.length - after.indexOf("\r\n\r\n") - 4, length);
  // The same place again is the same middlebox.
  assertEquals(latin1(await rewriter.rewrite(fromLatin1(before))), after);
  assertEquals(rewriter.placeCount, 1);

  const accepted = listener[Symbol.asyncIterator]().next();
  await using near = await connectTcp({ host: "127.0.0.1", port: uri.port ?? 0 });
  const writer = near.writable.getWriter();
  await writer.write(fromLatin1("hello"));
  const { value: far } = await accepted;
  assert(far !== undefined);
  await using _ = far;
  const reader = far.readable.getReader();
  assertEquals(latin1((await reader.read()).value ?? new Uint8Array()), "hello");
  const back = far.writable.getWriter();
  await back.write(fromLatin1("and back"));
  assertEquals(
    latin1((await near.readable.getReader().read()).value ?? new Uint8Array()),
    "and back",
  );
  await far.close();
});

Deno.test("PathRewriter leaves alone what has no path, and a stream stays a stream", async () => {
  await using rewriter = new PathRewriter();
  const others = [
    "OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 0\r\n\r\n",
    "MESSAGE sip:a@b SIP/2.0\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\na=path:xyz",
    "not SIP at all",
  ];
  for (const it of others) assertEquals(latin1(await rewriter.rewrite(fromLatin1(it))), it);
  const bad = invite("nonsense", 1);
  assertEquals(latin1(await rewriter.rewrite(fromLatin1(bad))), bad);

  const message = invite("msrp://127.0.0.1:9/abc;tcp", 9);
  const wanted = latin1(await rewriter.rewrite(fromLatin1(message)));
  for (const { label, pieces } of everySplit(fromLatin1(`${message}\r\n\r\n${others[0]}`))) {
    const stream = rewriter.stream();
    const out: Uint8Array[] = [];
    for (const it of pieces) out.push(await stream.feed(it));
    assertEquals(latin1(concatBytes(...out)), `${wanted}\r\n\r\n${others[0]}`, label);
  }
});

Deno.test("PathRewriter stands in for so many places and no more", async () => {
  await using rewriter = new PathRewriter({ places: 2 });
  for (let port = 1; port <= 5; port++) {
    await rewriter.rewrite(fromLatin1(invite(`msrp://127.0.0.1:${port}/abc;tcp`, port)));
  }
  assertEquals(rewriter.placeCount, 2);
});
