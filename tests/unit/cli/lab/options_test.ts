import { assertEquals, assertThrows } from "@std/assert";
import { isLoopback, readLabFlags } from "../../../../cli/lab/options.ts";
import { CliError } from "../../../../cli/output/cli_error.ts";

Deno.test("readLabFlags() listens on free ports of loopback unless told otherwise", () => {
  assertEquals(readLabFlags({}), {
    listen: [{ host: "127.0.0.1", port: 0 }],
    listenTls: [{ host: "127.0.0.1", port: 0 }],
    users: [],
    relayInsecure: false,
    smpSecret: "open sesame",
  });
});

Deno.test("readLabFlags() keeps what has a transport of TLS apart", () => {
  const flags = readLabFlags({
    listen: ["[::1]:5080", "127.0.0.1:5080", "[::1]:5081;transport=tls"],
  });
  assertEquals(flags.listen, [{ host: "::1", port: 5080 }, { host: "127.0.0.1", port: 5080 }]);
  assertEquals(flags.listenTls, [{ host: "::1", port: 5081 }]);
});

Deno.test("readLabFlags() takes the first host for what was not said", () => {
  assertEquals(readLabFlags({ listen: ["[::1]:5080"] }).listenTls, [{ host: "::1", port: 0 }]);
  assertEquals(readLabFlags({ listen: ["[::1]:5081;transport=tls"] }).listen, [
    { host: "::1", port: 0 },
  ]);
});

for (
  const [said, message] of [
    [{ listen: ["nowhere:x"] }, "--listen: expected HOST:PORT"],
    [{ listen: ["127.0.0.1:0;transport=tcp"] }, "--listen: UDP and TCP share a port"],
    [{ user: ["alice"] }, "--user: expected NAME:PASSWORD"],
    [{ fault: "delay=long" }, "--fault: "],
    [{ domain: "no host" }, "--domain: expected the name of a host"],
    [{ digest: ["sha-1"] }, "--digest: expected one of MD5, SHA-256, SHA-512-256"],
    [{ digest: ["md5,"] }, "--digest: expected one of MD5, SHA-256, SHA-512-256"],
    [{ tlsCert: "c.pem" }, "--tls-cert and --tls-key go together"],
    [{ smpSecret: "a", smpSecretFile: "b" }, "--smp-secret and --smp-secret-file"],
  ] as const
) {
  Deno.test(`readLabFlags() refuses ${JSON.stringify(said)}`, () => {
    const error = assertThrows(() => readLabFlags(said), CliError, message);
    assertEquals(error.status, 2);
  });
}

Deno.test("isLoopback() knows the addresses that nobody else reaches", () => {
  for (const host of ["127.0.0.1", "127.8.9.1", "::1", "localhost"]) {
    assertEquals(isLoopback(host), true, host);
  }
  for (const host of ["0.0.0.0", "::", "192.0.2.1", "example.com"]) {
    assertEquals(isLoopback(host), false, host);
  }
});

Deno.test("readLabFlags() reads accounts and their domain", () => {
  const flags = readLabFlags({
    user: ["alice:a:b", "bob:c"],
    domain: "Lab.Example",
    users: "f.txt",
  });
  assertEquals(flags.users.map((it) => it.name), ["alice", "bob"]);
  assertEquals([flags.domain, flags.usersFile], ["lab.example", "f.txt"]);
});

Deno.test("readLabFlags() takes digests one by one or as a list, in their order, none twice", () => {
  assertEquals(readLabFlags({ digest: ["md5"] }).digest, ["MD5"]);
  assertEquals(readLabFlags({ digest: ["MD5,sha-512-256", "md5", "SHA-256"] }).digest, [
    "MD5",
    "SHA-512-256",
    "SHA-256",
  ]);
});
