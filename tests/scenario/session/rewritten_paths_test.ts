/** Sessions of ours through a middlebox that rewrites paths: they find each other by the session-id alone. */
import { assert, assertEquals } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { PathRewriter } from "../../../lib/lab/mod.ts";
import { ChatMedia } from "../../../lib/session/chat_media.ts";
import { listen, mediaSettings } from "../../helpers/relayed_media.ts";

/** The description as it comes out of the middlebox. */
async function through(rewriter: PathRewriter, sdp: Uint8Array): Promise<Uint8Array> {
  const head = utf8(`INVITE sip:a@b SIP/2.0\r\nContent-Type: application/sdp\r\n\r\n`);
  const message = new Uint8Array([...head, ...sdp]);
  return (await rewriter.rewrite(message)).subarray(head.length);
}

const path = (sdp: Uint8Array): string =>
  /a=path:(\S+)/.exec(new TextDecoder().decode(sdp))?.[1] ?? "";

for (const transport of ["tls", "tcp"] as const) {
  for (const setup of ["active", "passive"] as const) {
    Deno.test(`a chat over ${transport} goes on with rewritten paths, the caller ${setup}`, async () => {
      await using rewriter = new PathRewriter();
      const callerMedia = new ChatMedia(await mediaSettings({ transport, setup }));
      const calleeMedia = new ChatMedia(await mediaSettings());
      try {
        const offer = await callerMedia.createOffer("127.0.0.1");
        const changed = await through(rewriter, offer);
        assert(path(changed) !== path(offer));
        assertEquals(path(changed).split("/").at(-1), path(offer).split("/").at(-1));
        const outcome = await calleeMedia.readOffer(changed, "127.0.0.1");
        assert(outcome.refusal === undefined);
        const remote = callerMedia.readAnswer(await through(rewriter, outcome.answer));
        const how = { timeout: 20_000, signal: new AbortController().signal };
        const [caller, callee] = await Promise.all([
          callerMedia.open(remote, how),
          calleeMedia.open(outcome.remote, how),
        ]);
        const heard = [listen(caller), listen(callee)];
        const message = (text: string) => ({
          contentType: "text/plain",
          body: utf8(text),
          successReport: true,
        });
        assertEquals((await caller.send(message("forth"))).status, "delivered");
        assertEquals((await callee.send(message("back"))).status, "delivered");
        assertEquals(heard.map((it) => it.texts), [["back"], ["forth"]]);
      } finally {
        await Promise.all([callerMedia.close(), calleeMedia.close()]);
      }
    });
  }
}
