import { assertEquals, assertThrows } from "@std/assert";
import {
  fingerprintArgument,
  fingerprintArguments,
  peerAddress,
} from "../../../../cli/identity/trusted_peers.ts";
import { CliError } from "../../../../cli/output/cli_error.ts";

Deno.test("peerAddress() takes every way to name a peer, and refuses the rest with status 2", () => {
  assertEquals(peerAddress("sip:bob@Example.com:5070;transport=tcp"), "bob@example.com");
  const error = assertThrows(() => peerAddress("bob@\x1b[31m"), CliError);
  assertEquals([error.status, error.message], [
    2,
    "expected an address such as bob@example.com, found 'bob@\\x1b[31m'",
  ]);
});

Deno.test("fingerprintArguments() joins the five groups that people paste", () => {
  const groups = ["4AF9F2B1", "DB4EE051", "B2C07452", "6602C0BC", "0BB2CE3C"];
  const digits = "4af9f2b1db4ee051b2c074526602c0bc0bb2ce3c";
  assertEquals(fingerprintArguments(groups), digits);
  assertEquals(fingerprintArguments([digits]), digits);
  assertEquals(fingerprintArguments([]), undefined);
  assertThrows(() => fingerprintArgument("4AF9"), CliError, "40 hexadecimal digits");
});
