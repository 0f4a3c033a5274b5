/**
 * The rooms of this project and what each may see: the table that the lint plugin enforces
 * and that docs/ARCHITECTURE.md explains.
 */

/** The protocol cores: synchronous, deterministic, and strangers to each other. */
export const CORES: readonly string[] = ["lib/otr", "lib/msrp", "lib/sip", "lib/sdp", "lib/im"];

/** Pure rooms that cores may look into. */
export const BELOW_CORES: readonly string[] = ["lib/auth"];

const BELOW_SESSION = [...BELOW_CORES, ...CORES, "lib/transport", "lib/storage"];
const BELOW_LAB = [...BELOW_SESSION, "lib/session"];
const BELOW_HARNESS = [...BELOW_SESSION, "lib/trace", "lib/session", "lib/lab"];
const BELOW_CLI = [...BELOW_HARNESS, "lib/harness"];

/** Which rooms each room may look into. Every room may also look into `lib/base`. */
export const VISIBLE: Readonly<Record<string, readonly string[]>> = {
  "lib/base": [],
  "lib/auth": [],
  "lib/otr": [],
  "lib/msrp": ["lib/auth"],
  "lib/sip": ["lib/auth"],
  "lib/sdp": [],
  "lib/im": [],
  "lib/transport": [],
  "lib/storage": ["lib/otr"],
  "lib/trace": CORES,
  "lib/session": BELOW_SESSION,
  "lib/lab": BELOW_LAB,
  "lib/harness": BELOW_HARNESS,
  "cli": BELOW_CLI,
  "mod.ts": BELOW_CLI,
};

/** Packages and built-in modules that a room may import, by prefix. */
export const VENDORS: Readonly<Record<string, readonly string[]>> = {
  "lib/otr/crypto/": ["@noble/hashes/", "@noble/ciphers/"],
  "lib/auth/": ["@noble/hashes/"],
  "lib/sip/server/": ["@noble/hashes/"],
  "lib/transport/": ["node:", "selfsigned"],
  "lib/storage/": ["smol-toml"],
  "lib/storage/transfer/": ["@noble/hashes/"],
  "lib/session/": [],
  "lib/lab/": [],
  "lib/harness/": [],
  "cli/": ["commander", "@commander-js/extra-typings", "@bomb.sh/tab", "smol-toml", "node:"],
};

/** Folders of tests whose name is not that of the room they test. */
const TESTED_BY_SPEC: Readonly<Record<string, readonly string[]>> = {
  rfc4975: ["lib/msrp"],
  rfc4975_sdp: ["lib/sdp"],
  rfc4976: ["lib/msrp", "lib/session"],
  rfc7977: ["lib/msrp", "lib/session"],
  rfc7701: ["lib/msrp", "lib/sdp", "lib/lab"],
  rfc6135: ["lib/msrp", "lib/sdp", "lib/session"],
  rfc6714: ["lib/msrp", "lib/sdp", "lib/session"],
  rfc3261: ["lib/sip"],
  rfc3263: ["lib/sip"],
  rfc5626: ["lib/sip"],
  rfc5922: ["lib/sip"],
  rfc4475: ["lib/sip"],
  rfc5118: ["lib/sip"],
  rfc8866: ["lib/sdp"],
  rfc3264: ["lib/sdp"],
  rfc5547: ["lib/sdp", "lib/msrp", "lib/session", "lib/storage"],
  rfc3862: ["lib/im"],
  rfc3994: ["lib/im"],
  rfc4028: ["lib/sip"],
  rfc7616: ["lib/auth", "lib/sip"],
  rfc8760: ["lib/auth", "lib/sip"],
  otr_vulnerabilities: ["lib/otr"],
};

/** The room that `path` (relative to the root) belongs to, or `undefined` for tests and tools. */
export function roomOf(path: string): string | undefined {
  if (path === "mod.ts") return path;
  if (path.startsWith("cli/")) return "cli";
  return /^lib\/[^/]+(?=\/)/.exec(path)?.[0];
}

/** The rooms whose private files a test, a benchmark or a tool at `path` may reach. */
export function roomsTestedBy(path: string): readonly string[] {
  const folders = path.split("/");
  if (folders[0] === "tests" && folders[1] === "helpers") return Object.keys(VISIBLE);
  if (folders[0] === "bench" || folders[0] === "tools") return Object.keys(VISIBLE);
  if (folders[0] !== "tests") return [];
  return folders.flatMap((it) => TESTED_BY_SPEC[it] ?? roomsNamed([it]));
}

function roomsNamed(names: readonly string[]): string[] {
  return Object.keys(VISIBLE).filter((room) =>
    names.some((it) => room === `lib/${it}` || room === it)
  );
}
