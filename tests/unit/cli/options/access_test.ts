import { assertEquals, assertThrows } from "@std/assert";
import { NO_ACCESS, readAccess } from "../../../../cli/options/access.ts";
import { CliError } from "../../../../cli/output/cli_error.ts";
import { writeUri } from "../../../../lib/sip/mod.ts";
import { readFlags } from "../../../helpers/session_flags.ts";

const nothing = (): undefined => undefined;

Deno.test("readAccess() leaves open what was not said", () => {
  assertEquals(readAccess({}, nothing), NO_ACCESS);
  assertEquals(readFlags("chat").access, NO_ACCESS);
});

Deno.test("readAccess() reads every flag of a session", () => {
  const { proxy, ...rest } = readFlags(
    "call",
    ...["--account", "work", "--proxy", "sip:p;transport=tcp", "--register", "--auth-user", "al"],
    ...["--password-file", "f", "--digest-min", "SHA-256", "--relay", "r:1", "--relay-insecure"],
  ).access;
  assertEquals(proxy && writeUri(proxy), "sip:p;transport=tcp");
  assertEquals(rest, {
    account: "work",
    direct: false,
    register: true,
    authUser: "al",
    passwordFile: "f",
    digestMin: "sha-256",
    relay: "r:1",
    relayInsecure: true,
  });
});

Deno.test("readAccess() lets the environment speak where no flag does", () => {
  const variables: Record<string, string> = {
    SOTTO_ACCOUNT: "home",
    SOTTO_PROXY: "sip:q",
    SOTTO_AUTH_USER: "u",
    SOTTO_PASSWORD: "p",
    SOTTO_DIGEST_MIN: "md5",
    SOTTO_RELAY: "auto",
  };
  const environment = (name: string): string | undefined => variables[name];
  const { proxy, ...rest } = readAccess({ account: "work", relay: "none" }, environment);
  assertEquals(proxy && writeUri(proxy), "sip:q");
  assertEquals(rest, {
    account: "work",
    direct: false,
    register: false,
    authUser: "u",
    environmentPassword: "p",
    digestMin: "md5",
    relay: "none",
    relayInsecure: false,
  });
  // Who says --direct wants none of it.
  assertEquals(readAccess({ direct: true }, environment).proxy, undefined);
  const wrong = () => readAccess({}, (name) => name === "SOTTO_RELAY" ? "a/b" : undefined);
  assertThrows(wrong, CliError, "SOTTO_RELAY: expected HOST[:PORT]");
});

Deno.test("readAccess() refuses what contradicts itself", () => {
  for (
    const [said, words] of [
      [{ password: "a", passwordFile: "b" }, "two ways to say one thing"],
      [{ direct: true, proxy: "sip:p" }, "--direct asks no proxy"],
      [{ digestMin: "sha-1" }, "--digest-min: expected one of md5"],
      [{ proxy: "?" }, "--proxy: expected"],
    ] as const
  ) assertEquals(assertThrows(() => readAccess(said, nothing), CliError, words).status, 2);
});
