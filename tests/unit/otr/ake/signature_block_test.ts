import { assertEquals, assertThrows } from "@std/assert";
import { ByteWriter } from "../../../../lib/base/byte_writer.ts";
import { concatBytes, fromHex } from "../../../../lib/base/bytes.ts";
import { PeerError } from "../../../../lib/base/errors.ts";
import { deriveAkeKeys } from "../../../../lib/otr/ake/ake_keys.ts";
import { openSignature, sealSignature } from "../../../../lib/otr/ake/signature_block.ts";
import { aesCtr, ZERO_COUNTER } from "../../../../lib/otr/crypto/aes_ctr.ts";
import { hmacSha256, hmacSha256Truncated } from "../../../../lib/otr/crypto/hashes.ts";
import { mpi } from "../../../../lib/otr/crypto/dh_group.ts";
import { testKey } from "../../../helpers/otr_pair.ts";

const keys = deriveAkeKeys(fromHex("0000000107")).reveal;
const dh = { signers: 4n, verifiers: 16n };
const key = testKey("alice");

/** Seals `x` as a peer would who writes what it likes into it. */
function sealRaw(x: Uint8Array): { encryptedSignature: Uint8Array; mac: Uint8Array } {
  const encryptedSignature = aesCtr(keys.encryption, ZERO_COUNTER, x);
  const length = new ByteWriter().uint32(x.length).finish();
  return { encryptedSignature, mac: hmacSha256Truncated(keys.sealed, length, encryptedSignature) };
}

function sealedBy(
  name: string,
  keyId: number,
): { encryptedSignature: Uint8Array; mac: Uint8Array } {
  const signer = testKey(name);
  const identity = new ByteWriter().bytes(signer.publicKey.encode()).uint32(keyId).finish();
  const m = hmacSha256(keys.signed, mpi(dh.signers), mpi(dh.verifiers), identity);
  return sealRaw(concatBytes(identity, signer.sign(m)));
}

function codeOf(run: () => unknown): string {
  return assertThrows(run, PeerError).code;
}

Deno.test("openSignature() knows who sealed, and the number of the D-H key", () => {
  const { publicKey, keyId } = openSignature(keys, dh, sealSignature(keys, dh, key, 7));
  assertEquals(publicKey.numbers, key.publicKey.numbers);
  assertEquals(keyId, 7);
});

Deno.test("sealSignature() is octet by octet what the specification describes", () => {
  assertEquals(sealSignature(keys, dh, key, 7), sealedBy("alice", 7));
});

Deno.test("openSignature() refuses any changed octet before it decrypts", () => {
  const block = sealSignature(keys, dh, key, 1);
  for (const at of [0, 100, block.encryptedSignature.length - 1]) {
    const changed = block.encryptedSignature.slice();
    changed[at] = (changed[at] ?? 0) ^ 1;
    assertEquals(
      codeOf(() => openSignature(keys, dh, { ...block, encryptedSignature: changed })),
      "otr/ake-mac-mismatch",
    );
  }
  for (const mac of [new Uint8Array(20), new Uint8Array(0), block.mac.slice(0, 19)]) {
    assertEquals(codeOf(() => openSignature(keys, dh, { ...block, mac })), "otr/ake-mac-mismatch");
  }
});

Deno.test("openSignature() refuses a signature over other D-H keys, or in the other role", () => {
  const block = sealSignature(keys, dh, key, 1);
  for (
    const other of [{ ...dh, signers: 64n }, { ...dh, verifiers: 64n }, {
      signers: 16n,
      verifiers: 4n,
    }]
  ) {
    assertEquals(codeOf(() => openSignature(keys, other, block)), "otr/ake-signature-mismatch");
  }
});

Deno.test("openSignature() refuses keyid 0", () => {
  assertEquals(codeOf(() => openSignature(keys, dh, sealedBy("alice", 0))), "otr/bad-key-id");
});

Deno.test("openSignature() refuses what is no key, too short or too long inside", () => {
  const identity = concatBytes(key.publicKey.encode(), fromHex("00000001"));
  assertEquals(
    codeOf(() => openSignature(keys, dh, sealRaw(fromHex("0001")))),
    "otr/bad-public-key",
  );
  assertEquals(codeOf(() => openSignature(keys, dh, sealRaw(new Uint8Array()))), "otr/truncated");
  assertEquals(codeOf(() => openSignature(keys, dh, sealRaw(identity))), "otr/truncated");
  const long = concatBytes(identity, new Uint8Array(41));
  assertEquals(codeOf(() => openSignature(keys, dh, sealRaw(long))), "otr/trailing-octets");
  const zeros = concatBytes(identity, new Uint8Array(40));
  assertEquals(codeOf(() => openSignature(keys, dh, sealRaw(zeros))), "otr/ake-signature-mismatch");
});
