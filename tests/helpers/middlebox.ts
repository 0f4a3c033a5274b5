/** A middlebox that anchors media (RFC 6714 §6): takes a TCP connection and passes octets on, unread. */
import { type ByteStream, connectTcp, type Listener, listenTcp } from "../../lib/transport/mod.ts";

/** Use with `await using`. */
export class Middlebox implements AsyncDisposable {
  /** Connections that came. */
  connections = 0;
  /** Where it passes on to; not known before the description came by. */
  target: { readonly host: string; readonly port: number } = { host: "127.0.0.1", port: 9 };
  readonly #listener: Listener;
  readonly #streams: ByteStream[] = [];
  readonly #serving: Promise<void>;

  private constructor(listener: Listener) {
    this.#listener = listener;
    this.#serving = this.#serve();
  }

  /** Listens on a free port. */
  static async start(): Promise<Middlebox> {
    return new Middlebox(await listenTcp({ host: "127.0.0.1", port: 0 }));
  }

  /** Where it listens. */
  get port(): number {
    return this.#listener.local.port;
  }

  /**
   * What it does to a description: `c=` and `m=` become its own, the path stays. Passes on to
   * where the description said.
   */
  anchor(sdp: string): string {
    const port = Number(/^m=message (\d+)/m.exec(sdp)?.[1]);
    this.target = { host: "127.0.0.1", port };
    return sdp.replace(/^m=message \d+/m, `m=message ${this.port}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listener.close();
    await this.#serving;
    await Promise.all(this.#streams.map((it) => it.close()));
  }

  async #serve(): Promise<void> {
    for await (const near of this.#listener) {
      this.connections++;
      const far = await connectTcp(this.target).catch(() => undefined);
      this.#streams.push(near, ...far === undefined ? [] : [far]);
      if (far === undefined) {
        await near.close();
        continue;
      }
      void near.readable.pipeTo(far.writable).catch(() => {}); // One side has gone.
      void far.readable.pipeTo(near.writable).catch(() => {});
    }
  }
}
