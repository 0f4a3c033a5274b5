/** Secrets: from a file, a descriptor (`/dev/fd/3`, `<(…)`), the environment, or a plain flag. */
import { utf8 } from "../../lib/base/mod.ts";
import type { CommandContext } from "../command.ts";
import { usageError } from "../output/cli_error.ts";

/** Longest secret that is read from a file, in octets. */
const LONGEST_SECRET = 64 * 1024;

/**
 * Reads a secret. One final LF or CRLF is dropped, nothing else is changed.
 *
 * @param flag For messages.
 * @throws {CliError} status 2 when the file cannot be read or is too long.
 */
export async function readSecret(flag: string, file: string): Promise<Uint8Array> {
  const bytes = await readNamedFile(flag, file, LONGEST_SECRET);
  const end = bytes.at(-1) === 0x0a ? (bytes.at(-2) === 0x0d ? -2 : -1) : bytes.length;
  return bytes.slice(0, end);
}

/**
 * The octets of a file that an option names.
 * @throws {CliError} status 2, naming flag and file.
 */
export async function readNamedFile(
  flag: string,
  file: string,
  limit: number,
): Promise<Uint8Array> {
  try {
    const bytes = await Deno.readFile(file);
    if (bytes.length <= limit) return bytes;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw usageError(`${flag}: no file ${file}`);
    if (
      error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.IsADirectory
    ) {
      throw usageError(`${flag}: ${file} cannot be read`);
    }
    throw error;
  }
  throw usageError(`${flag}: ${file} is longer than ${limit} octets`);
}

/** A secret that was given as a plain flag: works, and warns. */
export function plainSecret(
  { printer }: Pick<CommandContext, "printer">,
  value: string,
  instead: string,
): Uint8Array {
  printer.warning(
    `a secret on the command line can be read by others on this machine: use ${instead}`,
  );
  return utf8(value);
}
