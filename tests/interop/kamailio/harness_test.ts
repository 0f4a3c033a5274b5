/** The Kamailio that other tests run against does what they rely on, and is no open relay. */
import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { createHash } from "node:crypto";
import type { ByteStream } from "../../../lib/transport/mod.ts";
import { bindUdp, connectTcp, connectTls } from "../../../lib/transport/mod.ts";
import { Kamailio, KAMAILIO_NEEDS } from "../../helpers/kamailio.ts";
import { livePeerTest } from "../../helpers/live_peer.ts";

const needs = { needs: KAMAILIO_NEEDS };
type Hash = "MD5" | "SHA-256";

/** Requests out, answers in, on a stream. */
class Line implements AsyncDisposable {
  readonly #stream: ByteStream;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;

  constructor(stream: ByteStream) {
    this.#stream = stream;
    this.#reader = stream.readable.getReader();
    this.#writer = stream.writable.getWriter();
  }

  async write(text: string): Promise<void> {
    await this.#writer.write(new TextEncoder().encode(text));
  }

  /** What comes until `isWhole`. */
  async read(isWhole: (text: string) => boolean): Promise<string> {
    const decoder = new TextDecoder();
    let text = "";
    while (!isWhole(text)) {
      const { value, done } = await this.#reader.read();
      if (done) throw new Error(`the connection ended after ${JSON.stringify(text)}`);
      text += decoder.decode(value, { stream: true });
    }
    return text;
  }

  async frame(): Promise<string> {
    return await this.read((text) => /^-------\w+[$+#]\r\n$/m.test(text));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stream.close();
  }
}

function hash(algorithm: Hash, text: string): string {
  return createHash(algorithm === "MD5" ? "md5" : "sha256").update(text).digest("hex");
}

/** `Authorization` by RFC 7616 §3.4, written here so that nothing of ours judges itself. */
function authorization(
  challenge: string,
  who: { user: string; password: string; method: string; uri: string },
): string {
  const of = (name: string): string =>
    new RegExp(`${name}="?([^",\\s]+)"?`).exec(challenge)?.[1] ?? "";
  const algorithm = (of("algorithm") || "MD5") as Hash;
  const [realm, nonce] = [of("realm"), of("nonce")];
  const ha1 = hash(algorithm, `${who.user}:${realm}:${who.password}`);
  const ha2 = hash(algorithm, `${who.method}:${who.uri}`);
  const response = hash(algorithm, `${ha1}:${nonce}:00000001:c0ffee:auth:${ha2}`);
  return `Digest username="${who.user}", realm="${realm}", nonce="${nonce}", uri="${who.uri}", ` +
    `qop=auth, nc=00000001, cnonce="c0ffee", response="${response}", algorithm=${algorithm}`;
}

async function auth(
  line: Line,
  to: string,
  { user = "alice", password = "alice-secret", from = "msrp://127.0.0.1:9/alice;tcp", more = "" },
): Promise<string> {
  const request = (id: string, extra: string): string =>
    `MSRP ${id} AUTH\r\nTo-Path: ${to}\r\nFrom-Path: ${from}\r\n${extra}-------${id}$\r\n`;
  await line.write(request("auth1", ""));
  const challenge = await line.frame();
  assertMatch(challenge, /^MSRP auth1 401 /);
  const value = authorization(challenge, { user, password, method: "AUTH", uri: to });
  await line.write(request("auth2", `${more}Authorization: ${value}\r\n`));
  return await line.frame();
}

livePeerTest(
  "the relay grants a path over TCP and TLS, and only to who knows the password",
  needs,
  async () => {
    await using kamailio = await Kamailio.start();
    await kamailio.explain(async () => {
      const { host, ports } = kamailio;
      const to = `msrp://${host}:${ports.msrp};tcp`;
      {
        await using line = new Line(await connectTcp({ host, port: ports.msrp }));
        const granted = await auth(line, to, {});
        assertMatch(granted, /^MSRP auth2 200 OK\r\n/);
        assertMatch(granted, /\r\nUse-Path: msrp:\/\/127\.0\.0\.1:\d+\/[-0-9a-f]{36};tcp\r\n/);
        assertMatch(granted, /\r\nExpires: 600\r\n/);
        assert(!granted.includes("Authentication-Info"), "Kamailio has begun to send one");
        const path = (it: string): string | undefined => /Use-Path: (.+)\r/.exec(it)?.[1];
        assertEquals(path(await auth(line, to, {})), path(granted), "a refresh keeps the URI");
        const other = await auth(line, to, { from: "msrp://127.0.0.1:9/other;tcp" });
        assertNotEquals(path(other), path(granted));
      }
      {
        await using line = new Line(await connectTcp({ host, port: ports.msrp }));
        assertMatch(await auth(line, to, { password: "wrong" }), /^MSRP auth2 401 /);
      }
      {
        await using line = new Line(await connectTcp({ host, port: ports.msrp }));
        const refused = await auth(line, to, { more: "Expires: 5\r\n" });
        assertMatch(refused, /^MSRP auth2 423 [^]*\r\nMin-Expires: 60\r\n/);
      }
      const ca = kamailio.certificate.certPem;
      await using line = new Line(
        await connectTls({ host: "localhost", port: ports.msrps }, { ca }),
      );
      const granted = await auth(line, `msrps://localhost:${ports.msrps};tcp`, {});
      assertMatch(granted, /\r\nUse-Path: msrps:\/\/localhost:\d+\/[-0-9a-f]{36};tcp\r\n/);
    });
  },
);

livePeerTest("the relay forwards to and from its clients, and for nobody else", needs, async () => {
  await using kamailio = await Kamailio.start();
  await kamailio.explain(async () => {
    const { host, ports } = kamailio;
    const to = `msrp://${host}:${ports.msrp};tcp`;
    await using alice = new Line(await connectTcp({ host, port: ports.msrp }));
    await using stranger = new Line(await connectTcp({ host, port: ports.msrp }));
    const granted = /Use-Path: (.+)\r/.exec(await auth(alice, to, {}))?.[1];
    const send = (id: string, path: string): string =>
      `MSRP ${id} SEND\r\nTo-Path: ${path}\r\nFrom-Path: msrp://127.0.0.1:9/stranger;tcp\r\n` +
      `Message-ID: m${id}\r\nByte-Range: 1-5/5\r\nContent-Type: text/plain\r\n\r\nhello\r\n` +
      `-------${id}$\r\n`;

    await stranger.write(send("inward1", `${granted} msrp://127.0.0.1:9/alice;tcp`));
    assertMatch(await stranger.frame(), /^MSRP inward1 200 OK/);
    assertMatch(await alice.frame(), /SEND\r\nTo-Path: msrp:\/\/127\.0\.0\.1:9\/alice;tcp\r\n/);

    await stranger.write(
      send("across1", `${granted} msrp://127.0.0.1:9/x;tcp msrp://127.0.0.1:9/y;tcp`),
    );
    assertMatch(await stranger.frame(), /^MSRP across1 403 /);
    const guessed = `msrp://${host}:${ports.msrp}/guessed;tcp`;
    await stranger.write(send("guess1", `${guessed} msrp://127.0.0.1:9/x;tcp`));
    assertMatch(await stranger.frame(), /^MSRP guess1 481 /);
  });
});

for (const algorithm of ["MD5", "SHA-256"] as const) {
  livePeerTest(`the registrar wants ${algorithm} over UDP, TCP and TLS`, needs, async () => {
    await using kamailio = await Kamailio.start({ algorithm });
    await kamailio.explain(async () => {
      const { host, ports, domain } = kamailio;
      const uri = `sip:${domain}`;
      const request = (transport: string, cseq: number, extra: string): string =>
        `REGISTER ${uri} SIP/2.0\r\nVia: SIP/2.0/${transport} 127.0.0.1:9;branch=z9hG4bK${transport}${cseq};rport\r\n` +
        `Max-Forwards: 70\r\nFrom: <sip:alice@${domain}>;tag=${transport}\r\nTo: <sip:alice@${domain}>\r\n` +
        `Call-ID: ${transport}\r\nCSeq: ${cseq} REGISTER\r\nContact: <sip:alice@127.0.0.1:9>\r\n` +
        `Expires: 60\r\n${extra}Content-Length: 0\r\n\r\n`;
      type Ask = (text: string) => Promise<string>;
      const register = async (transport: string, password: string, ask: Ask): Promise<string> => {
        const challenge = await ask(request(transport, 1, ""));
        assertMatch(challenge, /^SIP\/2\.0 401 /);
        assertEquals(/algorithm=([-\w]+)/.exec(challenge)?.[1], algorithm);
        const who = { user: "alice", password, method: "REGISTER", uri };
        const value = authorization(challenge, who);
        return await ask(request(transport, 2, `Authorization: ${value}\r\n`));
      };

      await using udp = await bindUdp({ host, port: 0 });
      const datagrams = udp[Symbol.asyncIterator]();
      const overUdp = async (text: string): Promise<string> => {
        await udp.send(new TextEncoder().encode(text), { host, port: ports.sip });
        const { value } = await datagrams.next();
        return new TextDecoder().decode(value?.data);
      };
      assertMatch(await register("UDP", "wrong", overUdp), /^SIP\/2\.0 401 /);
      assertMatch(await register("UDP", "alice-secret", overUdp), /^SIP\/2\.0 200 /);

      for (const transport of ["TCP", "TLS"]) {
        await using line = new Line(
          transport === "TCP"
            ? await connectTcp({ host, port: ports.sip })
            : await connectTls({ host: "localhost", port: ports.sips }, {
              ca: kamailio.certificate.certPem,
            }),
        );
        const ask = async (text: string): Promise<string> => {
          await line.write(text);
          return await line.read((it) => it.endsWith("\r\n\r\n"));
        };
        assertMatch(await register(transport, "wrong", ask), /^SIP\/2\.0 401 /);
        assertMatch(await register(transport, "alice-secret", ask), /^SIP\/2\.0 200 /);
      }
    });
  });
}

livePeerTest("nothing of Kamailio is left when it was stopped", needs, async () => {
  const kamailio = await Kamailio.start();
  const { host, ports } = kamailio;
  await kamailio.stop();
  for (const port of Object.values(ports)) {
    const failure = await connectTcp({ host, port }).then((it) => it.close(), () => "refused");
    assertEquals(failure, "refused", `port ${port}`);
  }
});
