/**
 * Reads transition tables out of formatted source: an object literal from state to input to a
 * handler or a word, as docs/STYLE.md has them. What a handler leads to is read from the state
 * names in its text. This serves drawings; the compiler and the tests judge the tables.
 */

/** One cell that does something. */
export interface Transition {
  readonly from: string;
  readonly input: string;
  /** Where the handler may lead; never empty. */
  readonly to: readonly string[];
  /** The handler's name, or `undefined` when it stands in the table itself. */
  readonly handler: string | undefined;
}

/** A machine as its table says. */
export interface StateTable {
  readonly states: readonly string[];
  readonly inputs: readonly string[];
  readonly transitions: readonly Transition[];
  /** The words that stand in cells without handler, such as `ignore`, by `state input`. */
  readonly words: ReadonlyMap<string, string>;
}

/** `STATE: {` of a table, and `input: cell,` below it; both are indented by deno fmt. */
const STATE_LINE = /^( +)"?([\w-]+)"?: \{$/;
const CELL_LINE = /^ +(?:"([^"]+)"|([\w$]+)): (.*)$/;
/** How deep handlers may call one another. */
const DEPTH = 4;
/** Stands for the state that the handler was given. */
const SELF = "=";

/**
 * The table that begins at `start` in `source`.
 * @throws {RangeError} when there is no table.
 */
export function readStateTable(source: string, start: RegExp): StateTable {
  const begin = start.exec(source);
  if (begin === null) throw new RangeError(`no table at ${start}`);
  const cells = readCells(source.slice(begin.index + begin[0].length).split("\n"));
  const states = [...new Set(cells.map((it) => it.from))];
  const transitions: Transition[] = [];
  const words = new Map<string, string>();
  for (const { from, input, text } of cells) {
    const word = /^"([\w-]+)"$/.exec(text)?.[1];
    if (word !== undefined) {
      words.set(`${from} ${input}`, word);
      continue;
    }
    const reached = statesReached(text, source, states, DEPTH);
    const to = states.filter((it) => reached.has(it) || (it === from && reached.has(SELF)));
    const handler = /^(\w+)(\(.*\))?$/.exec(text)?.[1];
    transitions.push({ from, input, to: to.length === 0 ? [from] : to, handler });
  }
  return { states, inputs: [...new Set(cells.map((it) => it.input))], transitions, words };
}

interface CellText {
  readonly from: string;
  readonly input: string;
  readonly text: string;
}

function readCells(lines: readonly string[]): CellText[] {
  const cells: CellText[] = [];
  let from: string | undefined;
  let indent = "";
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    const state = STATE_LINE.exec(line);
    if (from === undefined && state !== null) {
      [, indent = "", from = ""] = state;
    } else if (from !== undefined && line === `${indent}},`) {
      from = undefined;
    } else if (from === undefined && /^ *\};?$/.test(line)) {
      break; // The table ends.
    } else if (from !== undefined) {
      const cell = CELL_LINE.exec(line);
      if (cell === null) continue; // A comment.
      let text = cell[3] ?? "";
      // A handler that stands in the table goes on until a line closes it.
      while (!text.endsWith(",")) text += `\n${lines[++at] ?? ""}`;
      while (/[({]$/m.test(text) && !isBalanced(text)) text += `\n${lines[++at] ?? ""}`;
      cells.push({ from, input: cell[1] ?? cell[2] ?? "", text: text.slice(0, -1).trim() });
    }
  }
  return cells;
}

function isBalanced(text: string): boolean {
  let depth = 0;
  for (const character of text) {
    if ("({[".includes(character)) depth++;
    else if (")}]".includes(character)) depth--;
  }
  return depth === 0;
}

/** State names in `text`, in constants that it names, and in functions of `source` that it calls. */
function statesReached(
  text: string,
  source: string,
  states: readonly string[],
  depth: number,
): Set<string> {
  const reached = new Set<string>();
  if (/\bnext: (?:state\b|\{ \.\.\.state\b)/.test(text)) reached.add(SELF);
  for (const [, literal = ""] of text.matchAll(/"([\w-]+)"/g)) {
    if (states.includes(literal)) reached.add(literal);
  }
  for (const [, name = ""] of text.matchAll(/\b(?:next: |return )([A-Z][A-Z0-9_]+)\b/g)) {
    const named = new RegExp(`const ${name}\\b[^;]*name: "([\\w-]+)"`).exec(source)?.[1];
    if (named !== undefined) reached.add(named);
  }
  if (depth > 0) {
    // Only a call whose result is handed on decides where the machine goes.
    const isName = /^\w+(\(.*\))?$/.test(text);
    const called = isName
      ? [text.replace(/\(.*$/, "")]
      : [...text.matchAll(/(?:\breturn|\?|:|=>)\s+(\w+)\(/g)].map(([, it = ""]) => it);
    for (const name of called) {
      // A handler made for one state names that state at its call.
      if (isName && text.includes('("')) continue;
      const body = bodyOf(name, source);
      if (body === undefined || body === text) continue;
      for (const state of statesReached(body, source, states, depth - 1)) reached.add(state);
    }
  }
  return reached;
}

/** Text of the function `name` from its parameters' end, where it belongs to this source. */
function bodyOf(name: string, source: string): string | undefined {
  const begin = new RegExp(`^( *)(?:export )?(?:function ${name}\\b|const ${name} = \\()`, "m")
    .exec(source);
  if (begin === null) return undefined;
  const rest = source.slice(begin.index);
  const lines = rest.split("\n");
  const indent = begin[1] ?? "";
  // A one-line function ends with its line; others with a brace at their own indent.
  const end = lines[0]?.endsWith(";")
    ? 0
    : lines.findIndex((it, at) => at > 0 && (it === `${indent}}` || it === `${indent}};`));
  return lines.slice(0, end + 1).join("\n").replace(/^[^(]*/, "");
}
