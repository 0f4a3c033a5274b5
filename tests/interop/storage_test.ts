/** Our files in other programs' hands, and theirs in ours. */
import { assertEquals, assertMatch } from "@std/assert";
import { exportKey, importKeys } from "../../lib/storage/mod.ts";
import { livePeerTest } from "../helpers/live_peer.ts";
import { readFixture, TemporaryFolder } from "../helpers/temporary_folder.ts";

const ACCOUNT = { account: "alice@example.com", protocol: "prpl-jabber" };
const FINGERPRINT = "4AF9F2B1 DB4EE051 B2C07452 6602C0BC 0BB2CE3C";

async function run(program: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(program, { args }).output();
  const decoder = new TextDecoder();
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${decoder.decode(stderr)}`);
  return decoder.decode(stdout);
}

function blinkKey(): ReturnType<typeof importKeys>["keys"][number]["key"] {
  const [first] = importKeys(readFixture("keys/blink.private_key.dsa")).keys;
  if (first === undefined) throw new Error("a key is missing");
  return first.key;
}

livePeerTest("OpenSSL reads our PKCS #8 key", { needs: ["openssl"] }, async () => {
  await using folder = await TemporaryFolder.make();
  await Deno.writeFile(folder.file("otr.key"), exportKey(blinkKey(), "pkcs8", ACCOUNT));
  const text = await run("openssl", "pkey", "-in", folder.file("otr.key"), "-noout", "-text");
  assertMatch(text, /Private-Key: \(1024 bit\)/);
  const again = await run("openssl", "pkey", "-in", folder.file("otr.key"));
  assertEquals(again, await Deno.readTextFile(folder.file("otr.key")));
});

livePeerTest("we read a DSA key that OpenSSL made", { needs: ["openssl"] }, async () => {
  await using folder = await TemporaryFolder.make();
  const [parameters, file] = [folder.file("parameters"), folder.file("key")];
  const bits = ["dsa_paramgen_bits:1024", "dsa_paramgen_q_bits:160"];
  await run(
    "openssl",
    "genpkey",
    "-genparam",
    "-algorithm",
    "DSA",
    ...bits.flatMap((it) => ["-pkeyopt", it]),
    "-out",
    parameters,
  ); // deno-fmt-ignore
  await run("openssl", "genpkey", "-paramfile", parameters, "-out", file);
  const [imported] = importKeys(await Deno.readFile(file)).keys;
  if (imported === undefined) throw new Error("a key is missing");
  assertEquals(exportKey(imported.key, "pkcs8", ACCOUNT), await Deno.readFile(file));
});

const PROGRAM = `
#include <stdio.h>
#include <gcrypt.h>
#include <libotr/proto.h>
#include <libotr/privkey.h>
#include <libotr/userstate.h>
/* Reads a key file and a fingerprints file, shows what is in them, and writes both again. */
int main(int argc, char **argv) {
  char shown[OTRL_PRIVKEY_FPRINT_HUMAN_LEN];
  OTRL_INIT;
  OtrlUserState us = otrl_userstate_create();
  if (otrl_privkey_read(us, argv[1])) return 1;
  if (otrl_privkey_read_fingerprints(us, argv[2], NULL, NULL)) return 2;
  if (!otrl_privkey_fingerprint(us, shown, "alice@example.com", "prpl-jabber")) return 3;
  printf("self %s\\n", shown);
  for (ConnContext *c = us->context_root; c; c = c->next)
    for (Fingerprint *f = c->fingerprint_root.next; f; f = f->next) {
      otrl_privkey_hash_to_human(shown, f->fingerprint);
      printf("%s %s [%s]\\n", c->username, shown, f->trust ? f->trust : "");
    }
  return otrl_privkey_write_fingerprints(us, argv[3]) ? 4 : 0;
}
`;

livePeerTest(
  "libotr reads the key and the fingerprints that we export, and we read what it writes",
  { needs: ["gcc", "libgcrypt-config"] },
  async () => {
    await using folder = await TemporaryFolder.make();
    await Deno.writeTextFile(folder.file("read.c"), PROGRAM);
    await run("gcc", "-o", folder.file("read"), folder.file("read.c"), "-lotr", "-lgcrypt");
    await Deno.writeFile(folder.file("key"), exportKey(blinkKey(), "libotr", ACCOUNT));
    const sotto = new URL("../../bin/sotto", import.meta.url).pathname;
    const home = folder.file("home");
    await run(sotto, "--home", home, "peers", "add", "bob@example.com", FINGERPRINT, "--verified");
    await run(sotto, "--home", home, "peers", "add", "carol@example.com", FINGERPRINT);
    await run(
      sotto,
      "--home",
      home,
      "peers",
      "export",
      folder.file("fingerprints"),
      "--format",
      "libotr",
      "--account",
      ACCOUNT.account,
    ); // deno-fmt-ignore
    const files = ["key", "fingerprints", "written"].map((name) => folder.file(name));
    assertEquals((await run(folder.file("read"), ...files)).trimEnd().split("\n").toSorted(), [
      `bob@example.com ${FINGERPRINT} [verified]`,
      `carol@example.com ${FINGERPRINT} []`,
      `self ${FINGERPRINT}`,
    ]);
    const other = folder.file("other");
    await run(sotto, "--home", other, "peers", "import", folder.file("written"));
    const list = (of: string) => run(sotto, "--home", of, "peers", "list");
    assertEquals(
      (await list(other)).split("\n").toSorted(),
      (await list(home)).split("\n").toSorted(),
    );
  },
);

const POTR = `
import sys
from potr.compatcrypto import PK
key = PK.parsePrivateKey(open(sys.argv[1], 'rb').read())[0]
print(str(key))
open(sys.argv[2], 'wb').write(key.serializePrivateKey())
`;

livePeerTest(
  "potr, the engine of Blink of 2013, reads our key file and writes the same",
  {
    needs: ["/usr/bin/python3"],
    probe: async () => {
      const { success } = await new Deno.Command("/usr/bin/python3", {
        args: ["-c", "import potr"],
        stderr: "null",
      }).output();
      return success ? undefined : "python3-potr is not installed";
    },
  },
  async () => {
    await using folder = await TemporaryFolder.make();
    const [key, again] = [folder.file("key"), folder.file("again")];
    await Deno.writeFile(key, exportKey(blinkKey(), "blink", ACCOUNT));
    const shown = await run("/usr/bin/python3", "-W", "ignore", "-c", POTR, key, again);
    assertEquals(shown.trim(), FINGERPRINT);
    assertEquals(await Deno.readFile(again), await Deno.readFile(key));
  },
);
