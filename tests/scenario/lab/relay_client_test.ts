/** Our relay client with our own relay, which follows RFC 4976 to the letter: one, two in a row, and over IPv6. */
import { assert, assertEquals } from "@std/assert";
import { MsrpRelayServer } from "../../../lib/lab/mod.ts";
import { passwordSecret } from "../../../lib/auth/mod.ts";
import {
  type MediaSettings,
  MsrpRelays,
  platformRandom,
  type RelaySettings,
  SystemClock,
} from "../../../lib/session/mod.ts";
import { parseMsrpUri } from "../../../lib/msrp/mod.ts";
import { type Certificate, makeSelfSignedCertificate } from "../../../lib/transport/mod.ts";
import { listen, mediaSettings, openPair, relaySettings } from "../../helpers/relayed_media.ts";

const never = new AbortController().signal;

async function openRelay(
  certificate: Certificate,
  more: Partial<Parameters<typeof MsrpRelayServer.open>[0]> = {},
): Promise<{ relay: MsrpRelayServer; port: number }> {
  const relay = await MsrpRelayServer.open({
    listen: [{ host: "127.0.0.1", port: 0, transport: "tls" }],
    certificate,
    ca: certificate.certPem,
    lookup: (username) => ({ username, password: passwordSecret(`${username}-secret`) }),
    clock: new SystemClock(),
    random: platformRandom,
    ...more,
  });
  return { relay, port: parseMsrpUri(relay.uris[0] ?? "").port ?? 0 };
}

async function makeCertificate(): Promise<Certificate> {
  return await makeSelfSignedCertificate({
    commonName: "localhost",
    names: ["localhost", "127.0.0.1", "::1"],
  });
}

async function chat(settings: (user: "alice" | "bob") => RelaySettings): Promise<string> {
  const media = async (user: "alice" | "bob"): Promise<MediaSettings> =>
    await mediaSettings({ transport: "tls", relay: settings(user) });
  await using pair = await openPair(await media("alice"), await media("bob"));
  const heard = [listen(pair.caller), listen(pair.callee)];
  const body = new TextEncoder().encode("0123456789".repeat(5_000));
  const message = { contentType: "text/plain", body, successReport: true };
  const fates = await Promise.all([pair.caller.send(message), pair.callee.send(message)]);
  assertEquals(fates.map((it) => it.status), ["delivered", "delivered"]);
  assertEquals(heard.map((it) => it.texts.map((text) => text.length)), [[50_000], [50_000]]);
  return pair.offer;
}

Deno.test("our client with our relay: it proves itself, and carries both ways", async () => {
  const certificate = await makeCertificate();
  const { relay, port } = await openRelay(certificate);
  await using _ = relay;
  const settings = (user: "alice" | "bob"): RelaySettings =>
    relaySettings(port, user, { ca: certificate.certPem });
  await using relays = new MsrpRelays({ clock: new SystemClock(), random: platformRandom });
  const self = parseMsrpUri("msrps://127.0.0.1:2855/ours56789;tcp");
  const { grant } = await relays.obtain(settings("alice"), "tls", self, never);
  assert(grant.isProven, "RFC 4976 §9.1: rspauth");
  await chat(settings);
});

Deno.test("our client with two of our relays in a row: the second is asked through the first", async () => {
  const certificate = await makeCertificate();
  const [inner, outer] = [await openRelay(certificate), await openRelay(certificate)];
  await using _inner = inner.relay;
  await using _outer = outer.relay;
  const settings = (user: "alice" | "bob"): RelaySettings =>
    relaySettings(0, user, {
      ca: certificate.certPem,
      relays: [{ host: "localhost", port: inner.port }, { host: "localhost", port: outer.port }],
    });
  const offer = await chat(settings);
  const path = /a=path:(.*)\r/.exec(offer)?.[1]?.split(" ") ?? [];
  // §5.1: the way in, so the outer relay stands first.
  assertEquals(path.map((it) => parseMsrpUri(it).port), [outer.port, inner.port, 2_855]);
});

Deno.test("our client with our relay over IPv6, by address", async () => {
  const certificate = await makeCertificate();
  const { relay, port } = await openRelay(certificate, {
    hostName: "::1",
    listen: [{ host: "::1", port: 0, transport: "tls" }],
  });
  await using _ = relay;
  const offer = await chat((user) =>
    relaySettings(port, user, {
      ca: certificate.certPem,
      relays: [{ host: "::1", port }],
    })
  );
  assert(offer.includes(`a=path:msrps://[::1]:${port}/`), offer);
});
