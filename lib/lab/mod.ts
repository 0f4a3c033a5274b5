/**
 * Servers to try things with, and peers that answer: what `sotto lab` starts, and what the
 * tests of this package talk to. None of it is meant for a public network.
 *
 * @module
 */
export * from "./users.ts";
