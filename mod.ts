export * from "./lib/base/mod.ts";
