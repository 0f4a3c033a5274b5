/**
 * A reader for a small part of Python's pickle: protocol 0 and 2 to 4, dictionaries, tuples,
 * strings and numbers, and objects of classes that the caller names. A pickle is a program;
 * this one runs none of it: an object becomes its class name, arguments and state.
 */
import { latin1 } from "../../base/ascii.ts";
import { decodeUtf8Lossy, toHex } from "../../base/bytes.ts";
import { SottoError } from "../../base/errors.ts";

/** What a pickle contains. */
export type Pickled =
  | string
  | Uint8Array
  | number
  | bigint
  | boolean
  | null
  | PickledObject
  | PickledClass
  | Pickled[]
  | Map<Pickled, Pickled>;

/** A class that was named and allowed. */
export class PickledClass {
  /** `module.name`. */
  readonly name: string;

  /** @param name `module.name`. */
  constructor(name: string) {
    this.name = name;
  }
}

/** An object that would have been made: nothing was called. */
export class PickledObject {
  /** `module.name` of its class. */
  readonly className: string;
  /** What the class would have been called with. */
  readonly args: readonly Pickled[];
  /** What its attributes would have been set to. */
  state: Pickled = null;

  /** @param className `module.name`. @param args What it would have been called with. */
  constructor(className: string, args: readonly Pickled[]) {
    this.className = className;
    this.args = args;
  }
}

/** Options of {@link readPickle}. */
export interface PickleOptions {
  /** Classes that may be named, as `module.name`. Any other is an error. */
  readonly classes: ReadonlySet<string>;
  /** Most operations; 1,000,000 by default. */
  readonly operations?: number;
}

/**
 * Reads a pickle.
 * @throws {SottoError} `storage/bad-pickle` for everything beyond that small part.
 */
export function readPickle(
  bytes: Uint8Array,
  { classes, operations = 1_000_000 }: PickleOptions,
): Pickled {
  const machine = new Machine(bytes, classes);
  for (let count = 0; count < operations; count++) {
    if (machine.step()) return machine.result();
  }
  throw badPickle(`more than ${operations} operations`);
}

const MARK: unique symbol = Symbol("mark");
type Slot = Pickled | typeof MARK;

class Machine {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #classes: ReadonlySet<string>;
  readonly #stack: Slot[] = [];
  readonly #memo = new Map<number, Pickled>();
  #at = 0;

  constructor(bytes: Uint8Array, classes: ReadonlySet<string>) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#classes = classes;
  }

  result(): Pickled {
    const result = this.#pop();
    if (this.#stack.length > 0) throw badPickle("something is left on the stack");
    return result;
  }

  /** Carries out one operation, and says whether it was the last. */
  step(): boolean {
    const operation = String.fromCharCode(this.#uint(1));
    switch (operation) {
      case ".":
        return true;
      case "\x80": // PROTO
        this.#uint(1);
        return false;
      case "\x95": // FRAME
        this.#take(8);
        return false;
      case "(":
        this.#stack.push(MARK);
        return false;
      case "0":
        this.#pop();
        return false;
      default:
        return this.#value(operation), false;
    }
  }

  #value(operation: string): void {
    switch (operation) {
      case "N":
        return this.#push(null);
      case "\x88":
        return this.#push(true);
      case "\x89":
        return this.#push(false);
      case "K":
        return this.#push(this.#uint(1));
      case "M":
        return this.#push(this.#uint(2));
      case "J":
        return this.#push(this.#int32());
      case "G":
        return this.#push(this.#float());
      case "\x8a":
        return this.#push(littleEndian(this.#take(this.#uint(1))));
      case "I":
        return this.#push(this.#decimal());
      case "S":
        return this.#push(pythonString(this.#line()));
      case "V":
        return this.#push(rawUnicode(this.#line()));
      case "U":
      case "C":
        return this.#push(this.#take(this.#uint(1)).slice());
      case "T":
      case "B":
        return this.#push(this.#take(this.#uint(4)).slice());
      case "\x8c":
        return this.#push(decodeUtf8Lossy(this.#take(this.#uint(1))));
      case "X":
        return this.#push(decodeUtf8Lossy(this.#take(this.#uint(4))));
      default:
        return this.#structure(operation);
    }
  }

  #structure(operation: string): void {
    switch (operation) {
      case ")":
        return this.#push([]);
      case "t":
      case "l":
        return this.#push(this.#popToMark());
      case "\x85":
        return this.#push([this.#pop()]);
      case "\x86":
      case "\x87": {
        const count = operation === "\x86" ? 2 : 3;
        return this.#push(Array.from({ length: count }, () => this.#pop()).reverse());
      }
      case "]":
        return this.#push([]);
      case "}":
        return this.#push(new Map());
      case "d":
        return this.#push(mapOf(this.#popToMark()));
      case "a": {
        const item = this.#pop();
        return this.#extend([item]);
      }
      case "e":
        return this.#extend(this.#popToMark());
      case "s": {
        const value = this.#pop();
        const key = this.#pop();
        this.#top(Map).set(key, value);
        return;
      }
      case "u": {
        const items = this.#popToMark();
        for (const [key, value] of mapOf(items)) this.#top(Map).set(key, value);
        return;
      }
      default:
        return this.#object(operation);
    }
  }

  #object(operation: string): void {
    switch (operation) {
      case "c":
        return this.#push(this.#class(latin1(this.#line()), latin1(this.#line())));
      case "\x93": {
        const name = this.#pop();
        return this.#push(this.#class(String(this.#pop()), String(name)));
      }
      case "R":
      case "\x81": {
        const args = this.#pop();
        return this.#push(construct(this.#pop(), args));
      }
      case "b": {
        const state = this.#pop();
        this.#top(PickledObject).state = state;
        return;
      }
      default:
        return this.#memory(operation);
    }
  }

  #memory(operation: string): void {
    switch (operation) {
      case "p":
        return this.#remember(Number(latin1(this.#line())));
      case "q":
        return this.#remember(this.#uint(1));
      case "r":
        return this.#remember(this.#uint(4));
      case "\x94":
        return this.#remember(this.#memo.size);
      case "g":
        return this.#push(this.#recall(Number(latin1(this.#line()))));
      case "h":
        return this.#push(this.#recall(this.#uint(1)));
      case "j":
        return this.#push(this.#recall(this.#uint(4)));
      default:
        throw badPickle(
          `operation 0x${operation.charCodeAt(0).toString(16)} at octet ${this.#at - 1} is refused`,
        );
    }
  }

  #class(module: string, name: string): PickledClass {
    const full = `${module}.${name}`;
    if (!this.#classes.has(full)) throw badPickle(`it names ${JSON.stringify(full.slice(0, 80))}`);
    return new PickledClass(full);
  }

  #push(value: Pickled): void {
    this.#stack.push(value);
  }

  #pop(): Pickled {
    const value = this.#stack.pop();
    if (value === undefined || value === MARK) throw badPickle("its stack is empty");
    return value;
  }

  #popToMark(): Pickled[] {
    const items: Pickled[] = [];
    for (;;) {
      const item = this.#stack.pop();
      if (item === undefined) throw badPickle("a mark is missing");
      if (item === MARK) return items.reverse();
      items.push(item);
    }
  }

  #top<T>(kind: abstract new (...args: never[]) => T): T {
    const top = this.#stack.at(-1);
    if (!(top instanceof kind)) throw badPickle(`expected ${kind.name} on the stack`);
    return top;
  }

  #extend(items: readonly Pickled[]): void {
    for (const item of items) this.#top(Array).push(item);
  }

  #remember(index: number): void {
    const top = this.#pop();
    this.#memo.set(index, top);
    this.#push(top);
  }

  #recall(index: number): Pickled {
    const value = this.#memo.get(index);
    if (value === undefined) throw badPickle(`nothing was kept as ${index}`);
    return value;
  }

  #take(count: number): Uint8Array {
    if (this.#at + count > this.#bytes.length) throw badPickle("it is cut short");
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  #uint(octets: 1 | 2 | 4): number {
    const at = this.#at;
    this.#take(octets);
    if (octets === 1) return this.#view.getUint8(at);
    return octets === 2 ? this.#view.getUint16(at, true) : this.#view.getUint32(at, true);
  }

  #int32(): number {
    const at = this.#at;
    this.#take(4);
    return this.#view.getInt32(at, true);
  }

  #float(): number {
    const at = this.#at;
    this.#take(8);
    return this.#view.getFloat64(at);
  }

  #line(): Uint8Array {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) throw badPickle("it is cut short");
    const line = this.#bytes.subarray(this.#at, end);
    this.#at = end + 1;
    return line;
  }

  #decimal(): number | boolean {
    const text = latin1(this.#line());
    if (text === "00" || text === "01") return text === "01";
    if (!/^-?\d{1,15}$/.test(text)) throw badPickle("expected a number");
    return Number(text);
  }
}

/** What a call of `callee` would make. Only objects come out of it. */
function construct(callee: Pickled, args: Pickled): PickledObject {
  if (!(callee instanceof PickledClass) || !Array.isArray(args)) throw badPickle("a bad call");
  // Protocol 0 makes objects by copy_reg._reconstructor(class, base, state).
  if (/^copy_?reg\._reconstructor$/.test(callee.name)) {
    const [made] = args;
    if (!(made instanceof PickledClass)) throw badPickle("a bad call");
    return new PickledObject(made.name, []);
  }
  return new PickledObject(callee.name, args);
}

function mapOf(items: readonly Pickled[]): Map<Pickled, Pickled> {
  if (items.length % 2 !== 0) throw badPickle("a key is missing its value");
  const map = new Map<Pickled, Pickled>();
  for (let at = 0; at < items.length; at += 2) map.set(items[at] ?? null, items[at + 1] ?? null);
  return map;
}

/** Two's complement, the lowest octet first. */
function littleEndian(octets: Uint8Array): bigint {
  if (octets.length === 0) return 0n;
  return BigInt.asIntN(8 * octets.length, BigInt(`0x${toHex(octets.toReversed())}`));
}

/** `'…'` or `"…"` of Python 2 with its escapes: octets. */
function pythonString(line: Uint8Array): Uint8Array {
  const text = latin1(line);
  const match = /^(['"])([^]*)\1$/.exec(text);
  if (match === null) throw badPickle("expected a quoted string");
  const octets: number[] = [];
  for (
    const [whole, hexadecimal, escaped] of (match[2] ?? "").matchAll(
      /\\x([0-9a-f]{2})|\\([^])|[^\\]/g,
    )
  ) {
    if (hexadecimal !== undefined) octets.push(Number.parseInt(hexadecimal, 16));
    else if (escaped === undefined) octets.push(whole.charCodeAt(0));
    else octets.push((PYTHON_ESCAPES[escaped] ?? escaped).charCodeAt(0));
  }
  return Uint8Array.from(octets);
}

const PYTHON_ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

/** Python's raw-unicode-escape: Latin-1 with `\uXXXX`. */
function rawUnicode(line: Uint8Array): string {
  return latin1(line).replace(
    /\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g,
    (whole, short: string | undefined, long: string | undefined) => {
      const code = Number.parseInt(short ?? long ?? "", 16);
      return code > 0x10ffff ? whole : String.fromCodePoint(code);
    },
  );
}

function badPickle(message: string): SottoError {
  return new SottoError("storage/bad-pickle", `pickle: ${message}`);
}
