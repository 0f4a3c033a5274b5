/** Leaf helpers without opinions. Other rooms may import these files one by one. */
export * from "./ascii.ts";
export * from "./byte_reader.ts";
export * from "./byte_writer.ts";
export * from "./bytes.ts";
export type * from "./check.ts";
export * from "./constant_time.ts";
export * from "./errors.ts";
export * from "./escape.ts";
export * from "./media_type.ts";
export * from "./output.ts";
export * from "./secret.ts";
export * from "./wire_tap.ts";
