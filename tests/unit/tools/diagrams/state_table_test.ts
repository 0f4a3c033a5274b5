import { assertEquals, assertThrows } from "@std/assert";
import { readStateTable } from "../../../../tools/diagrams/state_table.ts";

const SOURCE = `
export const NONE: Idle = { name: "IDLE" };

export const TRANSITIONS: Table = {
  IDLE: {
    // A comment.
    "start-line": begin,
    stop: "ignore",
  },
  BUSY: {
    "start-line": choose,
    stop: (step) => {
      step.act("x");
      return "DONE";
    },
  },
  DONE: {
    "start-line": fail("BUSY"),
    stop: repeat,
  },
};

export const OTHER = {
  LATER: {
    stop: begin,
  },
};

function begin(state: State): Step {
  wipe(state);
  return { next: { name: "BUSY" } };
}

function choose(state: State): Step {
  if (state.again) return { next: state };
  return state.done ? { next: NONE } : begin(state);
}

const repeat = (): Step => ({ next: { ...state, count: 1 } });

function wipe(state: State): void {
  if (state.name === "DONE") return;
}
`;

Deno.test("readStateTable() reads states, inputs, words and where handlers lead", () => {
  const table = readStateTable(SOURCE, /const TRANSITIONS[^=]*= \{\n/);
  assertEquals(table.states, ["IDLE", "BUSY", "DONE"]);
  assertEquals(table.inputs, ["start-line", "stop"]);
  assertEquals([...table.words], [["IDLE stop", "ignore"]]);
  assertEquals(table.transitions, [
    { from: "IDLE", input: "start-line", to: ["BUSY"], handler: "begin" },
    { from: "BUSY", input: "start-line", to: ["IDLE", "BUSY"], handler: "choose" },
    { from: "BUSY", input: "stop", to: ["DONE"], handler: undefined },
    { from: "DONE", input: "start-line", to: ["BUSY"], handler: "fail" },
    { from: "DONE", input: "stop", to: ["DONE"], handler: "repeat" },
  ]);
});

Deno.test("readStateTable() says when there is no table", () => {
  assertThrows(() => readStateTable(SOURCE, /const MISSING/), RangeError, "no table at");
});
