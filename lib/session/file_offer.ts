/** What a session needs to know of files (RFC 5547): where octets come from, where they go, what is said of them. */

import type { FileHash } from "../sdp/mod.ts";

/** A file that is to be sent. */
export interface FileSource {
  /** Without a folder. */
  readonly name: string;
  /** Media type. */
  readonly type: string;
  /** Octets. */
  readonly size: number;
  /** Of the whole file. */
  readonly hashes: readonly FileHash[];
  /** Milliseconds since 1970. */
  readonly modified?: number | undefined;
  /** Exactly `length` octets from `position`, counted from 0. */
  read(position: number, length: number): Promise<Uint8Array>;
  /** Nothing more is read. Safe to call again. */
  close(): Promise<void>;
}

/** A file that a peer offers. What it says is not to be believed before it was checked. */
export interface OfferedFile {
  /** As the peer calls it: no name for a file of ours. */
  readonly name?: string | undefined;
  readonly type?: string | undefined;
  readonly size?: number | undefined;
  readonly hashes: readonly FileHash[];
  /** Octets at the beginning that are to be here already (`a=file-range`); absent: the sender asks. */
  readonly continuesAt?: number | undefined;
}

/** Where a file goes. One of {@link finish} and {@link suspend} ends it. */
export interface FileSink {
  /** Octets at the beginning that are here already. */
  readonly offset: number;
  /** Resolves when there is room for more. Rejects when the octets cannot be kept. */
  write(position: number, bytes: Uint8Array): Promise<void>;
  /** All octets are there. Resolves with where they are; rejects when they are not what was promised. */
  finish(length: number): Promise<string>;
  /** Nothing more comes for now. Safe to call again. */
  suspend(): Promise<void>;
}

/** Who decides about files that are offered. */
export interface FileReception {
  /** Octets of one file. */
  readonly maxSize: number;
  /** A place for the file, or why it is not taken. */
  accept(file: OfferedFile): Promise<FileSink | { readonly refusal: string }>;
}

/** The files of one call. */
export interface FileSettings {
  /** Each becomes a medium of its own in our offer, in this order. */
  readonly outgoing: readonly FileSource[];
  /** Absent: files that are offered are refused. */
  readonly reception?: FileReception | undefined;
}

/** What happens to a file, as `file_media.ts` tells it. */
export interface FileEvent {
  readonly type: "file";
  readonly direction: "in" | "out";
  /** Value of `a=file-transfer-id`. */
  readonly id: string;
  /**
   * `offered`, then `refused`, or `accepted` and any number of `progress`, then `done` or
   * `failed`.
   */
  readonly state: "offered" | "accepted" | "refused" | "progress" | "done" | "failed";
  /** As its sender calls it. */
  readonly name: string;
  /** Octets of the whole file, if known. */
  readonly size?: number;
  readonly contentType?: string;
  /** Octets that are there, those of earlier attempts included. */
  readonly transferred?: number;
  /** Where a received file is, once it is whole. */
  readonly path?: string;
  /** MSRP status code, where the other side gave one. */
  readonly code?: number;
  readonly reason?: string;
}
