import { assertEquals, assertRejects } from "@std/assert";
import { SottoError } from "../../../lib/base/mod.ts";
import { CertificateStore } from "../../../lib/storage/certificate_store.ts";
import { HomeFolder } from "../../../lib/storage/home_folder.ts";
import { modeOf, TemporaryFolder } from "../../helpers/temporary_folder.ts";

const CERTIFICATE = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
const KEY = "-----BEGIN PRIVATE KEY-----\nBBBB\n-----END PRIVATE KEY-----\n";
const MADE = { certPem: CERTIFICATE, keyPem: KEY };

Deno.test("CertificateStore makes certificate and key once, private", async () => {
  await using folder = await TemporaryFolder.make();
  const home = new HomeFolder(folder.path);
  let made = 0;
  const make = () => (made++, MADE);
  const all = await Promise.all(
    Array.from({ length: 4 }, () => new CertificateStore(home).loadOrCreate(make)),
  );
  assertEquals([made, all], [1, [MADE, MADE, MADE, MADE]]);
  assertEquals(await modeOf(home.tlsFolder), 0o700);
  assertEquals(await modeOf(home.tlsKeyFile), 0o600);
  assertEquals(await modeOf(home.tlsCertificateFile), 0o600);
});

Deno.test("CertificateStore makes both anew when a crash left the certificate alone", async () => {
  await using folder = await TemporaryFolder.make();
  const home = new HomeFolder(folder.path);
  await Deno.mkdir(home.tlsFolder);
  await Deno.writeTextFile(home.tlsCertificateFile, CERTIFICATE);
  assertEquals(await new CertificateStore(home).load(), undefined);
  assertEquals(await new CertificateStore(home).loadOrCreate(() => MADE), MADE);
});

Deno.test("CertificateStore never replaces a key", async () => {
  await using folder = await TemporaryFolder.make();
  const home = new HomeFolder(folder.path);
  await Deno.mkdir(home.tlsFolder);
  const never = () => {
    throw new Error("no certificate was to be made");
  };
  for (const key of [KEY, "garbage"]) {
    await Deno.writeTextFile(home.tlsKeyFile, key);
    const error = await assertRejects(
      () => new CertificateStore(home).loadOrCreate(never),
      SottoError,
    );
    assertEquals(error.code, "storage/unreadable");
    assertEquals(await Deno.readTextFile(home.tlsKeyFile), key);
  }
});
