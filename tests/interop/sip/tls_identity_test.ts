/** SIP over TLS with chains of certificates made by OpenSSL (RFC 5922, SIP-076, SIP-077). */
import { assert, assertEquals } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import {
  platformRandom,
  SipEndpoint,
  type SipTlsOptions,
  SystemClock,
} from "../../../lib/session/mod.ts";
import { parseNameAddress, parseSipUri } from "../../../lib/sip/mod.ts";
import {
  type Certificate,
  certificateFingerprint,
  listenTls,
  type TlsInfo,
} from "../../../lib/transport/mod.ts";
import { CertificateAuthority } from "../../helpers/certificate_authority.ts";
import { DnsServer } from "../../helpers/dns_server.ts";
import { livePeerTest } from "../../helpers/live_peer.ts";

const OPENSSL = { needs: ["openssl"] } as const;
const SDP = utf8("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=message 9 TCP/MSRP *\r\n");
const FROM = parseNameAddress("<sip:alice@example.com>");

function endpoint(options: Partial<Parameters<typeof SipEndpoint.open>[0]>): Promise<SipEndpoint> {
  return SipEndpoint.open({
    listen: [],
    clock: new SystemClock(),
    random: platformRandom,
    userAgent: "sotto/test",
    ...options,
  });
}

/** A server at `server1.example.com`, where SRV records of two domains lead, showing `certificate`. */
async function served(certificate: Certificate) {
  const bob = await endpoint({
    listen: [{ host: "127.0.0.1", port: 0, transport: "tls" }],
    tls: { certificate },
  });
  const port = parseSipUri(bob.uris[0] ?? "").port ?? 0;
  const SRV = [{ priority: 0, weight: 0, port, target: "server1.example.com" }];
  const dns = await DnsServer.start({
    "_sips._tcp.example.com": { SRV },
    "_sips._tcp.sip.example.com": { SRV },
    "server1.example.com": { A: ["127.0.0.1"] },
  });
  let connections = new Set<number>();
  const answering = (async () => {
    for await (const call of bob.calls()) {
      connections = connections.add(call.source.port);
      call.answer(SDP);
    }
  })();
  return {
    dns: { nameServer: dns.nameServer },
    /** How many connections calls came by. */
    connections: () => connections.size,
    async [Symbol.asyncDispose]() {
      await bob.close();
      await answering;
      await dns[Symbol.asyncDispose]();
    },
  };
}

/** Calls `target`: `answered`, or what went wrong. */
async function call(alice: SipEndpoint, target = "sips:bob@example.com"): Promise<string> {
  const outgoing = alice.invite({ target: parseSipUri(target), from: FROM, offer: SDP });
  for await (const event of outgoing.events()) {
    if (event.type === "answered") {
      await outgoing.hangup();
      return "answered";
    }
    if (event.type === "failed") {
      const message = event.error.message.replace(/^.*is not trusted: /, "");
      return `${event.error.code}: ${message}`;
    }
  }
  return "ended";
}

async function callWith(
  certificate: Certificate,
  tls: SipTlsOptions,
  target?: string,
): Promise<string> {
  await using server = await served(certificate);
  await using alice = await endpoint({ tls, dns: server.dns });
  return await call(alice, target);
}

livePeerTest(
  "SIP-076 the domain of the URI must stand in the certificate, not the SRV target",
  OPENSSL,
  async () => {
    await using authority = await CertificateAuthority.make("Test CA");
    const ca = authority.pem;
    const verdict = async (names: string | undefined, commonName?: string, target?: string) => {
      const issued = await authority.issue({
        ...(names === undefined ? {} : { names }),
        ...(commonName === undefined ? {} : { commonName }),
      });
      return await callWith(issued, { ca }, target);
    };
    assertEquals(await verdict("URI:sip:example.com,DNS:server1.example.com"), "answered");
    assertEquals(await verdict("DNS:a.example,DNS:Example.COM"), "answered");
    assertEquals(await verdict(undefined, "example.com"), "answered");
    assertEquals(
      await verdict("DNS:server1.example.com"),
      "transport/tls-wrong-name: it speaks for server1.example.com, not for example.com",
    );
    assertEquals(
      await verdict("DNS:*.example.com", "x", "sips:bob@sip.example.com"),
      "transport/tls-wrong-name: it speaks for *.example.com, not for sip.example.com; " +
        "wildcards do not count for SIP (RFC 5922 §7.2)",
    );
    assertEquals(
      await verdict("URI:sip:other.example,DNS:example.com"),
      "transport/tls-wrong-name: it speaks for other.example, not for example.com",
    );
    assertEquals(
      await verdict("URI:sip:bob@example.com", "example.com"),
      "transport/tls-wrong-name: it names no SIP domain, expected example.com",
    );
  },
);

livePeerTest(
  "SIP-076 what is wrong with a chain is named: expired, not yet valid, unknown authority",
  OPENSSL,
  async () => {
    await using authority = await CertificateAuthority.make("Test CA");
    await using stranger = await CertificateAuthority.make("Strange CA");
    const ca = authority.pem;
    const names = "URI:sip:example.com";
    assertEquals(
      await callWith(await authority.issue({ names, until: "210203000000Z" }), { ca }),
      "transport/tls-expired: it expired on 2021-02-03",
    );
    assertEquals(
      await callWith(await authority.issue({ names, from: "480203000000Z" }), { ca }),
      "transport/tls-expired: it is not valid before 2048-02-03",
    );
    assertEquals(
      await callWith(await stranger.issue({ names }), { ca }),
      "transport/tls-untrusted: it was issued by Strange CA, which no trusted authority vouches for",
    );
    const several = { ca: [authority.pem, stranger.pem] };
    assertEquals(await callWith(await stranger.issue({ names }), several), "answered");
  },
);

livePeerTest(
  "SIP-076 a pinned fingerprint, or no wish for any check, passes by the names",
  OPENSSL,
  async () => {
    await using authority = await CertificateAuthority.make("Test CA");
    const old = await authority.issue({ names: "DNS:a.example", until: "210203000000Z" });
    const fingerprint = await certificateFingerprint(old.certPem);
    assertEquals(await callWith(old, { fingerprint }), "answered");
    assertEquals(await callWith(old, { insecure: true }), "answered");
    const other = await callWith(old, { fingerprint: "00".repeat(32), insecure: true });
    assertEquals(other.split(":")[0], "transport/tls-fingerprint-mismatch");
  },
);

livePeerTest("SIP-076 our certificate is shown to a server that asks for it", OPENSSL, async () => {
  await using authority = await CertificateAuthority.make("Test CA");
  const certificate = await authority.issue({ names: "URI:sip:example.com" });
  const ours = await authority.issue({ names: "URI:sip:alice.example" });
  const listener = await listenTls({ host: "127.0.0.1", port: 0 }, {
    certificate,
    requestClientCertificate: true,
    ca: authority.pem,
  });
  const arriving = (async (): Promise<TlsInfo | undefined> => {
    for await (const stream of listener) {
      await stream.close();
      return stream.tls;
    }
    return undefined;
  })();
  await using dns = await DnsServer.start({ "example.com": { A: ["127.0.0.1"] } });
  await using alice = await endpoint({
    dns: { nameServer: dns.nameServer },
    tls: { ca: authority.pem, certificate: ours },
  });
  const calling = call(alice, `sips:bob@example.com:${listener.local.port}`);
  const info = await arriving;
  assert(info?.authorized, info?.authorizationError);
  assertEquals(info.peerFingerprint, await certificateFingerprint(ours.certPem));
  assertEquals((await calling).split(":")[0], "transport/reset");
});

livePeerTest(
  "SIP-077 calls to one domain share a connection, calls to another at the same place do not",
  OPENSSL,
  async () => {
    await using authority = await CertificateAuthority.make("Test CA");
    const names = "URI:sip:example.com,URI:sip:sip.example.com";
    await using server = await served(await authority.issue({ names }));
    await using alice = await endpoint({ tls: { ca: authority.pem }, dns: server.dns });
    assertEquals([await call(alice), await call(alice)], ["answered", "answered"]);
    assertEquals(server.connections(), 1);
    assertEquals(await call(alice, "sips:bob@sip.example.com"), "answered");
    assertEquals(server.connections(), 2);
  },
);
