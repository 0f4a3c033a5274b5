/** Files that a person names: `-` is stdin; what cannot be read is said in their words. */
import { concatBytes } from "../../lib/base/mod.ts";
import { CliError, usageError } from "../output/cli_error.ts";
import { EXIT } from "../output/exit_code.ts";
import { readWholeFile } from "../../lib/storage/mod.ts";

/** Most octets that are read whole. */
const LONGEST_INPUT = 64 * 1024 * 1024;

/**
 * The octets of a named file, or of stdin for `-`.
 * @throws {CliError} status 2 when there is no such file; a `storage/unreadable` error, status 8,
 * when it cannot be read.
 */
export async function readInputFile(path: string): Promise<Uint8Array<ArrayBuffer>> {
  // Deno opens devices only for programs with every permission; stdin is always ours.
  if (path === "-" || path === "/dev/stdin" || path === "/dev/fd/0") return await readStdin();
  const bytes = await readWholeFile(path, { limit: LONGEST_INPUT });
  if (bytes === undefined) throw usageError(`no such file: ${path}`);
  return bytes;
}

async function readStdin(): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of Deno.stdin.readable) {
    parts.push(part);
    length += part.length;
    if (length > LONGEST_INPUT) {
      throw new CliError("cli/input-too-long", EXIT.damaged, "stdin is too long to be a file");
    }
  }
  return concatBytes(...parts);
}
