/** Our TLS against OpenSSL's, as client and as server. */
import { assertEquals, assertRejects } from "@std/assert";
import { decodeUtf8Lossy, utf8 } from "../../../lib/base/bytes.ts";
import { SottoError } from "../../../lib/base/errors.ts";
import {
  certificateFingerprint,
  connectTls,
  listenTls,
  makeSelfSignedCertificate,
} from "../../../lib/transport/mod.ts";
import { livePeerTest } from "../../helpers/live_peer.ts";

const OPENSSL = { needs: ["openssl"] } as const;
const LOOPBACK = { host: "127.0.0.1", port: 0 };
const CERTIFICATE = await makeSelfSignedCertificate({ commonName: "sotto@127.0.0.1" });

/** Runs `openssl s_client` against `port`, feeds it a line, and answers what it printed. */
async function sClient(
  port: number,
  ...options: string[]
): Promise<{ code: number; text: string }> {
  const child = new Deno.Command("openssl", {
    args: ["s_client", "-connect", `127.0.0.1:${port}`, "-ign_eof", ...options],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(utf8("hello from openssl\n")).catch(() => {}); // It may have given up by now.
  await writer.close().catch(() => {});
  const { code, stdout, stderr } = await child.output();
  return { code, text: decodeUtf8Lossy(stdout) + decodeUtf8Lossy(stderr) };
}

for (const [option, protocol] of [["-tls1_2", "TLSv1.2"], ["-tls1_3", "TLSv1.3"]] as const) {
  livePeerTest(`listenTls() serves openssl s_client ${option}`, OPENSSL, async () => {
    await using listener = await listenTls(LOOPBACK, { certificate: CERTIFICATE });
    const client = sClient(listener.local.port, option);
    const { value: stream } = await listener[Symbol.asyncIterator]().next();
    if (stream === undefined) throw new Error("expected a connection");
    assertEquals(stream.tls?.protocol, protocol);
    const { value: heard } = await stream.readable.getReader().read();
    await stream.writable.getWriter().write(utf8("hello from sotto\n"));
    await stream.close();
    const { text } = await client;
    assertEquals(decodeUtf8Lossy(heard ?? new Uint8Array()), "hello from openssl\n");
    assertEquals(text.includes("hello from sotto"), true, text);
    assertEquals(text.includes("CN = sotto@127.0.0.1"), true, text);
  });
}

for (const option of ["-tls1", "-tls1_1"]) {
  livePeerTest(`MSRP-102 listenTls() refuses openssl s_client ${option}`, OPENSSL, async () => {
    await using listener = await listenTls(LOOPBACK, { certificate: CERTIFICATE });
    // Security level 0, or OpenSSL itself would not even ask.
    const { code, text } = await sClient(
      listener.local.port,
      option,
      "-cipher",
      "DEFAULT@SECLEVEL=0",
    );
    assertEquals(code, 1, text);
    assertEquals(/alert|no protocols|unsupported/i.test(text), true, text);
  });
}

/** A running `openssl s_server` with our certificate. */
async function sServer(...options: string[]): Promise<{ port: number; stop(): Promise<void> }> {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/cert.pem`, CERTIFICATE.certPem);
  await Deno.writeTextFile(`${folder}/key.pem`, CERTIFICATE.keyPem, { mode: 0o600 });
  const child = new Deno.Command("openssl", {
    args: [
      "s_server",
      "-accept",
      "127.0.0.1:0",
      "-cert",
      "cert.pem",
      "-key",
      "key.pem",
      "-rev",
      ...options,
    ],
    cwd: folder,
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  // It prints "ACCEPT 127.0.0.1:PORT" once it listens.
  let printed = "";
  let port: number | undefined;
  while (port === undefined) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`openssl s_server ended: ${printed}`);
    printed += value;
    const found = /ACCEPT \S+:(\d+)\s/.exec(printed)?.[1];
    if (found !== undefined) port = Number(found);
  }
  return {
    port,
    async stop() {
      child.kill("SIGKILL");
      await reader.cancel();
      await child.status;
      await Deno.remove(folder, { recursive: true });
    },
  };
}

for (const [option, protocol] of [["-tls1_2", "TLSv1.2"], ["-tls1_3", "TLSv1.3"]] as const) {
  livePeerTest(`connectTls() talks to openssl s_server ${option}`, OPENSSL, async () => {
    const server = await sServer(option);
    try {
      const expectedFingerprints = [await certificateFingerprint(CERTIFICATE.certPem)];
      await using stream = await connectTls({ host: "127.0.0.1", port: server.port }, {
        expectedFingerprints,
      });
      assertEquals(stream.tls?.protocol, protocol);
      // -rev sends every line back reversed.
      await stream.writable.getWriter().write(utf8("abc\n"));
      const { value } = await stream.readable.getReader().read();
      assertEquals(decodeUtf8Lossy(value ?? new Uint8Array()), "cba\n");
    } finally {
      await server.stop();
    }
  });
}

livePeerTest("MSRP-102 connectTls() refuses openssl s_server -tls1_1", OPENSSL, async () => {
  const server = await sServer("-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0");
  try {
    const error = await assertRejects(
      () => connectTls({ host: "127.0.0.1", port: server.port }, { insecure: true }),
      SottoError,
    );
    assertEquals(error.code, "transport/tls-handshake");
  } finally {
    await server.stop();
  }
});
