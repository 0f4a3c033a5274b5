/** RFC 7977: MSRP over WebSockets, as its client speaks it with a relay that is the platform's own server. */
import { assert, assertEquals } from "@std/assert";
import { latin1 } from "../../../lib/base/ascii.ts";
import { passwordSecret } from "../../../lib/auth/mod.ts";
import { headerValue, parseMsrpUri } from "../../../lib/msrp/mod.ts";
import { MsrpRelays, platformRandom, SystemClock } from "../../../lib/session/mod.ts";
import { relayUris, webSocketOf } from "../../../lib/session/msrp_relay_settings.ts";
import { makeSelfSignedCertificate } from "../../../lib/transport/mod.ts";
import { frame, readFrames } from "../../helpers/msrp_peer.ts";
import { serveWebSocket } from "../../helpers/websocket_server.ts";

const credentials = { username: "alice", password: passwordSecret("wonderland") };
const SELF = "msrps://df7jal23ls0d.invalid:2855/98cjs;ws";

Deno.test("MSRP-155, MSRP-156, MSRP-157 AUTH over a WebSocket: one frame a message, answers as text or binary", async () => {
  const certificate = await makeSelfSignedCertificate({ commonName: "r", names: ["localhost"] });
  const asked: string[] = [];
  const messages: string[] = [];
  await using server = serveWebSocket({
    protocol: "msrp",
    certificate,
    onSocket: (socket) =>
      socket.addEventListener("message", ({ data }) => {
        assert(data instanceof ArrayBuffer, "binary: a body may be anything");
        const text = latin1(new Uint8Array(data));
        messages.push(text);
        const frames = readFrames(new Uint8Array(data));
        assertEquals(frames.length, 1, "exactly one chunk in a message");
        const [request] = frames;
        if (request === undefined) return;
        const { transactionId } = request.startLine;
        const to = /To-Path: (\S+)/.exec(text)?.[1] ?? "";
        asked.push(to);
        if (headerValue(request.headers, "Authorization") === undefined) {
          // As text, in one WebSocket message.
          socket.send(frame("401 Unauthorized", {
            transactionId,
            to: SELF,
            from: to,
            headers: ['WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"'],
          }));
        } else {
          socket.send(
            new TextEncoder().encode(frame("200 OK", {
              transactionId,
              to: SELF,
              from: to,
              headers: ["Use-Path: msrps://relay.example:2855/abc;tcp", "Expires: 900"],
            })),
          );
        }
      }),
  });
  await using relays = new MsrpRelays({ clock: new SystemClock(), random: platformRandom });
  const path = await relays.obtain(
    {
      relays: [{ host: "localhost", port: server.port, webSocket: { path: "/msrp" } }],
      domain: "example.com",
      credentials,
      ca: certificate.certPem,
    },
    "tls",
    parseMsrpUri(SELF),
    new AbortController().signal,
  );
  // The URI that is handed out may be of another transport: it is for the peer (§8.2).
  assertEquals(path.usePath.map((it) => [it.host, it.transport]), [["relay.example", "tcp"]]);
  assertEquals(asked, Array.from({ length: 2 }, () => `msrps://localhost:${server.port};ws`));
  assert(messages.every((it) => it.includes(`\r\nFrom-Path: ${SELF}\r\n`)));
  assertEquals(server.paths, ["/msrp"]);
});

Deno.test("MSRP-157 the scheme follows TLS, the transport is ws, the port that of HTTP unless named", () => {
  const uris = (transport: "tls" | "tcp", port?: number) =>
    relayUris({
      relays: [{ host: "relay.example", port, webSocket: {} }],
      domain: "example.com",
      credentials,
      insecure: true,
    }, transport);
  assertEquals(uris("tls").map((it) => [it.scheme, it.port, it.transport]), [["msrps", 443, "ws"]]);
  assertEquals(uris("tcp").map((it) => [it.scheme, it.port, it.transport]), [["msrp", 80, "ws"]]);
  assertEquals(uris("tls", 8443).map((it) => it.port), [8443]);
  assertEquals(
    webSocketOf({ relays: "auto", domain: "example.com", credentials }),
    undefined,
    "no SRV record names a WebSocket",
  );
});
