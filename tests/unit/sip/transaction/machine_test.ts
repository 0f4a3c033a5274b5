/** The machine under the four tables: timers in order, actions in order. */
import { assertEquals } from "@std/assert";
import {
  TransactionMachine,
  type TransitionTable,
} from "../../../../lib/sip/transaction/machine.ts";
import { UNIT_TIMERS } from "../../../helpers/sip_messages.ts";

type State = "Running" | "Terminated";
type Stimulus = "go" | "timer-A" | "timer-B";

const TABLE: TransitionTable<State, Stimulus> = {
  Running: {
    go: (step) => {
      step.start("B");
      return "Running";
    },
    "timer-A": (step) => {
      step.act({ type: "timed-out" });
      step.restart("A", 4, 3);
      return "Running";
    },
    "timer-B": () => "Terminated",
  },
  Terminated: { go: "ignore", "timer-A": "ignore", "timer-B": "ignore" },
};

function machine(isReliable = false): TransactionMachine<State, Stimulus> {
  return new TransactionMachine(TABLE, "Running", UNIT_TIMERS, isReliable);
}

Deno.test("TransactionMachine fires timers in the order of their times, and doubles within bounds", () => {
  const it = machine();
  it.begin(0, (step) => step.start("A"));
  assertEquals(it.deadline, 1);
  assertEquals(it.handleTimeout(0.9), []);
  assertEquals(it.handleTimeout(1).length, 1);
  assertEquals(it.deadline, 4); // Twice 1 is below the least of 3.
  it.handleTimeout(4);
  assertEquals(it.deadline, 8); // Twice 3 is above the most of 4.
});

Deno.test("TransactionMachine runs no timer that its transport does not need", () => {
  const it = machine(true);
  it.begin(0, (step) => step.start("A"));
  assertEquals(it.deadline, undefined);
});

Deno.test("TransactionMachine stops every timer when it is terminated", () => {
  const it = machine();
  it.begin(0, (step) => step.start("A"));
  it.stimulate("go", 0);
  it.handleTimeout(64);
  assertEquals([it.state, it.deadline], ["Terminated", undefined]);
  assertEquals(it.stimulate("go", 65), []);
});

Deno.test("TransactionMachine stops the timers that a handler names", () => {
  const it = machine();
  it.begin(0, (step) => {
    step.start("A");
    step.start("B");
    step.stop("A");
  });
  assertEquals(it.deadline, 64);
});
