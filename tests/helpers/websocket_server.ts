/** The platform's WebSocket server, for tests of our client: it shares no code with us. */

/** What the server does with a connection. */
export interface WebSocketServerOptions {
  /** Subprotocol that it agrees to; absent: it answers 404. */
  readonly protocol?: string | undefined;
  readonly onSocket?: ((socket: WebSocket) => void) | undefined;
  /** TLS. */
  readonly certificate?: { readonly certPem: string; readonly keyPem: string } | undefined;
}

/** A running server on loopback. */
export interface WebSocketServer extends AsyncDisposable {
  readonly port: number;
  /** Paths that were asked for. */
  readonly paths: readonly string[];
}

/** Starts one. */
export function serveWebSocket(options: WebSocketServerOptions): WebSocketServer {
  const { protocol, onSocket, certificate } = options;
  const paths: string[] = [];
  const sockets = new Set<WebSocket>();
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: () => {},
    ...(certificate === undefined ? {} : { cert: certificate.certPem, key: certificate.keyPem }),
  }, (request) => {
    paths.push(new URL(request.url).pathname);
    if (protocol === undefined) return new Response("no", { status: 404 });
    const asked = request.headers.get("Sec-WebSocket-Protocol");
    const { socket, response } = Deno.upgradeWebSocket(
      request,
      asked === protocol ? { protocol } : {},
    );
    sockets.add(socket);
    socket.binaryType = "arraybuffer";
    socket.addEventListener("close", () => sockets.delete(socket));
    onSocket?.(socket);
    return response;
  });
  return {
    port: server.addr.port,
    paths,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.close();
      await server.shutdown();
    },
  };
}
