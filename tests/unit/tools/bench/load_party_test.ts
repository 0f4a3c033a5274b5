import { assertEquals } from "@std/assert";
import { LoadParty } from "../../../../tools/bench/load_party.ts";

Deno.test("LoadParty holds the sessions that another opens, and delivers what is said", async () => {
  await using holder = new LoadParty("holder", "tcp");
  await using caller = new LoadParty("caller", "tcp");
  const [theirs, ours] = await Promise.all(
    [holder, caller].map((it) => it.carryOut({ do: "prepare", sessions: 3 })),
  ) as { paths: string[] }[];
  const opened = await Promise.all([
    holder.carryOut({ do: "open", paths: ours?.paths ?? [] }),
    caller.carryOut({ do: "open", paths: theirs?.paths ?? [] }),
  ]);
  assertEquals(opened, [{ open: 3 }, { open: 3 }]);
  const talk = await caller.carryOut({ do: "chat", sessions: 2, seconds: 0.1, rate: 0 }) as {
    sent: number;
    failed: number;
    ms: number[];
  };
  assertEquals([talk.failed, talk.sent > 0, talk.sent === talk.ms.length], [0, true, true]);
  const memory = await holder.carryOut({ do: "memory" }) as { rss: number };
  assertEquals(memory.rss > 1_000_000, true);
  assertEquals((await holder.carryOut({ do: "cpu" }) as { ms: number }).ms > 0, true);
});
