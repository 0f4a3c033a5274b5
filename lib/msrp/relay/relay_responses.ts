/** Responses as a relay takes them: they end transactions, become reports, or go on (RFC 4976 §6.4.3). */
import { PeerError } from "../../base/errors.ts";
import { type ChunkHead, headerValue } from "../chunk.ts";
import { writeChunk } from "../chunk_writer.ts";
import { isSuccess } from "../status.ts";
import { msrpUrisMatch } from "../uri.ts";
import type { RequestTransaction } from "./hop_transactions.ts";
import type { RelayConnection } from "./relay_connection.ts";
import { type RelayTable, reversed } from "./relay_table.ts";

/** What is done with a client whose forwarded AUTHs fail again and again. */
export type OnAuthFailure = (source: RelayConnection, error: PeerError) => void;

/** Takes one response; those that fit nothing are dropped. */
export function receiveResponse(
  table: RelayTable,
  connection: RelayConnection,
  head: ChunkHead,
  onAuthFailure: OnAuthFailure,
): void {
  const { startLine, toPath, problem } = head;
  if (startLine.kind !== "response" || problem !== undefined || startLine.code < 200) return;
  const { transactionId, code } = startLine;
  const transaction = connection.transactions.get(transactionId);
  if (transaction === undefined) return;
  // §6.4.3: the first URI must be ours, and it is the one that the request bore.
  const { fromPath: ours } = returnPathOf(transaction);
  const expected = reversed(ours);
  const isAddressed = expected.every((uri, at) => {
    const found = toPath[at];
    return (at > 0 && transaction.kind === "send") ||
      (found !== undefined && msrpUrisMatch(found, uri));
  });
  if (!isAddressed) return;
  table.timers.cancel(connection.transactions.finish(transactionId));
  table.touch(connection);
  if (transaction.kind === "request") {
    forwardResponse(table, transaction, head, code, onAuthFailure);
    return;
  }
  if (isSuccess(code)) return;
  const { send, range, start } = transaction;
  table.report(send, code, range ?? send.rangeFrom(start));
  // The rest of a chunk that was refused while it was on its way need not follow.
  if (!send.isSpent) connection.queue.giveUp(send, "#", false);
}

function returnPathOf(
  transaction: ReturnType<RelayConnection["transactions"]["get"]> & object,
): { readonly fromPath: RequestTransaction["returnPath"]["fromPath"] } {
  return transaction.kind === "send" ? transaction.send.returnPath : transaction.returnPath;
}

function forwardResponse(
  table: RelayTable,
  { originalId, returnPath, method, hasCredentials }: RequestTransaction,
  head: ChunkHead,
  code: number,
  onAuthFailure: OnAuthFailure,
): void {
  const source = table.connections.get(returnPath.source);
  if (source === undefined || head.startLine.kind !== "response") return;
  source.pendingRequests.delete(originalId);
  const { fromPath: ours } = returnPath;
  const toPath = head.toPath.slice(ours.length);
  if (toPath.length === 0) return;
  source.queue.enqueueControl(writeChunk({
    startLine: { ...head.startLine, transactionId: originalId },
    toPath,
    fromPath: [...ours, ...head.fromPath],
    headers: head.headers,
    continuation: "$",
  }));
  table.touch(source);
  if (method === "AUTH" && isSuccess(code)) source.failures = 0;
  // §6.3: credentials that are answered 401 without stale=true were wrong.
  const challenge = headerValue(head.headers, "WWW-Authenticate") ?? "";
  if (method === "AUTH" && code === 401 && hasCredentials && !/stale="?true/i.test(challenge)) {
    const rule = "RFC 4976 §6.3";
    const expected = "expected credentials that the next relay takes";
    onAuthFailure(source, new PeerError("msrp/auth-rejected", rule, expected));
  }
}
