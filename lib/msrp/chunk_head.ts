/** The lines of a head → {@link ChunkHead}, and what is wrong with them (RFC 4975 §9). */
import { PeerError } from "../base/errors.ts";
import { escapeText } from "../base/escape.ts";
import type { ChunkHead, HeaderField, StartLine } from "./chunk.ts";
import { parseHeaderField, SINGLE_HEADERS } from "./header_fields.ts";
import { type MsrpUri, parseMsrpPath } from "./uri.ts";

/** Gathers the lines of a head and remembers the first thing that is wrong with them. */
export class ChunkHeadBuilder {
  /** What the end-line will repeat. */
  readonly transactionId: string;
  readonly #startLine: StartLine;
  readonly #pathLimit: number;
  readonly #headers: HeaderField[] = [];
  readonly #seen = new Set<string>();
  #toPath: readonly MsrpUri[] = [];
  #fromPath: readonly MsrpUri[] = [];
  #lines = 0;
  #problem: PeerError | undefined;

  /**
   * @param line The start line.
   * @param pathLimit URIs in one path.
   * @param offset Of the start line in the stream.
   * @throws {PeerError} `msrp/bad-start-line` when not even a frame can be told apart.
   */
  constructor(line: string, pathLimit: number, offset: number) {
    const match = START_LINE.exec(line);
    if (match === null) {
      throw new PeerError(
        "msrp/bad-start-line",
        "RFC 4975 §9",
        `${EXPECTED_START}, found "${escapeText(line, 60)}"`,
        { offset },
      );
    }
    const [, transactionId = "", rest = ""] = match;
    this.transactionId = transactionId;
    this.#pathLimit = pathLimit;
    this.#startLine = this.#parseStart(transactionId, rest, offset);
  }

  /** A line below the start line; what is wrong with it is kept for {@link finish}. */
  addLine(line: string, offset: number): void {
    this.#lines++;
    try {
      const field = parseHeaderField(line);
      const name = field.name.toLowerCase();
      if (SINGLE_HEADERS.has(name) && this.#seen.has(name)) {
        throw new PeerError("msrp/repeated-header", "RFC 4975 §9", `expected one ${field.name}`);
      }
      this.#seen.add(name);
      // §9: headers = To-Path CRLF From-Path CRLF 1*( header CRLF )
      const expected = this.#lines === 1 ? "to-path" : this.#lines === 2 ? "from-path" : undefined;
      const isPath = name === "to-path" || name === "from-path";
      if (expected === undefined ? isPath : name !== expected) {
        this.#note(
          "msrp/bad-path-order",
          "expected To-Path first and From-Path second",
          offset,
        );
      }
      if (name === "to-path") this.#toPath = parseMsrpPath(field.value, this.#pathLimit);
      else if (name === "from-path") this.#fromPath = parseMsrpPath(field.value, this.#pathLimit);
      else this.#headers.push(field);
    } catch (error) {
      if (!(error instanceof PeerError)) throw error;
      this.#problem ??= new PeerError(error.code, error.rule, error.message, { offset });
    }
  }

  /** The head ends here. */
  finish(offset: number): ChunkHead {
    if (this.#toPath.length === 0 || this.#fromPath.length === 0) {
      this.#note("msrp/bad-path-order", "expected To-Path first and From-Path second", offset);
    }
    return {
      startLine: this.#startLine,
      toPath: this.#toPath,
      fromPath: this.#fromPath,
      headers: this.#headers,
      ...(this.#problem !== undefined && { problem: this.#problem }),
    };
  }

  /** The frame can be told apart as soon as the transaction identifier is known. */
  #parseStart(transactionId: string, rest: string, offset: number): StartLine {
    const response = RESPONSE.exec(rest);
    if (response !== null) {
      const [, code = "", comment] = response;
      return {
        kind: "response",
        transactionId,
        code: Number(code),
        ...(comment !== undefined && { comment }),
      };
    }
    if (!METHOD.test(rest)) {
      this.#note(
        "msrp/bad-start-line",
        `expected a method or a status code, found "${escapeText(rest, 40)}"`,
        offset,
      );
    }
    // What begins with a digit was meant as a response, and a response is never answered.
    if (/^\d/.test(rest)) return { kind: "response", transactionId, code: 0 };
    return { kind: "request", transactionId, method: rest };
  }

  #note(code: `msrp/${string}`, message: string, offset: number): void {
    this.#problem ??= new PeerError(code, "RFC 4975 §9", message, { offset });
  }
}

/** How a fault of the start line begins. */
export const EXPECTED_START = "expected a start line of MSRP";
// req-start = pMSRP SP transact-id SP method CRLF;  transact-id = ALPHANUM 3*31ident-char
const START_LINE = /^MSRP ([A-Za-z0-9][A-Za-z0-9.+%=-]{3,31})(?: (.*))?$/s;
// resp-start = pMSRP SP transact-id SP status-code [SP comment] CRLF
// deno-lint-ignore no-control-regex
const RESPONSE = /^(\d{3})(?: ([^\u0000-\u0008\u000a-\u001f\u007f]*))?$/;
// other-method = 1*UPALPHA; the underscore is in sipsimple's FILE_OFFSET.
const METHOD = /^[A-Z][A-Z_]{0,63}$/;
