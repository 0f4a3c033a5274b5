import { assertEquals } from "@std/assert";
import { NO_BODY, type SipRequest, type SipResponse } from "../../../../lib/sip/mod.ts";
import {
  isTooShort,
  minimumOf,
  sessionExpiresOf,
  SessionTimer,
} from "../../../../lib/sip/user_agent/session_timer.ts";

type Fields = Readonly<Record<string, string>>;

function request(fields: Fields): SipRequest {
  return {
    kind: "request",
    method: "UPDATE",
    requestUri: "sip:a",
    headers: of(fields),
    body: NO_BODY,
  };
}

function response(fields: Fields = {}): SipResponse {
  return { kind: "response", status: 200, reason: "", headers: of(fields), body: NO_BODY };
}

function of(fields: Fields) {
  return Object.entries(fields).map(([name, value]) => ({ name, value }));
}

function written(timer: SessionTimer): string[] {
  return timer.requestFields().map((it) => `${it.name}: ${it.value}`);
}

Deno.test("sessionExpiresOf() reads the interval and the refresher, or nothing", () => {
  const read = (value: string) => sessionExpiresOf(request({ "Session-Expires": value }));
  assertEquals(read("1800"), { interval: 1800, refresher: undefined });
  assertEquals(read(" 90 ; x=y; Refresher = UAS "), { interval: 90, refresher: "uas" });
  assertEquals(read("90;refresher=nobody"), { interval: 90, refresher: undefined });
  for (const value of ["", "x", "-1", "90 uac", "99999999999"]) {
    assertEquals(read(value), undefined);
  }
  assertEquals(sessionExpiresOf(request({})), undefined);
});

Deno.test("minimumOf() is 90 where nothing more is said", () => {
  const read = (value: string) => minimumOf(request({ "Min-SE": value }));
  assertEquals(["60", "90", "120;x", "z", ""].map(read), [90, 90, 120, 90, 90]);
});

Deno.test("isTooShort() refuses only who can understand it", () => {
  const short = { "Session-Expires": "89" };
  assertEquals(isTooShort(request({ ...short, "Supported": "100rel, timer" })), true);
  assertEquals(isTooShort(request(short)), false);
  assertEquals(isTooShort(request({ "Session-Expires": "90", "Supported": "timer" })), false);
  assertEquals(isTooShort(request({ "Supported": "timer" })), false);
});

/** Table 2 of §9: does the caller support timers, whom it names, whom we name. */
const TABLE_2 = [
  [false, "", "uas", false],
  [true, "", "uac", true],
  [true, ";refresher=uac", "uac", true],
  [true, ";refresher=uas", "uas", true],
] as const;

for (const [supports, named, expected, requires] of TABLE_2) {
  Deno.test(`SessionTimer.answer() names ${expected} when ${supports ? "one" : "none"} with timers says "${named}"`, () => {
    const timer = new SessionTimer();
    const supported: Fields = supports ? { "Supported": "timer" } : {};
    const fields = timer.answer(request({ ...supported, "Session-Expires": `600${named}` }), 0);
    assertEquals(fields.map((it) => `${it.name}: ${it.value}`), [
      `Session-Expires: 600;refresher=${expected}`,
      ...requires ? ["Require: timer"] : [],
    ]);
    assertEquals([timer.interval, timer.isRefresher], [600, expected === "uas"]);
    assertEquals(timer.deadline, expected === "uas" ? 300_000 : 568_000);
  });
}

Deno.test("SessionTimer.receiveSuccess() takes what the response says", () => {
  for (
    const [value, refresher] of [["600;refresher=uac", true], ["600;refresher=uas", false], [
      "600",
      true,
    ]] as const
  ) {
    const timer = new SessionTimer();
    timer.receiveSuccess(response({ "Session-Expires": value }), 1000);
    assertEquals([timer.interval, timer.isRefresher], [600, refresher]);
  }
});

Deno.test("SessionTimer.receiveSuccess() without a word means: alone if we wanted, off if not", () => {
  const wanting = new SessionTimer(1800);
  wanting.receiveSuccess(response(), 0);
  assertEquals([wanting.interval, wanting.isRefresher, wanting.deadline], [1800, true, 900_000]);
  const other = new SessionTimer();
  other.receiveSuccess(response({ "Session-Expires": "600" }), 0);
  other.receiveSuccess(response(), 0);
  assertEquals([other.interval, other.deadline], [undefined, undefined]);
});

Deno.test("SessionTimer.handleTimeout() refreshes at half, and expires a third or 32 s early", () => {
  for (
    const [interval, refresh, expire] of [[90, 45_000, 60_000], [96, 48_000, 64_000], [
      600,
      300_000,
      568_000,
    ]] as const
  ) {
    const timer = new SessionTimer(interval);
    timer.receiveSuccess(response(), 0);
    assertEquals(timer.deadline, refresh);
    assertEquals([timer.handleTimeout(refresh - 1), timer.handleTimeout(refresh)], [
      undefined,
      "refresh",
    ]);
    assertEquals(timer.deadline, expire);
    timer.postpone(expire + 1);
    assertEquals(timer.deadline, expire);
    timer.postpone(expire - 5);
    assertEquals(timer.deadline, expire - 5);
    assertEquals(timer.handleTimeout(expire), "expire");
    assertEquals(timer.deadline, undefined);
  }
});

Deno.test("SessionTimer.requestFields() asks, keeps the roles, and goes up to what a 422 wants", () => {
  const timer = new SessionTimer(1800);
  assertEquals(written(timer), ["Session-Expires: 1800"]);
  assertEquals(timer.receiveTooShort(response({ "Min-SE": "1800" })), false);
  assertEquals(timer.receiveTooShort(response({ "Min-SE": "3600" })), true);
  assertEquals(written(timer), ["Session-Expires: 3600", "Min-SE: 3600"]);
  assertEquals(timer.receiveTooShort(response({ "Min-SE": "3600" })), false);
  assertEquals(timer.receiveTooShort(response({ "Min-SE": "999999" })), false);
  timer.receiveSuccess(response({ "Session-Expires": "3600;refresher=uas" }), 0);
  assertEquals(written(timer), ["Session-Expires: 3600;refresher=uas", "Min-SE: 3600"]);
  timer.receiveRequest(request({ "Min-SE": "4000" }));
  timer.receiveRequest(request({}));
  assertEquals(written(timer), ["Session-Expires: 4000;refresher=uas", "Min-SE: 4000"]);
  assertEquals(written(new SessionTimer()), []);
});

Deno.test("SessionTimer does not let itself be hurried below 90 s", () => {
  const timer = new SessionTimer();
  timer.answer(request({ "Session-Expires": "0" }), 0);
  assertEquals([timer.interval, timer.deadline], [90, 45_000]);
});
