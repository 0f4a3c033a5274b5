import { assertEquals, assertRejects } from "@std/assert";
import { SottoError } from "../../../lib/base/errors.ts";
import { parseMsrpUri } from "../../../lib/msrp/mod.ts";
import { SystemClock } from "../../../lib/session/clock.ts";
import { connectToPeer } from "../../../lib/session/msrp_connect.ts";
import { listenTcp } from "../../../lib/transport/mod.ts";
import { ManualClock } from "../../helpers/manual_clock.ts";

const access = { expected: [], certificate: undefined, ca: undefined };

/** A path that leads to `port`, and how it is opened. */
function to(port: number, via?: { readonly host: string; readonly port: number }) {
  const uri = parseMsrpUri(`msrp://127.0.0.1:${port}/abc;tcp`);
  const signal = new AbortController().signal;
  return [uri, { role: "active", remotePath: [uri], acceptTypes: ["*"], signal, via }] as const;
}

Deno.test("connectToPeer() goes by the path, by the middlebox, and by the path where there is none", async () => {
  const [path, box] = [
    await listenTcp({ host: "127.0.0.1", port: 0 }),
    await listenTcp({ host: "127.0.0.1", port: 0 }),
  ];
  const clock = new SystemClock();
  const nowhere = { host: "127.0.0.1", port: 1 };
  for (const [via, port] of [[undefined, path], [box.local, box], [nowhere, path]] as const) {
    const stream = await connectToPeer(...to(path.local.port, via), { ...access, clock });
    assertEquals(stream.remote.port, port.local.port);
    await stream.close();
  }
  await Promise.all([path.close(), box.close()]);
});

Deno.test("connectToPeer() says of the path why it cannot be reached", async () => {
  const clock = new ManualClock();
  const nowhere = { host: "127.0.0.1", port: 1 };
  const error = await assertRejects(
    () => connectToPeer(...to(2, nowhere), { ...access, clock }),
    SottoError,
    "127.0.0.1:2",
  );
  assertEquals(error.code, "transport/refused");
});

Deno.test("connectToPeer() ends with its signal, and does not try the path then", async () => {
  const [uri, opening] = to(2, { host: "127.0.0.1", port: 1 });
  const signal = AbortSignal.abort(new SottoError("session/ended", "over"));
  const error = await assertRejects(
    () => connectToPeer(uri, { ...opening, signal }, { ...access, clock: new ManualClock() }),
    SottoError,
  );
  assertEquals(error.code, "session/ended");
});
