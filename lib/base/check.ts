/** One thing that was looked at, and what came of it: the words of `sotto doctor`. */

/** See the file comment. */
export interface Check {
  /** Stable, for scripts: `home.permissions`, `dns.srv`. */
  readonly name: string;
  readonly status: "ok" | "failed" | "skipped";
  /** What was found. For people; text of a stranger's is escaped. */
  readonly detail?: string | undefined;
  /** With every failure: what to do about it, in one line. */
  readonly hint?: string | undefined;
  /** A failure of something that can be done without. */
  readonly isOptional?: boolean | undefined;
}
