/** Where a bad network is put between a server of the lab and its peers. */

import type { ByteStream, DatagramSocket } from "../transport/mod.ts";

/** Wraps what a server opened or accepted, before it uses it. Both take over what they are given. */
export interface SocketFaults {
  readonly stream?: ((stream: ByteStream) => ByteStream) | undefined;
  readonly datagrams?: ((socket: DatagramSocket) => DatagramSocket) | undefined;
}

/** The stream as `faults` would have it. */
export function faulted(stream: ByteStream, faults: SocketFaults | undefined): ByteStream {
  return faults?.stream?.(stream) ?? stream;
}

/** The socket as `faults` would have it. */
export function faultedDatagrams(
  socket: DatagramSocket,
  faults: SocketFaults | undefined,
): DatagramSocket {
  return faults?.datagrams?.(socket) ?? socket;
}
