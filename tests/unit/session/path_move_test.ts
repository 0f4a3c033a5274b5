import { assertEquals } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { type MsrpMedia, msrpMediaOf, parseSessionDescription } from "../../../lib/sdp/mod.ts";
import { mayFollow, moveRefused, withPath } from "../../../lib/session/path_move.ts";

const OWN = "msrp://us.example:2855/ours;tcp";
const SDP = "v=0\r\no=- 1 1 IN IP4 x\r\ns=-\r\nc=IN IP4 x\r\nt=0 0\r\n";

function media(path: string, protocol = "TCP/MSRP"): MsrpMedia {
  const sdp = `${SDP}m=message 2855 ${protocol} *\r\na=path:${path}\r\na=accept-types:*\r\n`;
  const [found] = msrpMediaOf(parseSessionDescription(utf8(sdp)));
  if (found === undefined) throw new Error("no medium");
  return found;
}

Deno.test("withPath() changes the one path and nothing else", () => {
  const before = parseSessionDescription(
    utf8(
      `${SDP}m=message 1 TCP/MSRP *\r\na=path:msrp://r:1/old;tcp ${OWN}\r\na=x:1\r\n` +
        `m=message 2 TCP/MSRP *\r\na=path:msrp://file:2/f;tcp\r\n`,
    ),
  );
  const after = withPath(before, `msrp://r:1/old;tcp ${OWN}`, `msrp://r:1/new;tcp ${OWN}`);
  assertEquals(
    after.media.map((it) => it.attributes.find(({ name }) => name === "path")?.value),
    [`msrp://r:1/new;tcp ${OWN}`, "msrp://file:2/f;tcp"],
  );
  assertEquals(after.media[0]?.attributes.at(-1), before.media[0]?.attributes.at(-1));
  assertEquals({ ...after, media: [] }, { ...before, media: [] });
});

Deno.test("mayFollow() follows the same session where the connection still leads to it", () => {
  const current = media(`msrp://r.example:2855/old;tcp ${OWN}`);
  const table: [string, string, boolean, boolean][] = [
    ["the same", `msrp://r.example:2855/old;tcp ${OWN}`, false, true],
    ["another URI of the relay", `msrp://R.example:2855/new;tcp ${OWN}`, false, true],
    ["another port", `msrp://r.example:2856/new;tcp ${OWN}`, false, false],
    ["another host", `msrp://s.example:2855/new;tcp ${OWN}`, false, false],
    ["another host, our relay connects", `msrp://s.example:2855/new;tcp ${OWN}`, true, true],
    ["another scheme", `msrps://r.example:2855/new;tcp ${OWN}`, false, false],
    ["another session", "msrp://r.example:2855/old;tcp msrp://us.example:2855/x;tcp", true, false],
    ["no relay any more", OWN, false, false],
  ];
  for (const [what, path, hasOwnRelay, expected] of table) {
    assertEquals(mayFollow(current, media(path), hasOwnRelay), expected, what);
  }
  const tls = media(`msrp://r.example:2855/old;tcp ${OWN}`, "TCP/TLS/MSRP");
  assertEquals(mayFollow(current, tls, true), false, "another transport");
});

Deno.test("moveRefused() escapes what the peer said", () => {
  assertEquals(moveRefused("488 \u001b[0m").message.includes("\u001b"), false);
});
