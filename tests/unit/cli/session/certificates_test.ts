import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { CliError } from "../../../../cli/output/cli_error.ts";
import { namedCertificates, ownCertificate } from "../../../../cli/session/certificates.ts";
import { HomeFolder } from "../../../../lib/storage/mod.ts";
import { TemporaryFolder } from "../../../helpers/temporary_folder.ts";

Deno.test("namedCertificates() reads what flags name, else what the account names", async () => {
  await using folder = await TemporaryFolder.make();
  for (const name of ["c", "k", "ca", "d"]) {
    await Deno.writeTextFile(folder.file(name), `of ${name}`);
  }
  const account = {
    name: "a",
    address: "a@b",
    tlsCert: folder.file("c"),
    tlsKey: folder.file("k"),
    tlsCa: folder.file("ca"),
  };
  assertEquals(await namedCertificates({}, undefined), { certificate: undefined, ca: undefined });
  assertEquals(await namedCertificates({}, account), {
    certificate: { certPem: "of c", keyPem: "of k" },
    ca: "of ca",
  });
  const flags = { tlsCert: folder.file("d"), tlsKey: folder.file("d"), tlsCa: folder.file("d") };
  assertEquals(await namedCertificates(flags, account), {
    certificate: { certPem: "of d", keyPem: "of d" },
    ca: "of d",
  });
});

Deno.test("namedCertificates() names the flag of what cannot be read", async () => {
  for (
    const [flags, words] of [
      [{ tlsCert: "c" }, "--tls-cert and --tls-key go together"],
      [{ tlsCa: "/nowhere/ca" }, "--tls-ca: /nowhere/ca: there is no such file"],
      [{ tlsCert: "/", tlsKey: "/" }, "--tls-cert: /: cannot be read"],
    ] as const
  ) {
    const error = await assertRejects(() => namedCertificates(flags, undefined), CliError, words);
    assertEquals(error.status, 2);
  }
});

Deno.test("ownCertificate() makes one at first use and keeps it", async () => {
  await using folder = await TemporaryFolder.make();
  const home = new HomeFolder(folder.file("home"));
  const made = await ownCertificate({ home });
  assertStringIncludes(made.certPem, "BEGIN CERTIFICATE");
  assertEquals(await ownCertificate({ home }), made);
});
