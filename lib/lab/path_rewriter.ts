/**
 * A middlebox as session border controllers are: it puts itself into the MSRP paths of the session
 * descriptions that pass, and carries the octets from there to where they were meant to go. It does
 * not touch frames, so their paths no longer fit: peers have to match by session-id alone.
 */

import { fromLatin1, latin1 } from "../base/ascii.ts";
import { concatBytes } from "../base/bytes.ts";
import { PeerError } from "../base/errors.ts";
import { type MsrpUri, parseMsrpPath, writeMsrpPath } from "../msrp/mod.ts";
import { StreamFramer } from "../sip/mod.ts";
import { type ByteStream, connectTcp, type Listener, listenTcp } from "../transport/mod.ts";

/** Limits of a {@link PathRewriter}. */
export interface PathRewriterOptions {
  /** Places that it stands in for; the oldest is given up for a new one. Default 256. */
  readonly places?: number | undefined;
  /** Connections that it carries at a time; later ones are refused. Default 1024. */
  readonly connections?: number | undefined;
}

/** The middlebox. */
export class PathRewriter implements AsyncDisposable {
  readonly #places = new Map<string, Promise<Place>>();
  readonly #carrying = new Set<Promise<void>>();
  readonly #streams = new Set<ByteStream>();
  readonly #limits: { readonly places: number; readonly connections: number };
  #isClosed = false;

  /** @param options Limits. */
  constructor({ places = 256, connections = 1_024 }: PathRewriterOptions = {}) {
    this.#limits = { places, connections };
  }

  /** Places that it stands in for. */
  get placeCount(): number {
    return this.#places.size;
  }

  /** One SIP message with its paths rewritten; whatever else it is comes back as it was. */
  async rewrite(bytes: Uint8Array): Promise<Uint8Array> {
    const text = latin1(bytes);
    const blank = text.indexOf("\r\n\r\n");
    if (blank < 0 || !/^(?:content-type|c)[ \t]*:[ \t]*application\/sdp/im.test(text)) return bytes;
    const body = await this.#rewriteBody(text.slice(blank + 4));
    if (body === undefined) return bytes;
    const head = text.slice(0, blank).replace(
      /^(content-length|l)[ \t]*:[ \t]*\d+/im,
      (_, name: string) => `${name}: ${body.length}`,
    );
    return fromLatin1(`${head}\r\n\r\n${body}`);
  }

  /** The same for the messages of a stream: each leaves when it is whole. */
  stream(): { feed(bytes: Uint8Array): Promise<Uint8Array> } {
    const framer = new StreamFramer();
    let isBroken = false;
    /** What came and did not leave: the beginning of a message. */
    let pending = new Uint8Array(0);
    return {
      feed: async (bytes) => {
        pending = concatBytes(pending, bytes);
        const passed: Uint8Array[] = [];
        const pass = (count: number): void => {
          passed.push(pending.subarray(0, count));
          pending = pending.slice(count);
        };
        for (const it of framer.feed(bytes)) {
          if (it.type === "message") {
            pass(lineEndsBefore(pending));
            passed.push(await this.rewrite(it.bytes));
            pending = pending.slice(it.bytes.length);
          } else if (it.type === "broken") isBroken = true;
        }
        // Line ends keep a connection alive: no message begins with one.
        pass(isBroken ? pending.length : lineEndsBefore(pending));
        return concatBytes(...passed);
      },
    };
  }

  /** Stops standing in for anybody. Never rejects. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const places = await Promise.all([...this.#places.values()].map((it) => it.catch(() => {})));
    await Promise.all(places.map((it) => it?.listener.close()));
    await Promise.all([...this.#streams].map((it) => it.close()));
    await Promise.all(this.#carrying);
  }

  /** The same, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** `undefined` when there was no path in it. */
  async #rewriteBody(body: string): Promise<string | undefined> {
    const lines = body.split("\r\n");
    let media = -1;
    let isChanged = false;
    for (const [at, line] of lines.entries()) {
      if (line.startsWith("m=")) media = at;
      const path = /^a=path:(.*)$/.exec(line)?.[1];
      if (path === undefined) continue;
      const rewritten = await this.#rewritePath(path.trim());
      if (rewritten === undefined) continue;
      isChanged = true;
      lines[at] = `a=path:${rewritten.text}`;
      // RFC 4975 §8.1: the port of the media line is that of the path.
      lines[media] = (lines[media] ?? "").replace(
        /^(m=\S+ )(?!0 )\d+/,
        (_, start: string) => `${start}${rewritten.port}`,
      );
    }
    return isChanged ? lines.join("\r\n") : undefined;
  }

  /** It stands in for the first place of a path, which is the one that is called. */
  async #rewritePath(
    text: string,
  ): Promise<{ readonly text: string; readonly port: number } | undefined> {
    let path: MsrpUri[];
    try {
      path = parseMsrpPath(text);
    } catch (error) {
      if (error instanceof PeerError) return undefined; // Its owner will be told by the peer.
      throw error;
    }
    const [first, ...further] = path;
    if (first?.port === undefined || this.#isClosed) return undefined;
    const { listener: { local } } = await this.#place(first.host, first.port);
    const rewritten = { ...first, host: local.host, port: local.port };
    return { text: writeMsrpPath([rewritten, ...further]), port: local.port };
  }

  #place(host: string, port: number): Promise<Place> {
    const key = `${host} ${port}`;
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    const place = this.#open(host, port);
    this.#places.set(key, place);
    // A place that could not be opened is tried again next time.
    place.catch(() => this.#places.delete(key));
    if (this.#places.size > this.#limits.places) {
      const [oldest] = this.#places;
      if (oldest !== undefined) {
        this.#places.delete(oldest[0]);
        void oldest[1].then((it) => it.listener.close(), () => {});
      }
    }
    return place;
  }

  async #open(host: string, port: number): Promise<Place> {
    const listener = await listenTcp({ host: host.includes(":") ? "::1" : "127.0.0.1", port: 0 });
    const serving = this.#serve(listener, host, port);
    this.#carrying.add(serving);
    void serving.finally(() => this.#carrying.delete(serving));
    return { listener };
  }

  async #serve(listener: Listener, host: string, port: number): Promise<void> {
    const carried = new Set<Promise<void>>();
    try {
      for await (const near of listener) {
        if (this.#streams.size / 2 >= this.#limits.connections || this.#isClosed) {
          await near.close();
          continue;
        }
        const carrying = this.#carry(near, host, port);
        carried.add(carrying);
        void carrying.finally(() => carried.delete(carrying));
      }
    } catch {
      // The system took the port away; whoever is connected goes on.
    }
    await Promise.all(carried);
  }

  /** Octets both ways until one side has enough. Never rejects. */
  async #carry(near: ByteStream, host: string, port: number): Promise<void> {
    this.#streams.add(near);
    let far: ByteStream | undefined;
    try {
      far = await connectTcp({ host, port });
      this.#streams.add(far);
      await Promise.all([
        near.readable.pipeTo(far.writable),
        far.readable.pipeTo(near.writable),
      ]);
    } catch {
      // Broken on one side: broken on both.
    } finally {
      this.#streams.delete(near);
      await near.close();
      if (far !== undefined) {
        this.#streams.delete(far);
        await far.close();
      }
    }
  }
}

function lineEndsBefore(bytes: Uint8Array): number {
  const first = bytes.findIndex((it) => it !== 0x0d && it !== 0x0a);
  return first < 0 ? bytes.length : first;
}

interface Place {
  readonly listener: Listener;
}
