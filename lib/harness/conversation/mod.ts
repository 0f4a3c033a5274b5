/** Scripted conversations: steps from flags or files, what is expected, and what came of it. */
export * from "./converse.ts";
export * from "./inbox.ts";
export * from "./runner.ts";
export * from "./script_parser.ts";
export * from "./step.ts";
