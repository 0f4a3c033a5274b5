/** Reads a raw MSRP byte stream: nothing but chunks, of one direction or of both. */
import type { Arrival, TraceReader } from "../arrival.ts";

/** Octets → the octets of one connection whose ends nobody named. */
export class RawStreamReader implements TraceReader {
  /** Takes octets; frame 0 says that the input has no frames of its own. */
  feed(data: Uint8Array): Arrival[] {
    if (data.length === 0) return [];
    return [{
      type: "octets",
      connection: 1,
      data,
      protocol: "msrp",
      transport: "tcp",
      ...NOWHERE,
    }];
  }

  /** The stream has ended. */
  end(): Arrival[] {
    return [{ type: "end", connection: 1, how: "fin", ...NOWHERE }];
  }
}

const NOWHERE = { frame: 0, at: undefined, src: undefined, dst: undefined };
