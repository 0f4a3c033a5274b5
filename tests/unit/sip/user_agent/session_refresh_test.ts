/** Corners of refreshing a session. Clauses are in tests/conformance/rfc4028. */
import { assertEquals } from "@std/assert";
import { SottoError } from "../../../../lib/base/errors.ts";
import { responseText, ScriptedSip } from "../../../helpers/scripted_sip.ts";

const ALLOW = "Allow: UPDATE";

Deno.test("SessionRefresh tries again after a transport error, while the session lasts", () => {
  const it = new ScriptedSip({ sessionExpires: 600 });
  it.placed({}, { headers: [ALLOW] });
  it.advance(300_000);
  const { transaction = "" } = it.lastRequest("UPDATE");
  it.take(
    it.core.receiveTransportError(transaction, new SottoError("transport/reset", ""), it.now),
  );
  it.said();
  it.advance(10_000);
  assertEquals(it.said(), ["UPDATE"]);
});

Deno.test("SessionRefresh does not go on after the call was ended", () => {
  const it = new ScriptedSip({ sessionExpires: 600 });
  const call = it.placed({}, { headers: [ALLOW] });
  it.advance(300_000);
  const { message } = it.lastRequest("UPDATE");
  it.take(it.core.hangUp(call, it.now));
  it.receive(responseText(message, 500));
  it.receive(responseText(it.lastRequest("BYE").message, 200));
  it.said();
  it.advance(1_000_000);
  assertEquals(it.said(), []);
  assertEquals(it.heard(), [{ type: "ended", by: "local", reason: "bye" }]);
});

Deno.test("SessionRefresh does not follow 422 without end", () => {
  const it = new ScriptedSip({ sessionExpires: 600 });
  it.placed({}, { headers: [ALLOW] });
  it.advance(300_000);
  for (const least of [700, 800, 900, 1000]) {
    const { message } = it.lastRequest("UPDATE");
    it.receive(responseText(message, 422, { headers: [`Min-SE: ${least}`] }));
  }
  assertEquals(it.said(), ["UPDATE", "UPDATE", "UPDATE"]);
});
