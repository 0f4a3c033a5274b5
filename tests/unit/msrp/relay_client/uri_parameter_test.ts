import { assertEquals } from "@std/assert";
import {
  parseMsrpUri,
  type RelayPathRefused,
  UriParameterMemory,
} from "../../../../lib/msrp/mod.ts";

const relay = parseMsrpUri("msrps://relay.example:2855;tcp");

Deno.test("UriParameterMemory.choose() begins with uri, and keeps to what was learned", () => {
  const memory = new UriParameterMemory(2);
  assertEquals([memory.choose(relay), memory.isKnown(relay)], ["yes", false]);
  memory.learn(relay, "no");
  assertEquals(memory.choose(parseMsrpUri("msrps://RELAY.example:2855;tcp")), "probably-not");
  assertEquals(memory.choose(parseMsrpUri("msrps://relay.example:2856;tcp")), "yes");
  memory.learn(relay, "yes");
  assertEquals([memory.choose(relay), memory.isKnown(relay)], ["yes", true]);
  memory.learn(parseMsrpUri("msrps://b.example;tcp"), "no");
  memory.learn(parseMsrpUri("msrps://c.example;tcp"), "no");
  assertEquals(memory.isKnown(relay), false, "the oldest goes");
});

Deno.test("UriParameterMemory.isWorthWithout() only after silence to credentials with uri", () => {
  const refusal: RelayPathRefused = {
    type: "relay-refused",
    authorization: "a",
    relay,
    index: 0,
    cause: "connection",
    code: 0,
    comment: "",
    credentials: "with-uri",
  };
  const table: [Partial<RelayPathRefused>, boolean][] = [
    [{}, true],
    [{ cause: "no-answer" }, true],
    [{ cause: "credentials" }, false],
    [{ cause: "refused" }, false],
    [{ cause: "fault" }, false],
    [{ credentials: "none" }, false],
    [{ credentials: "without-uri" }, false],
    [{ remaining: 60_000 }, false],
  ];
  for (const [more, isWorth] of table) {
    assertEquals(UriParameterMemory.isWorthWithout({ ...refusal, ...more }), isWorth);
  }
});
