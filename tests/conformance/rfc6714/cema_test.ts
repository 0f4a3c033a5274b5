/** RFC 6714: two of ours with a middlebox between them, which changed c= and m= and left the path. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { SottoError } from "../../../lib/base/errors.ts";
import { ChatMedia } from "../../../lib/session/chat_media.ts";
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

Deno.test("MSRP-153 an offerer with msrp-cema connects to c= and m= of an answer without (§4.2)", async () => {
  for (const silent of ["offer", "answer"] as const) {
    await using box = await Middlebox.start();
    await using pair = await openPair(
      await mediaSettings(),
      await mediaSettings(),
      (sdp, which) => {
        const changed = which === silent ? sdp.replace("a=msrp-cema\r\n", "") : sdp;
        return which === "answer" ? withDeadPath(box.anchor(changed)) : changed;
      },
    );
    assertEquals(pair.answer.includes("a=msrp-cema"), silent === "answer");
    assertEquals(await pair.callerMedia.createPlainOffer(), undefined, "nothing to offer again");
    await chat(pair);
    assertEquals(box.connections, 1, `no msrp-cema in the ${silent}`);
  }
});

Deno.test("MSRP-153 an answerer whose offer was without msrp-cema connects by the path (§4.3)", async () => {
  await using box = await Middlebox.start();
  await using pair = await openPair(
    await mediaSettings({ setup: "passive" }),
    await mediaSettings({ setup: "active" }),
    (sdp, which) => which === "offer" ? box.anchor(sdp).replace("a=msrp-cema\r\n", "") : sdp,
  );
  await chat(pair);
  assertEquals(box.connections, 0);
});

for (const transport of ["tcp", "tls"] as const) {
  Deno.test(`MSRP-153 where nothing answers in c= and m=, the path counts (${transport})`, async () => {
    await using pair = await openPair(
      await mediaSettings({ transport }),
      await mediaSettings(),
      (sdp, which) => which === "answer" ? sdp.replace(/^m=message \d+/m, "m=message 1") : sdp,
    );
    await chat(pair);
  });
}

/** An offer of ours as a middlebox leaves it that does not know RFC 6714. */
async function offerAt(host: string, port: string): Promise<Uint8Array> {
  await using caller = new ChatMedia(await mediaSettings());
  const offer = new TextDecoder().decode(await caller.createOffer("127.0.0.1"));
  return new TextEncoder().encode(
    offer.replace("a=msrp-cema\r\n", "").replaceAll("c=IN IP4 127.0.0.1", `c=IN IP4 ${host}`)
      .replace(/^m=message (\d+)/m, (_, own: string) => `m=message ${port === "" ? own : port}`),
  );
}

Deno.test("MSRP-153 an offer without msrp-cema whose c= and m= are a middlebox's is refused: 488 (§4.3)", async () => {
  await using callee = new ChatMedia(await mediaSettings());
  const { refusal } = await callee.readOffer(await offerAt("192.0.2.1", "1"), "127.0.0.1");
  assertEquals([refusal?.status, refusal?.headers[0]?.name], [488, "Warning"]);
  assertMatch(refusal?.text ?? "", /middlebox/);
});

Deno.test("MSRP-153 a repaired address or a port that is always the same is no middlebox: the path counts", async () => {
  for (
    const [host, port] of [["192.0.2.1", ""], ["127.0.0.1", "12345"], ["0.0.0.0", "1"]] as const
  ) {
    await using callee = new ChatMedia(await mediaSettings());
    const outcome = await callee.readOffer(await offerAt(host, port), "127.0.0.1");
    assertEquals(outcome.refusal, undefined, `${host} ${port}`);
  }
});

Deno.test("MSRP-153 a name in the path is looked up before c= and m= are held against it (§4.4)", async () => {
  await using callee = new ChatMedia(await mediaSettings());
  const offer = new TextDecoder().decode(await offerAt("127.0.0.1", ""));
  const named = offer.replace("a=path:msrp://127.0.0.1:", "a=path:msrp://localhost:");
  const outcome = await callee.readOffer(new TextEncoder().encode(named), "127.0.0.1");
  assertEquals(outcome.refusal, undefined);
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
