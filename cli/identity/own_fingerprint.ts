/** Our own fingerprint, shown: apart from the command, because scripts ask for it in loops. */
import { formatFingerprint } from "../../lib/otr/keys/mod.ts";
import type { CommandContext } from "../command.ts";
import { ownKey } from "./own_key.ts";

/**
 * Prints our fingerprint; a key is made when there is none.
 *
 * @param isNamed Whether the line says whose it is, because others follow.
 * @throws {SottoError} as `ownKey` does.
 */
export async function showOwnFingerprint(
  context: Pick<CommandContext, "home" | "printer">,
  isNamed: boolean,
): Promise<void> {
  const { fingerprint } = (await ownKey(context)).key;
  // Our own key needs no verification: whoever holds the file is who we are.
  context.printer.result("fingerprint", { owner: "self", fingerprint, trust: "verified" });
  const grouped = formatFingerprint(fingerprint);
  context.printer.text(isNamed ? `self  ${grouped}` : grouped);
}
