import { assertEquals } from "@std/assert";
import { headerValues } from "../../../../lib/sip/mod.ts";
import { bestResponse } from "../../../../lib/sip/server/best_response.ts";
import { response } from "../../../helpers/sip_messages.ts";

const best = (...statuses: readonly number[]) =>
  bestResponse(statuses.map((it) => response(it, "INVITE")))?.status;

Deno.test("bestResponse() prefers 6xx, then the lowest class, then what helps to ask better", () => {
  assertEquals(best(), undefined);
  assertEquals(best(404, 603, 302), 603);
  assertEquals(best(500, 486, 302), 302);
  assertEquals(best(480, 484, 420, 415, 407), 407);
  assertEquals(best(486, 404), 486);
  assertEquals(best(408, 480), 480);
  assertEquals(best(503, 502), 502);
});

Deno.test("bestResponse() makes 500 of a 503 that is all there is, and forgets when to come back", () => {
  const busy = response(503, "INVITE");
  const headers = [...busy.headers, { name: "Retry-After", value: "30" }];
  const chosen = bestResponse([{ ...busy, headers }]);
  assertEquals([chosen?.status, chosen?.reason], [500, "Server Internal Error"]);
  assertEquals(chosen && headerValues(chosen, "Retry-After"), []);
});

Deno.test("bestResponse() collects the challenges of all, unchanged, and of nobody else", () => {
  const challenge = (status: number, name: string, value: string) => {
    const it = response(status, "INVITE");
    return { ...it, headers: [...it.headers, { name, value }] };
  };
  const chosen = bestResponse([
    challenge(407, "Proxy-Authenticate", "Digest a"),
    challenge(486, "WWW-Authenticate", "Digest stray"),
    challenge(401, "WWW-Authenticate", "Digest b"),
  ]);
  assertEquals(chosen?.status, 401);
  assertEquals(chosen && headerValues(chosen, "WWW-Authenticate"), ["Digest b"]);
  assertEquals(chosen && headerValues(chosen, "Proxy-Authenticate"), ["Digest a"]);
});
