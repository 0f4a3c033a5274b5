/** Draws every transition table of the protocol cores into docs/state_machines. */
import { type DiagramPage, writePage } from "./diagrams/mermaid.ts";
import { readStateTable } from "./diagrams/state_table.ts";

const ROOT = new URL("../", import.meta.url);

interface Machine extends Omit<DiagramPage, "table"> {
  /** Name of the page. */
  readonly page: string;
  /** Where the table begins in the source. */
  readonly start: RegExp;
}

const RETURNED = /^ {2}return \{\n(?= {4}\w+: \{)/m;

const MACHINES: readonly Machine[] = [
  {
    page: "otr_ake",
    title: "OTR: authenticated key exchange",
    path: "lib/otr/ake/ake_state.ts",
    clause: "OTR version 3, “The protocol state machine”",
    initial: "AUTHSTATE_NONE",
    start: /const AKE_TRANSITIONS[^=]*= \{\n/,
  },
  {
    page: "otr_smp",
    title: "OTR: socialist millionaires' protocol",
    path: "lib/otr/smp/smp_state.ts",
    clause: "OTR version 3, “The SMP state machine”",
    initial: "SMPSTATE_EXPECT1",
    start: /const SMP_TRANSITIONS[^=]*= \{\n/,
  },
  {
    page: "sip_invite_client",
    title: "SIP: INVITE client transaction",
    path: "lib/sip/transaction/invite_client.ts",
    clause: "RFC 3261 §17.1.1, RFC 6026 §8.4",
    initial: "Calling",
    start: RETURNED,
  },
  {
    page: "sip_invite_server",
    title: "SIP: INVITE server transaction",
    path: "lib/sip/transaction/invite_server.ts",
    clause: "RFC 3261 §17.2.1, RFC 6026 §8.5",
    initial: "Proceeding",
    start: RETURNED,
  },
  {
    page: "sip_non_invite_client",
    title: "SIP: non-INVITE client transaction",
    path: "lib/sip/transaction/non_invite_client.ts",
    clause: "RFC 3261 §17.1.2",
    initial: "Trying",
    start: RETURNED,
  },
  {
    page: "sip_non_invite_server",
    title: "SIP: non-INVITE server transaction",
    path: "lib/sip/transaction/non_invite_server.ts",
    clause: "RFC 3261 §17.2.2",
    initial: "Trying",
    start: RETURNED,
  },
];

/** Every page as it ought to be, by its path from the root. */
export function drawStateMachines(read: (path: string) => string): Map<string, string> {
  const pages = new Map<string, string>();
  const rows: string[] = [];
  for (const machine of MACHINES) {
    const table = readStateTable(read(machine.path), machine.start);
    pages.set(`docs/state_machines/${machine.page}.md`, writePage({ ...machine, table }));
    const size = `${table.states.length} states, ${table.inputs.length} inputs`;
    rows.push(`| [${machine.title}](${machine.page}.md) | ${size} | ${machine.clause} |`);
  }
  pages.set(
    "docs/state_machines/README.md",
    `# State machines

Drawn from the transition tables in the source by \`deno task diagrams\`; do not edit. A test compares them.

| Machine | | Clause |
|---|---|---|
${rows.join("\n")}
`,
  );
  return pages;
}

if (import.meta.main) {
  await Deno.mkdir(new URL("docs/state_machines", ROOT), { recursive: true });
  const pages = drawStateMachines((path) => Deno.readTextFileSync(new URL(path, ROOT)));
  for (const [path, text] of pages) await Deno.writeTextFile(new URL(path, ROOT), text);
}
