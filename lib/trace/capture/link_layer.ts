/**
 * From a captured frame to the IP packet in it: Ethernet with VLAN tags and PPPoE, Linux
 * "cooked" captures, loopback, raw IP (the LINKTYPE_ registry of tcpdump.org).
 */

/** An IP packet without its link layer, or why there is none. */
export type LinkLayerResult =
  | { readonly type: "ip"; readonly packet: Uint8Array }
  /** Something else, such as ARP: nothing is wrong with it. */
  | { readonly type: "other" }
  /** Cut off within its own header. */
  | { readonly type: "short" }
  /** A link type that is not known here. */
  | { readonly type: "unknown-link-type" };

/**
 * Takes the link layer off.
 *
 * @param linkType A LINKTYPE_ value.
 * @param frame The octets as captured.
 */
export function removeLinkLayer(linkType: number, frame: Uint8Array): LinkLayerResult {
  switch (linkType) {
    case 0: // NULL: the family in the byte order of the capturing machine
    case 108: // LOOP: the same in network byte order
      return frame.length < 4 ? SHORT : ipWithin(frame, 4);
    case 1:
      return removeEtherType(frame, 12);
    case 12: // what some BSDs write for RAW
    case 14:
    case 101:
    case 228:
    case 229:
      return ipWithin(frame, 0);
    case 113:
      return removeEtherType(frame, 14);
    case 276:
      return etherTypeAt(frame, 0, 20);
    default:
      return { type: "unknown-link-type" };
  }
}

function removeEtherType(frame: Uint8Array, at: number): LinkLayerResult {
  return etherTypeAt(frame, at, at + 2);
}

function etherTypeAt(frame: Uint8Array, typeAt: number, payloadAt: number): LinkLayerResult {
  let at = typeAt;
  let payload = payloadAt;
  for (let tags = 0; tags <= MOST_TAGS; tags++) {
    if (payload > frame.length) return SHORT;
    switch ((frame[at] ?? 0) << 8 | (frame[at + 1] ?? 0)) {
      case 0x0800:
      case 0x86dd:
        return ipWithin(frame, payload);
      case 0x8100: // 802.1Q
      case 0x88a8: // 802.1ad
      case 0x9100: // what came before it
        at = payload + 2;
        payload += 4;
        break;
      case 0x8864: // PPPoE session: six octets, then a PPP protocol
        return pppWithin(frame, payload + 6);
      default:
        return { type: "other" };
    }
  }
  return { type: "other" };
}

function pppWithin(frame: Uint8Array, at: number): LinkLayerResult {
  if (at + 2 > frame.length) return SHORT;
  const protocol = (frame[at] ?? 0) << 8 | (frame[at + 1] ?? 0);
  return protocol === 0x0021 || protocol === 0x0057 ? ipWithin(frame, at + 2) : { type: "other" };
}

/** IP says its own version, so families and types that differ between systems need no table. */
function ipWithin(frame: Uint8Array, at: number): LinkLayerResult {
  const packet = frame.subarray(at);
  if (packet.length === 0) return SHORT;
  const version = (packet[0] ?? 0) >>> 4;
  return version === 4 || version === 6 ? { type: "ip", packet } : { type: "other" };
}

const SHORT: LinkLayerResult = { type: "short" };
/** Most VLAN tags one frame carries. */
const MOST_TAGS = 4;
