/** Octets of one direction of TLS: records are counted, nothing is decrypted (RFC 8446 §5.1). */

/** What is visible of one direction of TLS. */
export interface TlsCounts {
  handshake: number;
  application: number;
  other: number;
  octets: number;
  /** The name that the client asked for, if it said one. */
  serverName: string | undefined;
}

/** Counts records. Memory: the first record, at most 16 KiB. */
export class TlsStream {
  readonly counts: TlsCounts = {
    handshake: 0,
    application: 0,
    other: 0,
    octets: 0,
    serverName: undefined,
  };
  #header: number[] = [];
  #left = 0;
  #isLost = false;
  #hello: number[] | undefined = [];

  /** Takes octets that follow those before them. */
  receive(data: Uint8Array): void {
    this.counts.octets += data.length;
    for (let at = 0; at < data.length && !this.#isLost;) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, data.length - at);
        this.#keepHello(data.subarray(at, at + taken));
        this.#left -= taken;
        at += taken;
      } else {
        this.#header.push(data[at++] ?? 0);
        if (this.#header.length === 5) this.#begin();
      }
    }
  }

  /** Octets are missing here: where the next record begins is not known any more. */
  receiveGap(): void {
    this.#isLost = true;
  }

  #begin(): void {
    const [type = 0, major = 0, , high = 0, low = 0] = this.#header;
    this.#header = [];
    this.#left = high << 8 | low;
    if (type < 20 || type > 24 || major !== 3) this.#isLost = true;
    else if (type === 22) this.counts.handshake++;
    else if (type === 23) this.counts.application++;
    else this.counts.other++;
  }

  #keepHello(octets: Uint8Array): void {
    if (this.#hello === undefined) return;
    this.#hello.push(...octets);
    if (this.#hello.length < 16_384 && octets.length < this.#left) return;
    this.counts.serverName = serverNameOf(Uint8Array.from(this.#hello));
    this.#hello = undefined;
  }
}

/** Whether `data` begins with the header of a TLS record. */
export function looksLikeTls(data: Uint8Array): boolean {
  const [type = 0, major, minor = 255] = data;
  return type >= 20 && type <= 23 && major === 3 && minor <= 4;
}

/** The host name of the server_name extension of a ClientHello (RFC 6066 §3). */
function serverNameOf(hello: Uint8Array): string | undefined {
  const uint16 = (at: number) => (hello[at] ?? 0) << 8 | (hello[at + 1] ?? 0);
  if (hello[0] !== 1) return undefined;
  let at = 4 + 2 + 32; // handshake header, version, random
  at += 1 + (hello[at] ?? 0); // session id
  at += 2 + uint16(at); // cipher suites
  at += 1 + (hello[at] ?? 0); // compression methods
  const end = Math.min(hello.length, at + 2 + uint16(at));
  for (at += 2; at + 4 <= end; at += 4 + uint16(at + 2)) {
    if (uint16(at) !== 0) continue;
    const length = uint16(at + 7);
    const name = hello.subarray(at + 9, at + 9 + length);
    return String.fromCharCode(...name);
  }
  return undefined;
}
