/**
 * What the harness needs from an OTR engine: operations go in, and each is answered by events.
 * The types of the peer protocol (docs/interop/otr.md).
 */

/** Policy items of `init`. */
export type PeerPolicyItem = "require" | "no-whitespace-start" | "error-start";

/** The first operation: who the engine is and what it may do. */
export interface PeerInit {
  readonly op: "init";
  /** Which identity; its key is made if it is missing. Letters, digits, `.`, `_` and `-`. */
  readonly name: string;
  /** Versions that the engine may speak: `"2"`, `"3"` or `"23"`. */
  readonly versions: string;
  /** Octets of the longest outgoing message; 0 or left out: never fragment. */
  readonly fragment?: number | undefined;
  /** Offer OTR by a whitespace tag on plaintext. */
  readonly whitespace?: boolean | undefined;
  readonly policy?: readonly PeerPolicyItem[] | undefined;
}

/** What an engine can be told. */
export type PeerOperation =
  | PeerInit
  | { readonly op: "query" | "smp_abort" | "end" | "state" | "quit" }
  | { readonly op: "recv"; readonly msg: string }
  | { readonly op: "send"; readonly text: string }
  | {
    readonly op: "smp_start";
    readonly secret: string;
    readonly question?: string | null | undefined;
  }
  | { readonly op: "smp_answer"; readonly secret: string };

/** The engine is there. */
export interface PeerReady {
  readonly ev: "ready";
  /** Engine and version, for people. */
  readonly peer: string;
  /** 40 lower-case hexadecimal digits. */
  readonly fingerprint: string;
  /** Whether it can offer by tag. */
  readonly whitespace: boolean;
}

/** Where the conversation is, as the engine sees it. */
export interface PeerState {
  readonly ev: "state";
  readonly state: "plaintext" | "encrypted" | "finished";
  /** With `encrypted`: 2 or 3. */
  readonly version?: number;
  /** With `encrypted`: 16 hexadecimal digits. */
  readonly ssid?: string;
  /** With `encrypted`: of the other side, 40 lower-case hexadecimal digits. */
  readonly fingerprint?: string;
}

/** A text for the user. */
export interface PeerPlaintext {
  readonly ev: "plaintext";
  readonly text: string;
  readonly encrypted: boolean;
  /** Plaintext came where encryption was expected. */
  readonly warning?: "unencrypted";
}

/** How the verification goes. */
export interface PeerSmp {
  readonly ev: "smp";
  readonly what: "asked" | "success" | "failure" | "aborted" | "error" | "cheated";
  /** With `asked`: `null` when there is none. */
  readonly question?: string | null;
}

/** What an engine reports. Events of other names may come and are kept as they are. */
export type PeerEvent =
  | PeerReady
  | { readonly ev: "inject"; readonly msg: string }
  | PeerPlaintext
  | PeerState
  | PeerSmp
  | {
    readonly ev: "extra_key";
    readonly use: number;
    /** Hexadecimal. */
    readonly data: string;
    /** Hexadecimal. */
    readonly key: string;
  }
  | { readonly ev: "received_error"; readonly text: string }
  | { readonly ev: "error"; readonly error: string };

/** One OTR engine with one conversation. Operations run one after another. */
export interface Peer extends AsyncDisposable {
  /** For failure messages: which program this is. */
  readonly label: string;
  /**
   * Runs one operation to its end.
   *
   * @returns Everything that the engine reported before `done`, in order.
   * @throws {SottoError} `harness/unsupported` when it cannot do what `init` asked,
   * `harness/peer-timeout`, `harness/peer-exited` or `harness/peer-garbage` when it fails.
   */
  perform(operation: PeerOperation): Promise<PeerEvent[]>;
  /** Ends the engine. Safe to repeat. */
  close(): Promise<void>;
}
