/** State tables as Mermaid diagrams and as tables, in one page of Markdown. */
import type { StateTable } from "./state_table.ts";

/** What a page is about. */
export interface DiagramPage {
  readonly title: string;
  /** The source that the machine was read from, relative to the root. */
  readonly path: string;
  /** Clause of the specification. */
  readonly clause: string;
  readonly initial: string;
  readonly table: StateTable;
}

/** One page: the diagram, then every state with every input. */
export function writePage({ title, path, clause, initial, table }: DiagramPage): string {
  const edges = new Map<string, string[]>();
  for (const { from, input, to } of table.transitions) {
    for (const target of to) {
      const key = `${from} --> ${target}`;
      edges.set(key, [...edges.get(key) ?? [], input]);
    }
  }
  const diagram = [...edges].map(([edge, inputs]) => `    ${edge} : ${inputs.join(" / ")}`);
  const head = `| | ${table.inputs.map((it) => `\`${it}\``).join(" | ")} |`;
  const rule = `|---|${table.inputs.map(() => "---|").join("")}`;
  const rows = table.states.map((state) => {
    const cells = table.inputs.map((input) => cellText(table, state, input));
    return `| **${state}** | ${cells.join(" | ")} |`;
  });
  return `# ${title}

${clause}. Drawn from the table in [${path}](../../${path}) by \`deno task diagrams\`; do not edit.

\`\`\`mermaid
stateDiagram-v2
    [*] --> ${initial}
${diagram.join("\n")}
\`\`\`

${[head, rule, ...rows].join("\n")}
`;
}

function cellText(table: StateTable, state: string, input: string): string {
  const word = table.words.get(`${state} ${input}`);
  if (word !== undefined) return word === "ignore" ? "·" : word;
  const transition = table.transitions.find((it) => it.from === state && it.input === input);
  if (transition === undefined) return "";
  const to = transition.to.map((it) => it === state ? "stays" : `→ ${it}`).join(" or ");
  return transition.handler === undefined ? to : `${transition.handler}: ${to}`;
}
