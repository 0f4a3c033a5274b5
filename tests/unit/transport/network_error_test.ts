import { assertEquals, assertRejects } from "@std/assert";
import { SottoError } from "../../../lib/base/errors.ts";
import {
  networkError,
  orNetworkError,
  plainHost,
  showHostPort,
} from "../../../lib/transport/network_error.ts";

const nodeError = (code: string): Error => Object.assign(new Error(`${code} happened`), { code });

Deno.test("networkError() gives both libraries' errors one code each", () => {
  const cases: [Error, string][] = [
    [new Deno.errors.ConnectionRefused("x"), "transport/refused"],
    [nodeError("ECONNREFUSED"), "transport/refused"],
    [new Deno.errors.ConnectionReset("x"), "transport/reset"],
    [nodeError("ECONNRESET"), "transport/reset"],
    [new Deno.errors.BrokenPipe("x"), "transport/reset"],
    [nodeError("EPIPE"), "transport/reset"],
    [new Deno.errors.TimedOut("x"), "transport/timeout"],
    [nodeError("ETIMEDOUT"), "transport/timeout"],
    [new Deno.errors.AddrInUse("x"), "transport/address-in-use"],
    [nodeError("EADDRINUSE"), "transport/address-in-use"],
    [new Deno.errors.AddrNotAvailable("x"), "transport/address-not-available"],
    [nodeError("EADDRNOTAVAIL"), "transport/address-not-available"],
    [new Deno.errors.PermissionDenied("x"), "transport/not-permitted"],
    [nodeError("EACCES"), "transport/not-permitted"],
    [new Deno.errors.BadResource("x"), "transport/closed"],
    [nodeError("EMSGSIZE"), "transport/datagram-too-large"],
    [nodeError("ENETUNREACH"), "transport/unreachable"],
    [new Error("Network is unreachable (os error 101)"), "transport/unreachable"],
    [nodeError("ENOTFOUND"), "transport/name-not-found"],
    [
      new Error("failed to lookup address information: Name or service not known"),
      "transport/name-not-found",
    ],
    [nodeError("ERR_SSL_NO_SHARED_CIPHER"), "transport/tls-handshake"],
    [new Error("what is this"), "transport/failed"],
  ];
  for (const [error, code] of cases) {
    const mapped = networkError(error, "cannot connect to 192.0.2.1:9");
    assertEquals([mapped.code, mapped.cause], [code, error] as never);
    assertEquals(mapped.message.startsWith("cannot connect to 192.0.2.1:9: "), true);
  }
});

Deno.test("networkError() leaves an error alone that already has a code, and takes any value", () => {
  const error = new SottoError("transport/closed", "x");
  assertEquals(networkError(error, "y"), error);
  assertEquals(networkError("text", "cannot z").message, "cannot z: text");
});

Deno.test("orNetworkError() prefers the signal's own reason", async () => {
  const reason = new Error("enough");
  const abort = new AbortController();
  const fails = (): Promise<never> => {
    abort.abort(reason);
    return Promise.reject(new Deno.errors.Interrupted("x"));
  };
  assertEquals(await assertRejects(() => orNetworkError("d", abort.signal, fails)), reason);
  // Aborted before: nothing is attempted.
  assertEquals(
    await assertRejects(() => orNetworkError("d", abort.signal, () => Promise.resolve())),
    reason,
  );
});

Deno.test("showHostPort() and plainHost() know the shapes of addresses", () => {
  assertEquals(showHostPort({ host: "192.0.2.1", port: 5 }), "192.0.2.1:5");
  assertEquals(showHostPort({ host: "2001:db8::1", port: 5 }), "[2001:db8::1]:5");
  assertEquals(plainHost("[2001:db8::1]"), "2001:db8::1");
  assertEquals(plainHost("::ffff:192.0.2.1"), "192.0.2.1");
  assertEquals(plainHost("example.org"), "example.org");
});
