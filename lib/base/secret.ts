/** Key material that must not leak through a log, a JSON document or an error message. */

/**
 * Bytes that must not appear in logs, JSON or error messages.
 *
 * Disposing overwrites this copy. JavaScript gives no way to reach copies the
 * engine made, so treat wiping as hygiene, not as a guarantee (SECURITY.md).
 */
export class Secret implements Disposable {
  readonly #bytes: Uint8Array;

  /** Takes ownership of `bytes`: the caller must not keep using them. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Number of octets. */
  get length(): number {
    return this.#bytes.length;
  }

  /** Lends the bytes to `use`. The name makes every reading greppable. */
  expose<T>(use: (bytes: Uint8Array) => T): T {
    return use(this.#bytes);
  }

  /** What `JSON.stringify` shows. */
  toJSON(): string {
    return "[secret]";
  }

  /** What template strings show. */
  toString(): string {
    return "[secret]";
  }

  /** Overwrites the bytes. */
  [Symbol.dispose](): void {
    this.#bytes.fill(0);
  }
}

// What `console.log` and `Deno.inspect` show. Not a method, because declarations
// cannot name a symbol that is looked up at run time.
Object.defineProperty(Secret.prototype, Symbol.for("Deno.customInspect"), {
  value(this: Secret): string {
    return `Secret(${this.length} bytes)`;
  },
});
