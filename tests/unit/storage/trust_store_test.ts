import { assertEquals, assertRejects } from "@std/assert";
import { decodeUtf8Lossy, SottoError, utf8 } from "../../../lib/base/mod.ts";
import { TrustStore } from "../../../lib/storage/trust_store.ts";
import { modeOf, readFixture, TemporaryFolder } from "../../helpers/temporary_folder.ts";

const A = "4af9f2b1db4ee051b2c074526602c0bc0bb2ce3c";
const B = "257920d7dfe968024dd69758df19928efc166490";
const A_GROUPS = "4AF9F2B1 DB4EE051 B2C07452 6602C0BC 0BB2CE3C";
const B_GROUPS = "257920D7 DFE96802 4DD69758 DF19928E FC166490";

async function withFile(
  content: string | Uint8Array | undefined,
  run: (store: TrustStore, read: () => Promise<string>) => Promise<void>,
): Promise<void> {
  await using folder = await TemporaryFolder.make();
  const path = folder.file("trusted_peers");
  if (content !== undefined) {
    await Deno.writeFile(path, typeof content === "string" ? utf8(content) : content);
  }
  await run(await TrustStore.open(path), () => Deno.readTextFile(path));
}

Deno.test("TrustStore.learn() writes a row without trust, once", () =>
  withFile(undefined, async (store, read) => {
    assertEquals(store.rows(), []);
    await store.learn("sip:bob@Example.com:5070", A);
    await store.learn("bob@example.com", A_GROUPS);
    assertEquals(await read(), `bob@example.com\t${A_GROUPS}\t\n`);
    assertEquals(await modeOf(store.path), 0o600);
  }));

Deno.test("TrustStore.verify() changes the row that is there, or adds one", () =>
  withFile(`Bob@Example.com\t${A}\t\n# end\n`, async (store, read) => {
    await store.verify("Bob@example.com", A);
    await store.verify("Bob@example.com", B);
    await store.verify("Bob@example.com", B);
    assertEquals(
      await read(),
      `Bob@Example.com\t${A_GROUPS}\tverified\n# end\nBob@example.com\t${B_GROUPS}\tverified\n`,
    );
  }));

Deno.test("TrustStore.verify() leaves a row alone that is verified by SMP", () => {
  const content = `bob@example.com\t${A}\tsmp\n`;
  return withFile(content, async (store, read) => {
    await store.verify("bob@example.com", A);
    assertEquals(await read(), content);
  });
});

Deno.test("TrustStore.unverify() takes trust from every row of the fingerprint", () =>
  withFile(
    `bob@example.com\t${A}\tverified\nbob@EXAMPLE.com\t${A}\tsmp\nbob@example.com\t${B}\tsmp\n`,
    async (store, read) => {
      assertEquals(await store.unverify("bob@example.com", A), true);
      assertEquals(await store.unverify("bob@example.com", A), false);
      assertEquals(
        await read(),
        `bob@example.com\t${A_GROUPS}\t\nbob@EXAMPLE.com\t${A_GROUPS}\t\nbob@example.com\t${B}\tsmp\n`,
      );
    },
  ));

Deno.test("TrustStore.remove() forgets one fingerprint or all", () =>
  withFile(
    `bob@example.com\t${A}\t\n# note\nbob@example.com\t${B}\t\ncarol@example.com\t${B}\t\n`,
    async (store, read) => {
      assertEquals(await store.remove("bob@example.com", B), 1);
      assertEquals(await store.remove("bob@example.com", B), 0);
      assertEquals(await read(), `bob@example.com\t${A}\t\n# note\ncarol@example.com\t${B}\t\n`);
      assertEquals(await store.remove("bob@example.com"), 1);
      assertEquals(await read(), `# note\ncarol@example.com\t${B}\t\n`);
    },
  ));

Deno.test("TrustStore.lookup() gives each fingerprint once, verified if any row says so", () =>
  withFile(
    `bob@example.com\t${A}\t\nbob@example.com\t${B}\t\nbob@example.com\t${A}\tverified\n` +
      `call-id@192.0.2.1\t${A}\tsmp\n`,
    (store) => {
      assertEquals(
        store.lookup("sip:bob@example.com").map(({ fingerprint, trust, line }) => [
          fingerprint,
          trust,
          line,
        ]),
        [[A, "verified", 3], [B, "unverified", 2]],
      );
      assertEquals(store.lookup("Bob@example.com"), []);
      return Promise.resolve();
    },
  ));

Deno.test("TrustStore.lookAlikes() reports other addresses and merges none", () =>
  withFile(`Bob@example.com\t${A}\t\nb0b@example.com\t${B}\t\n`, (store) => {
    assertEquals(store.lookAlikes("bob@example.com"), ["Bob@example.com", "b0b@example.com"]);
    assertEquals(store.lookAlikes("Bob@example.com"), ["b0b@example.com"]);
    assertEquals(store.lookAlikes("carol@example.com"), []);
    return Promise.resolve();
  }));

Deno.test("TrustStore changes one row of a worn file and not one octet besides", () => {
  const worn = readFixture("storage/worn_trusted_peers");
  return withFile(worn, async (store) => {
    assertEquals(store.warnings.map(({ line }) => line), [8, 9, 10, 11, 12, 13, 14]);
    assertEquals(store.warnings[0]?.path, store.path);
    await store.unverify("bob@example.com", A);
    await store.verify("zoe@example.com", B);
    const after = await Deno.readFile(store.path);
    const expected = decodeLatin1(worn)
      .replace(`bob@example.com\t${A_GROUPS}\tverified`, `bob@example.com\t${A_GROUPS}\t`) +
      `\nzoe@example.com\t${B_GROUPS}\tverified`;
    assertEquals(decodeLatin1(after), expected);
  });
});

Deno.test("TrustStore makes its change again when an editor was quicker", () =>
  withFile(`# old\n`, async (store, read) => {
    let attempts = 0;
    await store.change((lines) => {
      if (attempts++ === 0) Deno.writeTextFileSync(store.path, "# saved by an editor\n");
      return lines.map((line) => ({ bytes: utf8(`${decodeUtf8Lossy(line.bytes).trim()}!\n`) }));
    });
    assertEquals([attempts, await read()], [2, "# saved by an editor!\n"]);
  }));

Deno.test("TrustStore gives up on a file that never rests", () =>
  withFile("# 0\n", async (store) => {
    let count = 0;
    const error = await assertRejects(
      () =>
        store.change((lines) => {
          Deno.writeTextFileSync(store.path, `# ${++count}\n`);
          return [...lines, { bytes: utf8("ours\n") }];
        }),
      SottoError,
    );
    assertEquals(error.code, "storage/changing");
    assertEquals((await Deno.readTextFile(store.path)).includes("ours"), false);
  }));

Deno.test("TrustStore keeps the changes of many writers at once", async () => {
  await using folder = await TemporaryFolder.make();
  const path = folder.file("trusted_peers");
  const names = Array.from({ length: 12 }, (_, index) => `peer${index}@example.com`);
  await Promise.all(names.map(async (name) => (await TrustStore.open(path)).learn(name, A)));
  const rows = (await TrustStore.open(path)).rows();
  assertEquals(rows.map(({ aor }) => aor).sort(), names.toSorted());
});

Deno.test("TrustStore refuses what could not be read back", () =>
  withFile(undefined, async (store) => {
    await assertRejects(() => store.learn("bob@example.com", "abc"), RangeError);
    await assertRejects(() => store.verify("", A), RangeError);
    await assertRejects(() => store.learn("a\tb", A), RangeError);
    assertEquals(await Deno.stat(store.path).then(() => true, () => false), false);
  }));

Deno.test("TrustStore.open() refuses a folder in the file's place", async () => {
  await using folder = await TemporaryFolder.make();
  const error = await assertRejects(() => TrustStore.open(folder.path), SottoError);
  assertEquals(error.code, "storage/unreadable");
});

function decodeLatin1(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}

Deno.test("TrustStore remembers beside the file what SMP verified, until that is no more", () =>
  withFile(undefined, async (store, read) => {
    const hows = async (): Promise<string[]> =>
      (await TrustStore.open(store.path)).rows().map(({ how }) => how);
    await store.verify("bob@example.com", A, "smp");
    await store.verify("carol@example.com", B);
    await store.verify("carol@example.com", B, "smp");
    assertEquals(await hows(), ["smp", "manual"]);
    // The file itself has one word for both, as Blink wrote it.
    assertEquals(
      await read(),
      `bob@example.com\t${A_GROUPS}\tverified\ncarol@example.com\t${B_GROUPS}\tverified\n`,
    );
    const beside = store.path.replace("trusted_peers", "smp_verified");
    assertEquals(await Deno.readTextFile(beside), `bob@example.com\t${A}\n`);
    assertEquals(await modeOf(beside), 0o600);
    await store.unverify("bob@example.com", A);
    assertEquals(await Deno.readTextFile(beside), "");
    await store.verify("bob@example.com", A);
    assertEquals(await hows(), ["manual", "manual"]);
  }));
