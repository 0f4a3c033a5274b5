/** Whether a file that is offered is taken (RFC 5547 §8.3.1), and where it goes. */

import { PeerError } from "../base/errors.ts";
import {
  checkMsrpMedia,
  type FileDescription,
  type MsrpMedia,
  parseFileDescription,
} from "../sdp/mod.ts";
import { reasonOf } from "./file_medium.ts";
import type { FileReception, FileSink } from "./file_offer.ts";

/** Files of one offer that are taken; further ones are refused. */
const FILE_LIMIT = 16;

/** What an offer came to: a place for the file, or why there is none. */
export type Admission =
  & { readonly description: FileDescription }
  & (
    | { readonly sink: FileSink; readonly refusal?: never }
    | { readonly refusal: string; readonly sink?: never }
  );

/**
 * Judges one medium.
 *
 * @param at How many files of the same offer stand before it.
 * @param reception Absent: no file is taken.
 */
export async function admitFile(
  media: MsrpMedia,
  at: number,
  reception: FileReception | undefined,
): Promise<Admission> {
  let description: FileDescription = { selector: { hashes: [] } };
  try {
    description = parseFileDescription(media.attributes) ?? description;
  } catch (error) {
    if (!(error instanceof PeerError)) throw error;
    return { description, refusal: error.message };
  }
  const refusal = refusalOf(media, description, at, reception);
  if (refusal !== undefined || reception === undefined) {
    return { description, refusal: refusal ?? NOT_TAKEN };
  }
  const { selector, range } = description;
  try {
    const place = await reception.accept({
      ...selector,
      ...(range === undefined || range.start === 1 ? {} : { continuesAt: range.start - 1 }),
    });
    return "refusal" in place
      ? { description, refusal: place.refusal }
      : { description, sink: place };
  } catch (error) {
    return { description, refusal: reasonOf(error) };
  }
}

function refusalOf(
  media: MsrpMedia,
  { selector, range }: FileDescription,
  at: number,
  reception: FileReception | undefined,
): string | undefined {
  if (reception === undefined) return NOT_TAKEN;
  if (at >= FILE_LIMIT) return `more than ${FILE_LIMIT} files at once`;
  if (media.direction !== "sendonly" && media.direction !== "sendrecv") {
    return "nothing is offered for others to fetch";
  }
  const fault = checkMsrpMedia(media, { transports: ["TCP/TLS/MSRP", "TCP/MSRP"] });
  if (fault !== undefined) return fault.warningText;
  if ((selector.size ?? 0) > reception.maxSize) {
    return `${selector.size} octets, and at most ${reception.maxSize} are taken`;
  }
  if (range !== undefined && range.stop !== "*" && range.stop !== selector.size) {
    return "only the rest of a file is taken, not a part of it";
  }
  return undefined;
}

const NOT_TAKEN = "files are not taken";
