/** SMP messages 1, 1Q, 2, 3, 4 ↔ TLV values: a count and so many MPIs ("SMP Message TLVs"). */
import { ByteWriter } from "../../base/byte_writer.ts";
import { utf8 } from "../../base/bytes.ts";
import { PeerError } from "../../base/errors.ts";
import { fromBigInt, toBigInt } from "../crypto/arithmetic/mod.ts";
import { WireReader, writeMpi } from "../wire/data_types.ts";
import { TLV, type Tlv } from "../wire/tlv.ts";

/** Names of the MPIs in each message, in the order of the specification. */
export const SMP_FIELDS = {
  smp1: ["g2a", "c2", "D2", "g3a", "c3", "D3"],
  smp2: ["g2b", "c2", "D2", "g3b", "c3", "D3", "Pb", "Qb", "cP", "D5", "D6"],
  smp3: ["Pa", "Qa", "cP", "D5", "D6", "Ra", "cR", "D7"],
  smp4: ["Rb", "cR", "D7"],
} as const;

/** The four messages. */
export type SmpMessageName = keyof typeof SMP_FIELDS;

/** The numbers of one message, by name. */
export type SmpNumbers<N extends SmpMessageName> = {
  readonly [field in (typeof SMP_FIELDS)[N][number]]: bigint;
};

/** A TLV of SMP, read. */
export type SmpMessage =
  | { readonly type: "smp1"; readonly numbers: SmpNumbers<"smp1">; readonly question?: Uint8Array }
  | { readonly type: "smp2"; readonly numbers: SmpNumbers<"smp2"> }
  | { readonly type: "smp3"; readonly numbers: SmpNumbers<"smp3"> }
  | { readonly type: "smp4"; readonly numbers: SmpNumbers<"smp4"> }
  | { readonly type: "abort" };

/** Whether a TLV belongs to SMP. */
export function isSmpTlv({ type }: Tlv): boolean {
  return type >= TLV.smp1 && type <= TLV.smp1Question;
}

/**
 * Reads a TLV for which {@link isSmpTlv} holds.
 * @throws {PeerError} `otr/bad-smp-message` when the count or a number is not as it must be.
 */
export function readSmpMessage({ type, value }: Tlv): SmpMessage {
  switch (type) {
    case TLV.smp1:
      return { type: "smp1", numbers: readNumbers("smp1", value) };
    case TLV.smp1Question: {
      const nul = value.indexOf(0);
      if (nul < 0) throw badSmpMessage("expected a question that ends with NUL");
      const numbers = readNumbers("smp1", value.subarray(nul + 1));
      return { type: "smp1", numbers, question: value.slice(0, nul) };
    }
    case TLV.smp2:
      return { type: "smp2", numbers: readNumbers("smp2", value) };
    case TLV.smp3:
      return { type: "smp3", numbers: readNumbers("smp3", value) };
    case TLV.smp4:
      return { type: "smp4", numbers: readNumbers("smp4", value) };
    default:
      return { type: "abort" };
  }
}

/**
 * Writes a TLV.
 * @throws {RangeError} when the question holds a NUL or is too long for a TLV.
 */
export function writeSmpMessage(message: SmpMessage): Tlv {
  if (message.type === "abort") return { type: TLV.smpAbort, value: new Uint8Array() };
  const writer = new ByteWriter(2048);
  const question = message.type === "smp1" ? message.question : undefined;
  if (question !== undefined) writer.bytes(question).uint8(0);
  const numbers: Record<string, bigint> = message.numbers;
  const fields = SMP_FIELDS[message.type];
  writer.uint32(fields.length);
  for (const field of fields) writeMpi(writer, fromBigInt(numbers[field] ?? 0n));
  const type = question === undefined ? TLV[message.type] : TLV.smp1Question;
  return { type, value: writer.finish() };
}

/**
 * The octets of a question.
 * @throws {RangeError} when it holds a NUL or does not fit into a TLV beside message 1.
 */
export function encodeQuestion(question: string): Uint8Array<ArrayBuffer> {
  const octets = utf8(question);
  if (octets.includes(0)) throw new RangeError("expected a question without NUL");
  if (octets.length > LONGEST_QUESTION) {
    throw new RangeError(`expected a question of at most ${LONGEST_QUESTION} octets`);
  }
  return octets;
}

/** Leaves room for message 1, which is at most 1 + 4 + 6 · (4 + 192) octets. */
const LONGEST_QUESTION = 0xffff - 1200;
/** No number of SMP has more octets, even with a few leading zeros. */
const LONGEST_NUMBER = 256;

function readNumbers<N extends SmpMessageName>(name: N, value: Uint8Array): SmpNumbers<N> {
  const fields = SMP_FIELDS[name];
  const numbers: Record<string, bigint> = {};
  try {
    const reader = new WireReader(value);
    const count = reader.int("the MPI count");
    if (count !== fields.length) {
      throw badSmpMessage(`expected ${fields.length} numbers in ${name}, found ${count}`);
    }
    for (const field of fields) {
      const magnitude = reader.mpi(field);
      if (magnitude.length > LONGEST_NUMBER) {
        throw badSmpMessage(`expected ${field} of at most ${LONGEST_NUMBER} octets`);
      }
      numbers[field] = toBigInt(magnitude);
    }
    reader.end(name);
  } catch (cause) {
    if (!(cause instanceof PeerError) || cause.code === "otr/bad-smp-message") throw cause;
    throw badSmpMessage(`${name}: ${cause.message}`, cause);
  }
  // Every field was set in the loop: that is what the type says.
  return numbers as SmpNumbers<N>;
}

function badSmpMessage(message: string, cause?: unknown): PeerError {
  return new PeerError("otr/bad-smp-message", "OTRv3 SMP Message TLVs", message, { cause });
}
