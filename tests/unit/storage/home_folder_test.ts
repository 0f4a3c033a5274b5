import { assertEquals } from "@std/assert";
import { HomeFolder } from "../../../lib/storage/home_folder.ts";

Deno.test("HomeFolder names everything as the documentation promises", () => {
  const home = new HomeFolder("h");
  assertEquals(home.configFile, "h/config.toml");
  assertEquals(home.privateKeyFile, "h/chat/private_key.dsa");
  assertEquals(home.trustedPeersFile, "h/chat/trusted_peers");
  assertEquals(home.smpVerifiedFile, "h/chat/smp_verified");
  assertEquals(home.instanceTagsFile, "h/chat/instance_tags");
  assertEquals(home.smpFailuresFile, "h/chat/smp_failures");
  assertEquals(home.instanceIdFile, "h/sip_instance");
  assertEquals(home.tlsCertificateFile, "h/tls/certificate.pem");
  assertEquals(home.tlsKeyFile, "h/tls/key.pem");
  assertEquals(home.contactsFile, "h/contacts.toml");
  assertEquals(home.historyFile, "h/history.sqlite");
});
