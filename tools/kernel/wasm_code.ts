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
  lane(name: keyof typeof LANES, lane: number): this {
    return this.raw(...LANES[name], lane);
  }

  /** Two 64-bit lanes of the two vectors on the stack: 0 and 1 are the first's, 2 and 3 the second's. */
  shuffle(low: number, high: number): this {
    this.raw(0xfd, 0x0d);
    for (const lane of [low, high]) {
      for (let octet = 0; octet < 8; octet++) this.raw(8 * lane + octet);
    }
    return this;
  }

  /** A call of the function with this index. */
  call(index: number): this {
    return this.raw(0x10, ...unsigned(index));
  }

  /** Repeats `body` until it leaves zero on the stack. */
  loop(body: (code: this) => void): this {
    this.raw(0x03, 0x40);
    body(this);
    return this.raw(0x0d, 0x00, 0x0b);
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

/** A function of a module: all parameters are i32, and it returns nothing. */
export interface WasmFunction {
  readonly name: string;
  readonly parameters: number;
  readonly code: Code;
}

/** What memory holds at the start. */
export interface DataSegment {
  readonly address: number;
  /** 64 bits each, lowest octet first. */
  readonly words: readonly bigint[];
}

/** A module that exports its functions and its memory (`memory`), which has `pages` pages. */
export function writeModule(
  functions: readonly WasmFunction[],
  pages: number,
  data: readonly DataSegment[],
): Uint8Array {
  const most = Math.max(...functions.map((it) => it.parameters));
  // Type n has n parameters.
  const types = Array.from({ length: most + 1 }, (_, count) => [
    0x60,
    ...vector(Array.from({ length: count }, () => [TYPE.i32])),
    ...vector([]),
  ]);
  const exports = functions.map(({ name }, index) => [...text(name), 0x00, ...unsigned(index)]);
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vector(types)),
    ...section(3, vector(functions.map(({ parameters }) => unsigned(parameters)))),
    ...section(5, vector([[0x00, ...unsigned(pages)]])),
    ...section(7, vector([...exports, [...text("memory"), 0x02, 0x00]])),
    ...section(10, vector(functions.map(({ code }) => code.finish()))),
    ...section(
      11,
      vector(data.map(({ address, words }) => [
        ...[0x00, 0x41, ...signed(BigInt(address)), 0x0b],
        ...vector(words.flatMap(octetsOfWord).map((it) => [it])),
      ])),
    ),
  ]);
}

function octetsOfWord(word: bigint): number[] {
  return Array.from({ length: 8 }, (_, at) => Number(word >> BigInt(8 * at) & 0xffn));
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

/** WebAssembly core specification, "Binary format", SIMD and relaxed SIMD included. */
const PLAIN = {
  "i32.eq": [0x46],
  "i32.lt_u": [0x49],
  "i32.add": [0x6a],
  "i32.sub": [0x6b],
  "i32.mul": [0x6c],
  "i32.and": [0x71],
  "i32.or": [0x72],
  "i32.shl": [0x74],
  "i32.shr_u": [0x76],
  "i64.add": [0x7c],
  "i64.sub": [0x7d],
  "i64.and": [0x83],
  "i64.or": [0x84],
  "i64.shl": [0x86],
  "i64.shr_s": [0x87],
  "i64.shr_u": [0x88],
  "i64.extend_i32_u": [0xad],
  "i64.trunc_sat_f64_s": [0xfc, 0x06],
  "f64.convert_i64_s": [0xb9],
  "memory.copy": [0xfc, 0x0a, 0x00, 0x00],
  "memory.fill": [0xfc, 0x0b, 0x00],
  "i32x4.splat": [0xfd, 0x11],
  "i64x2.splat": [0xfd, 0x12],
  "f64x2.splat": [0xfd, 0x14],
  "v128.and": [0xfd, 0x4e],
  "v128.or": [0xfd, 0x50],
  "i64x2.shr_u": [0xfd, 0xcd, 0x01],
  "i64x2.add": [0xfd, 0xce, 0x01],
  "i64x2.sub": [0xfd, 0xd1, 0x01],
  "i64x2.extmul_low_i32x4_u": [0xfd, 0xde, 0x01],
  "f64x2.add": [0xfd, 0xf0, 0x01],
  "f64x2.sub": [0xfd, 0xf1, 0x01],
  "f64x2.mul": [0xfd, 0xf2, 0x01],
  "f64x2.relaxed_madd": [0xfd, 0x87, 0x02],
} as const;

/** Loads and stores with the alignment they promise, as a power of two. */
const MEMORY = {
  "i32.load16_u": [[0x2f], 0],
  "i64.load": [[0x29], 0],
  "i64.load32_u": [[0x35], 2],
  "i64.store": [[0x37], 3],
  "i64.store32": [[0x3e], 2],
  "f64.load": [[0x2b], 3],
  "f64.store": [[0x39], 3],
  "v128.load": [[0xfd, 0x00], 4],
  "v128.load32_splat": [[0xfd, 0x09], 2],
  "v128.load64_splat": [[0xfd, 0x0a], 3],
  "v128.load64_zero": [[0xfd, 0x5d], 3],
  "v128.store": [[0xfd, 0x0b], 4],
} as const;

const LANES = {
  "i32x4.extract_lane": [0xfd, 0x1b],
  "i64x2.extract_lane": [0xfd, 0x1d],
  "f64x2.extract_lane": [0xfd, 0x21],
} as const;
