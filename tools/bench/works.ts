/** What is measured, and how engines are told from each other where they differ. */

/** One thing that an engine does. Times are for one of it, both sides together. */
export interface Work {
  /** As in results and ratios. */
  readonly name: string;
  /** For people. */
  readonly label: string;
  /** How many make a sample: too short to be timed one by one. */
  readonly batch: number;
  /** How many times the usual budget it gets. Default 1. */
  readonly share?: number;
  /** Whether only our engine does it, because others would do the same as in another work. */
  readonly isOurs?: boolean;
}

/** In the order of the table. */
export const WORKS: readonly Work[] = [
  { name: "keygen", label: "DSA-1024 key", batch: 1, share: 5 },
  { name: "ake-v2", label: "key exchange, version 2", batch: 1 },
  { name: "ake-v3", label: "key exchange, version 3", batch: 1 },
  {
    name: "ake-v3-strangers",
    label: "key exchange, version 3, with new DSA keys",
    batch: 1,
    isOurs: true,
  },
  { name: "first-messages-v3", label: "key exchange, then a message each way", batch: 1 },
  { name: "smp", label: "SMP", batch: 1, share: 3 },
  { name: "data-alternating-100", label: "a message of 100 B, alternating", batch: 10 },
  { name: "data-alternating-10k", label: "a message of 10 kB, alternating", batch: 10 },
  { name: "data-oneway-100", label: "a message of 100 B, one way", batch: 100 },
  { name: "data-oneway-10k", label: "a message of 10 kB, one way", batch: 10 },
  { name: "modexp-320", label: "x^e mod 1536 bits, e secret, 320 bits", batch: 5 },
  { name: "modexp-1536", label: "x^e mod 1536 bits, e secret, 1536 bits", batch: 1 },
  { name: "modexp-g-320", label: "2^e mod 1536 bits, e secret, 320 bits", batch: 10 },
  { name: "dsa-sign", label: "DSA signature", batch: 10 },
  { name: "dsa-verify", label: "DSA verification", batch: 10 },
];

/** What a fair reader has to know beside the numbers. */
export const CAVEATS: readonly string[] = [
  "Lazy in sotto: a shared secret is computed when the first message under it is sent or received, not when keys " +
  "rotate. Its key exchange alone leaves that work undone, as otr3's does; libotr and otr.js have done it by then. " +
  'The line "then a message each way" has it done in all of them.',
  "Kept in sotto: that a peer's DSA key was checked, and tables for bases that come back (a key's g and y, SMP's " +
  'generators). Every key exchange but the line "with new DSA keys" is with a peer that this process has met before; the ' +
  "other engines keep nothing of the kind, so that their time is the same either way. In SMP both parties share three " +
  "tables here because they share a process: two processes would spend about 3 ms more in all.",
  "Not counted as done: sotto can make its next D-H key pair while it is idle, and does so in a chat; here it never is.",
  "Beyond the ranges of the specification sotto checks that a D-H key generates the subgroup of prime order, and the " +
  "order of a DSA key's g and y: work that a comparison does not show.",
  "sotto means its time not to depend on a secret exponent. libgcrypt gets its numbers in secure memory, as libotr " +
  "gives them to it. Go's math/big and otr.js take the time that the exponent needs.",
  "otr.js sends from timers, whose waiting is not counted; its failed key exchanges (one in sixteen) are dropped.",
];
