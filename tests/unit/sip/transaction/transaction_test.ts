import { assertEquals } from "@std/assert";
import { TransactionMachine } from "../../../../lib/sip/transaction/machine.ts";
import { DEFAULT_TIMERS } from "../../../../lib/sip/transaction/timers.ts";
import { Transaction } from "../../../../lib/sip/transaction/transaction.ts";

type State = "Trying" | "Terminated";
type Stimulus = "timer-F" | "transport-error";

class Example extends Transaction<State, Stimulus> {
  constructor() {
    const fail = (): State => "Terminated";
    const table = {
      Trying: { "timer-F": fail, "transport-error": fail },
      Terminated: { "timer-F": "ignore", "transport-error": "ignore" },
    } as const;
    super(new TransactionMachine<State, Stimulus>(table, "Trying", DEFAULT_TIMERS, false));
  }

  begin(): void {
    this.machine.begin(0, (step) => step.start("F"));
  }
}

Deno.test("Transaction shows its machine's state and deadline, and hands on what time brings", () => {
  const example = new Example();
  assertEquals([example.state, example.deadline], ["Trying", undefined]);
  example.begin();
  assertEquals(example.deadline, 32_000);
  example.handleTimeout(31_999);
  assertEquals(example.state, "Trying");
  example.handleTimeout(32_000);
  assertEquals([example.state, example.deadline], ["Terminated", undefined]);
});

Deno.test("Transaction.receiveTransportError() moves the machine", () => {
  const example = new Example();
  example.begin();
  example.receiveTransportError(1);
  assertEquals([example.state, example.deadline], ["Terminated", undefined]);
});
