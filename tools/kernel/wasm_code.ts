/** A few dozen WebAssembly instructions, and the sections around them: enough for the kernels. */

/** Numbers of WebAssembly's types. */
export const TYPE = { i32: 0x7f, i64: 0x7e, f64: 0x7c, v128: 0x7b } as const;

/** A type of a local or a parameter. */
export type ValueType = keyof typeof TYPE;

/** Unsigned LEB128. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  do {
    const low = value & 0x7f;
    value >>>= 7;
    bytes.push(value === 0 ? low : low | 0x80);
  } while (value !== 0);
  return bytes;
}

/** Signed LEB128. */
export function signed(value: bigint): number[] {
  const bytes: number[] = [];
  for (;;) {
    const low = Number(value & 0x7fn);
    value >>= 7n;
    const isLast = (value === 0n && (low & 0x40) === 0) || (value === -1n && (low & 0x40) !== 0);
    bytes.push(isLast ? low : low | 0x80);
    if (isLast) return bytes;
  }
}

/** A name of a local of the function that is being written. */
export type Local = number;

/** The body of one function. Methods append instructions and return the code, so that they chain. */
export class Code {
  readonly #bytes: number[] = [];
  readonly #locals: ValueType[] = [];
  readonly #parameters: number;

  /** @param parameters How many parameters come before the locals. */
  constructor(parameters: number) {
    this.#parameters = parameters;
  }

  /** A new local. */
  local(type: ValueType): Local {
    this.#locals.push(type);
    return this.#parameters + this.#locals.length - 1;
  }

  /** Octets as they are. */
  raw(...bytes: readonly number[]): this {
    for (const byte of bytes) this.#bytes.push(byte);
    return this;
  }

  get(local: Local): this {
    return this.raw(0x20, ...unsigned(local));
  }

  set(local: Local): this {
    return this.raw(0x21, ...unsigned(local));
  }

  tee(local: Local): this {
    return this.raw(0x22, ...unsigned(local));
  }

  i32(value: number): this {
    return this.raw(0x41, ...signed(BigInt(value)));
  }

  i64(value: bigint): this {
    return this.raw(0x42, ...signed(BigInt.asIntN(64, value)));
  }

  /** An instruction without immediates. */
  op(name: keyof typeof PLAIN): this {
    return this.raw(...PLAIN[name]);
  }

  /** A load or store; the address is on the stack, `offset` octets are added to it. */
  memory(name: keyof typeof MEMORY, offset: number): this {
    const [opcode, alignment] = MEMORY[name];
    return this.raw(...opcode, alignment, ...unsigned(offset));
  }

  /** One lane of a vector on the stack. */
  lane(name: "i64x2.extract_lane", lane: 0 | 1): this {
    return this.raw(...LANES[name], lane);
  }

  /** A vector of two 64-bit patterns. */
  vector(low: bigint, high: bigint = low): this {
    this.raw(0xfd, 0x0c);
    for (const half of [low, high]) {
      for (let at = 0n; at < 64n; at += 8n) this.raw(Number(half >> at & 0xffn));
    }
    return this;
  }

  /** The code entry: locals, instructions, end. */
  finish(): number[] {
    const groups = this.#locals.flatMap((type) => [1, TYPE[type]]);
    const body = [...unsigned(this.#locals.length), ...groups, ...this.#bytes, 0x0b];
    return [...unsigned(body.length), ...body];
  }
}

/** A function of a module. */
export interface WasmFunction {
  readonly name: string;
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
  readonly code: Code;
}

/** A module that exports its functions and its memory (`memory`), which has `pages` pages. */
export function writeModule(functions: readonly WasmFunction[], pages: number): Uint8Array {
  const types = functions.map(({ parameters, results }) => [
    0x60,
    ...vector(parameters.map((it) => [TYPE[it]])),
    ...vector(results.map((it) => [TYPE[it]])),
  ]);
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vector(types)),
    ...section(3, vector(functions.map((_, index) => unsigned(index)))),
    ...section(5, vector([[0x00, ...unsigned(pages)]])),
    ...section(
      7,
      vector([
        ...functions.map(({ name }, index) => [...text(name), 0x00, ...unsigned(index)]),
        [...text("memory"), 0x02, 0x00],
      ]),
    ),
    ...section(10, vector(functions.map(({ code }) => code.finish()))),
  ]);
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

function vector(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function text(name: string): number[] {
  const bytes = [...new TextEncoder().encode(name)];
  return [...unsigned(bytes.length), ...bytes];
}

/** WebAssembly core specification, "Binary format"; relaxed SIMD from its own chapter. */
const PLAIN = {
  "i32.add": [0x6a],
  "i32.sub": [0x6b],
  "i32.eq": [0x46],
  "i32.ne": [0x47],
  "i32.lt_u": [0x49],
  "i64.add": [0x7c],
  "i64.sub": [0x7d],
  "i64.mul": [0x7e],
  "i64.and": [0x83],
  "i64.shr_s": [0x87],
  "i64.extend_i32_u": [0xad],
  "i32.wrap_i64": [0xa7],
  "f64.convert_i64_s": [0xb9],
  "i64x2.splat": [0xfd, 0x12],
  "f64x2.splat": [0xfd, 0x14],
  "v128.and": [0xfd, 0x4e],
  "v128.or": [0xfd, 0x50],
  "i64x2.add": [0xfd, 0xce, 0x01],
  "i64x2.mul": [0xfd, 0xd5, 0x01],
  "i64x2.extmul_low_i32x4_u": [0xfd, 0xde, 0x01],
  "i32x4.splat": [0xfd, 0x11],
  "i32x4.add": [0xfd, 0xae, 0x01],
  "f64x2.add": [0xfd, 0xf0, 0x01],
  "f64x2.sub": [0xfd, 0xf1, 0x01],
  "f64x2.mul": [0xfd, 0xf2, 0x01],
  "f64x2.relaxed_madd": [0xfd, 0x87, 0x02],
  "loop": [0x03, 0x40],
  "end": [0x0b],
  "br_if 0": [0x0d, 0x00],
} as const;

const MEMORY = {
  "i32.load": [[0x28], 2],
  "i64.load": [[0x29], 3],
  "i32.store": [[0x36], 2],
  "i64.store": [[0x37], 3],
  "f64.store": [[0x39], 3],
  "v128.load": [[0xfd, 0x00], 4],
  "v128.load32_splat": [[0xfd, 0x09], 2],
  "v128.load64_splat": [[0xfd, 0x0a], 3],
  "v128.load64_zero": [[0xfd, 0x5d], 3],
  "v128.store": [[0xfd, 0x0b], 4],
} as const;

const LANES = { "i64x2.extract_lane": [0xfd, 0x1d] } as const;
