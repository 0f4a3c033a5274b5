import { assertEquals } from "@std/assert";
import { concatBytes, fromHex, toHex } from "../../../../lib/base/bytes.ts";
import { PeerError } from "../../../../lib/base/errors.ts";
import {
  answerStun,
  isStun,
  parseStun,
  type StunMessage,
  writeStun,
} from "../../../../lib/sip/flow/stun_message.ts";

function hex(text: string): Uint8Array {
  return fromHex(text.replace(/\s/g, ""));
}

function refuses(data: Uint8Array): boolean {
  try {
    parseStun(data);
    return false;
  } catch (error) {
    if (error instanceof PeerError) return true;
    throw error;
  }
}

/** RFC 5769 §2.2 and §2.3: the transaction, and responses over IPv4 and IPv6. */
const TRANSACTION = hex("b7e7a701 bc34d686 fa87dfae");
const IPV4 = hex(`0101003c 2112a442 b7e7a701 bc34d686 fa87dfae
  8022000b 74657374 20766563 746f7220 00200008 0001a147 e112a643
  00080014 2b91f599 fd9e90c3 8c7489f9 2af9ba53 f06be7d7 80280004 c07d4c96`);
const IPV6 = hex(`01010048 2112a442 b7e7a701 bc34d686 fa87dfae
  8022000b 74657374 20766563 746f7220 00200014 0002a147 0113a9fa a5d3f179 bc25f4b5 bed2b9d9
  00080014 a382954e 4be67bf1 1784c97c 8292c275 bfe3ed41 80280004 c8fb0b4c`);

Deno.test("parseStun() reads the test vectors of RFC 5769", () => {
  assertEquals(parseStun(IPV4), {
    class: "success",
    transaction: TRANSACTION,
    mappedAddress: { host: "192.0.2.1", port: 32853 },
  });
  assertEquals(parseStun(IPV6).mappedAddress, {
    host: "2001:db8:1234:5678:11:2233:4455:6677",
    port: 32853,
  });
});

Deno.test("parseStun() notices an octet that changed anywhere, by the fingerprint", () => {
  for (let at = 0; at < IPV4.length; at++) {
    if (at === IPV4.length - 8 || at === IPV4.length - 7) continue; // No FINGERPRINT any more.
    const damaged = IPV4.with(at, (IPV4[at] ?? 0) ^ 0x40);
    assertEquals([at, refuses(damaged)], [at, true]);
  }
});

Deno.test("writeStun() writes what parseStun() reads", () => {
  const address = (host: string) => ({ host, port: 5060 });
  const messages: StunMessage[] = [
    { class: "request", transaction: TRANSACTION },
    { class: "indication", transaction: TRANSACTION },
    ...["203.0.113.7", "::1", "2001:db8::1:0:0:1", "fe80::"].map((it): StunMessage => ({
      class: "success",
      transaction: TRANSACTION,
      mappedAddress: address(it),
    })),
    { class: "error", transaction: TRANSACTION, errorCode: 420 },
  ];
  for (const message of messages) assertEquals(parseStun(writeStun(message)), message);
  assertEquals(
    toHex(writeStun({ class: "request", transaction: TRANSACTION })).slice(0, 40),
    "000100082112a442b7e7a701bc34d686fa87dfae",
  );
});

Deno.test("answerStun() says where a request came from, on what it does not understand 420", () => {
  const from = { host: "192.0.2.7", port: 40_000 };
  const request = writeStun({ class: "request", transaction: TRANSACTION });
  assertEquals(parseStun(answerStun(request, from) ?? new Uint8Array()), {
    class: "success",
    transaction: TRANSACTION,
    mappedAddress: from,
  });
  // An attribute that has to be understood, 0x7f01, and one that has not, 0xff01.
  const strange = concatBytes(
    hex("00010010 2112a442"),
    TRANSACTION,
    hex("7f010001 00000000 ff010004 00000000"),
  );
  assertEquals(parseStun(answerStun(strange, from) ?? new Uint8Array()).errorCode, 420);
  assertEquals(parseStun(strange).unknownAttributes, [0x7f01]);
  for (
    const other of [IPV4, hex("0001"), writeStun({ class: "indication", transaction: TRANSACTION })]
  ) {
    assertEquals(answerStun(other, from), undefined);
  }
});

Deno.test("parseStun() refuses what is no Binding message, by name", () => {
  const cases: Readonly<Record<string, string>> = {
    "short": "00010000 2112a442",
    "another method": "00030000 2112a442 000000000000000000000000",
    "RFC 3489, without the cookie": "00010000 00000000 000000000000000000000000",
    "a length that is not a multiple of 4": "00010002 2112a442 000000000000000000000000 0000",
    "a length that is not the datagram's": "00010008 2112a442 000000000000000000000000 80220000",
    "an attribute beyond the end": "00010004 2112a442 000000000000000000000000 80220001",
    "an address of no family": "01010008 2112a442 000000000000000000000000 00200004 00030000",
  };
  for (const [name, text] of Object.entries(cases)) {
    assertEquals([name, refuses(hex(text))], [name, true]);
  }
  assertEquals(refuses(new Uint8Array(2000)), true);
});

Deno.test("isStun() goes by the first octet", () => {
  assertEquals([0, 1, 2, 0x41, 0x0d].map((it) => isStun(Uint8Array.of(it))), [
    true,
    true,
    false,
    false,
    false,
  ]);
  assertEquals(isStun(new Uint8Array()), false);
});
