import { assertEquals } from "@std/assert";
import { BotHouse, type LabBot } from "../../../lib/lab/bot_house.ts";
import { platformRandom, SystemClock } from "../../../lib/session/mod.ts";
import { openSip, placeSession } from "../../helpers/chat_session_setup.ts";

/** Refuses everybody in its own words. */
function refuser(user: string): LabBot & { readonly callers: string[] } {
  const callers: string[] = [];
  return {
    user,
    callers,
    take: async (call) => {
      callers.push(call.requestUri.user ?? "");
      await call.reject(480, `From ${user}`);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function openHouse(bots: readonly LabBot[]): Promise<BotHouse> {
  return await BotHouse.open({
    listen: [{ host: "127.0.0.1", port: 0, transport: "udp" }],
    bots,
    clock: new SystemClock(),
    random: platformRandom,
    userAgent: "test",
  });
}

async function statusOf(house: BotHouse, user: string): Promise<number | undefined> {
  await using sip = await openSip(false);
  const uri = house.uris[0]?.replace("sip:", user === "" ? "sip:" : `sip:${user}@`) ?? "";
  await using alice = placeSession(sip, uri, { encryption: "off" });
  await alice.session.ended;
  return alice.only("call").find((it) => it.state === "rejected")?.status;
}

Deno.test("BotHouse hands a call to the bot that it names, in whatever case", async () => {
  const [left, right] = [refuser("left"), refuser("right")];
  await using house = await openHouse([left, right]);
  assertEquals(await statusOf(house, "left"), 480);
  assertEquals(await statusOf(house, "RIGHT"), 480);
  assertEquals([left.callers, right.callers], [["left"], ["RIGHT"]]);
});

Deno.test("BotHouse answers 404 to a call for nobody that it knows", async () => {
  await using house = await openHouse([refuser("left")]);
  assertEquals(await statusOf(house, "nobody"), 404);
  assertEquals(await statusOf(house, ""), 404);
});
