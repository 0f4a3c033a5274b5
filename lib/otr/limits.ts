/** How much a peer may make a conversation keep, compute or answer. Everything has a default. */

/** Limits of one conversation. */
export interface ConversationLimits {
  /** Characters of the longest message that is looked at. Default 4 MiB. */
  readonly message: number;
  /** Characters of all unfinished fragmented messages together. Default 4 MiB. */
  readonly fragmentCharacters: number;
  /** Senders whose unfinished messages are kept. Default 16. */
  readonly fragmentSenders: number;
  /** Milliseconds after the last fragment until an unfinished message is forgotten. Default 60 s. */
  readonly fragmentTimeout: number;
  /** Instances of the peer that are remembered at once. Default 16. */
  readonly instances: number;
  /** TLVs that are read of one message. Default 16. */
  readonly tlvs: number;
  /** Messages that wait for encryption. Default 16. */
  readonly storedMessages: number;
  /** Octets of all of them, and of the last message kept for re-sending. Default 1 MiB. */
  readonly storedOctets: number;
  /** Milliseconds for which the last message can be re-sent. Default 60 s. */
  readonly resendWindow: number;
  /** Milliseconds until an unfinished key exchange is forgotten. Default 70 s. */
  readonly akeTimeout: number;
  /** Error messages that are answered to unreadable ones in a {@link rateWindow}; 0: none ever. Default 5. */
  readonly errorReplies: number;
  /** Queries that answer error messages in a {@link rateWindow}. Default 2. */
  readonly automaticQueries: number;
  /** Milliseconds over which the two above are counted. Default 60 s. */
  readonly rateWindow: number;
}

/** What holds where nothing else is said. */
export const DEFAULT_LIMITS: ConversationLimits = {
  message: 4 * 1024 * 1024,
  fragmentCharacters: 4 * 1024 * 1024,
  fragmentSenders: 16,
  fragmentTimeout: 60_000,
  instances: 16,
  tlvs: 16,
  storedMessages: 16,
  storedOctets: 1024 * 1024,
  resendWindow: 60_000,
  akeTimeout: 70_000,
  errorReplies: 5,
  automaticQueries: 2,
  rateWindow: 60_000,
};
