/** RFC 6714: two of ours with a middlebox between them, which changed c= and m= and left the path. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { SottoError } from "../../../lib/base/errors.ts";
import { Middlebox } from "../../helpers/middlebox.ts";
import { listen, mediaSettings, type OpenPair, openPair } from "../../helpers/relayed_media.ts";

async function chat(pair: OpenPair): Promise<void> {
  const heard = [listen(pair.caller), listen(pair.callee)];
  const message = (text: string) => ({
    contentType: "text/plain",
    body: new TextEncoder().encode(text),
    successReport: true,
  });
  assertEquals((await pair.caller.send(message("out"))).status, "delivered");
  assertEquals((await pair.callee.send(message("back"))).status, "delivered");
  assertEquals(heard.map((it) => it.texts), [["back"], ["out"]]);
}

/** Breaks the path, so that only c= and m= lead anywhere. */
function withDeadPath(sdp: string): string {
  return sdp.replace(/(a=path:msrps?:\/\/127\.0\.0\.1):\d+/, "$1:1");
}

for (const transport of ["tcp", "tls"] as const) {
  Deno.test(`MSRP-153 the offerer connects to the middlebox of the answer (${transport})`, async () => {
    await using box = await Middlebox.start();
    await using pair = await openPair(
      await mediaSettings({ transport }),
      await mediaSettings(),
      (sdp, which) => which === "answer" ? withDeadPath(box.anchor(sdp)) : sdp,
    );
    assert(pair.offer.includes("\r\na=msrp-cema\r\n"));
    assert(pair.answer.includes("\r\na=msrp-cema\r\n"));
    await chat(pair);
    assertEquals(box.connections, 1);
  });

  Deno.test(`MSRP-153 the answerer connects to the middlebox of the offer (${transport})`, async () => {
    await using box = await Middlebox.start();
    await using pair = await openPair(
      await mediaSettings({ transport, setup: "passive" }),
      await mediaSettings({ setup: "active" }),
      (sdp, which) => which === "offer" ? withDeadPath(box.anchor(sdp)) : sdp,
    );
    await chat(pair);
    assertEquals(box.connections, 1);
  });
}

Deno.test("MSRP-153 without msrp-cema in both, the path counts as RFC 4975 has it", async () => {
  for (const silent of ["offer", "answer"] as const) {
    await using box = await Middlebox.start();
    await using pair = await openPair(
      await mediaSettings(),
      await mediaSettings(),
      (sdp, which) => {
        const changed = which === silent ? sdp.replace("a=msrp-cema\r\n", "") : sdp;
        return which === "answer" ? box.anchor(changed) : changed;
      },
    );
    assertEquals(pair.answer.includes("a=msrp-cema"), silent === "answer");
    await chat(pair);
    assertEquals(box.connections, 0, `no msrp-cema in the ${silent}`);
  }
});

Deno.test("MSRP-153 sessions are matched by session-id alone: a rewritten path is no obstacle", async () => {
  await using box = await Middlebox.start();
  // An SBC of another kind: it rewrites the path, and passes frames on as they are.
  await using pair = await openPair(await mediaSettings(), await mediaSettings(), (sdp, which) => {
    if (which === "offer") return sdp;
    const anchored = box.anchor(sdp);
    return anchored.replace(/(a=path:msrp:\/\/)127\.0\.0\.1:\d+/, `$1localhost:${box.port}`);
  });
  await chat(pair);
  assertEquals(box.connections, 1);
});

Deno.test("MSRP-154 TLS goes through the middlebox, and the fingerprint tells whom to", async () => {
  await using box = await Middlebox.start();
  const forged = "AB:".repeat(31) + "AB";
  const failure = await assertRejects(
    async () =>
      await openPair(
        await mediaSettings({ transport: "tls" }),
        await mediaSettings(),
        (sdp, which) =>
          which === "answer"
            ? box.anchor(sdp).replace(/(a=fingerprint:sha-256 ).*\r/i, `$1${forged}\r`)
            : sdp,
      ),
    SottoError,
  );
  assertEquals(failure.code, "session/tls-fingerprint-mismatch");
  assertEquals(box.connections, 1);
});
