/** Streams in tests: both ends of a connection, one write, everything that comes. */
import { concatBytes } from "../../lib/base/bytes.ts";
import type { ByteStream, HostPort, Listener } from "../../lib/transport/mod.ts";

/** Any port of the loopback interface. */
export const LOOPBACK: HostPort = { host: "127.0.0.1", port: 0 };

/** The connection that `connect` makes to `listener`, and its other end. */
export async function bothEnds(
  listener: Listener,
  connect: (to: HostPort) => Promise<ByteStream>,
): Promise<[near: ByteStream, far: ByteStream]> {
  const iterator = listener[Symbol.asyncIterator]();
  const [near, accepted] = await Promise.all([connect(listener.local), iterator.next()]);
  if (accepted.done) throw new Error("the listener was closed");
  return [near, accepted.value];
}

/** Writes once, and lets go of the stream. */
export async function writeTo(stream: ByteStream, bytes: Uint8Array): Promise<void> {
  const writer = stream.writable.getWriter();
  try {
    await writer.write(bytes);
  } finally {
    writer.releaseLock();
  }
}

/** All octets up to the peer's end. */
export async function readAll(stream: ByteStream): Promise<Uint8Array> {
  return concatBytes(...await Array.fromAsync(stream.readable));
}
