/** Requests inside a dialog, sent with the credentials of its call (RFC 3261 §12.2.1, §22.3). */

import type { Instant } from "../../base/output.ts";
import type { Dialog } from "../dialog/dialog.ts";
import { type HeaderField, NO_BODY } from "../message/message.ts";
import type { CallContext } from "./call_context.ts";
import type { Destination } from "./destination.ts";
import { PendingRequest, type PendingUser } from "./pending_request.ts";
import { dialogRequest } from "./requests.ts";

/** A request inside a dialog. */
export interface DialogRequest {
  readonly dialog: Dialog;
  readonly method: string;
  readonly destination: Destination;
  readonly headers?: readonly HeaderField[] | undefined;
  readonly body?: Uint8Array | undefined;
  readonly user: PendingUser;
}

/** Sends it; after a challenge again, under the dialog's next number. */
export function sendInDialog(
  context: CallContext,
  { dialog, method, destination, headers = [], body = NO_BODY, user }: DialogRequest,
  now: Instant,
): PendingRequest {
  return new PendingRequest({
    layer: context.layer,
    credentials: context.credentials,
    write: (sequence) => dialogRequest(dialog, method, sequence, headers, body),
    nextSequence: () => dialog.nextSequence(),
    destinations: [destination],
    user,
    reportBadProof: context.reportBadProof,
    reportDeadServer: context.reportDeadServer,
  }, now);
}

/** For requests whose response changes nothing. */
export const NOBODY: PendingUser = { receiveResponse: () => {}, receiveFailure: () => {} };
