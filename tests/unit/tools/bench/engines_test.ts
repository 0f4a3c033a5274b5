import { assert, assertEquals } from "@std/assert";
import { livePeerTest } from "../../../helpers/live_peer.ts";
import { startEngines } from "../../../../tools/bench/engines.ts";
import { WORKS } from "../../../../tools/bench/works.ts";

/** Starts one engine and has it do each of its works once. */
async function doEverythingOnce(
  name: string,
): Promise<{ readonly works: string[]; readonly reason: string | undefined }> {
  const folder = await Deno.makeTempDir();
  try {
    const [found] = await startEngines([name], folder);
    if (found === undefined || "reason" in found) return { works: [], reason: found?.reason };
    await using engine = found.process;
    const works = engine.introductions.flatMap((it) => it.works);
    for (const work of works) {
      const samples = await engine.run(work, 0, 1);
      assert(samples.length === 1 && (samples[0] ?? 0) > 0, work);
    }
    return { works, reason: undefined };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const ALL = WORKS.map((it) => it.name).sort();
const OF_OTHERS = WORKS.filter((it) => it.isOurs !== true).map((it) => it.name).sort();

Deno.test("our driver does every work of the table", async () => {
  assertEquals((await doEverythingOnce("sotto")).works.sort(), ALL);
});

const hasHeaders = () => exists("/usr/include/libotr/proto.h", "libotr's headers");
livePeerTest(
  "libotr's driver does every work that is compared",
  { needs: ["gcc"], probe: hasHeaders },
  async () => {
    assertEquals((await doEverythingOnce("libotr")).works.sort(), OF_OTHERS);
  },
);

const hasOtr3 = () => exists("/usr/share/gocode/src/github.com/twstrike/otr3", "otr3");
livePeerTest("otr3's driver does every work that is compared", {
  needs: ["go"],
  probe: hasOtr3,
}, async () => {
  assertEquals((await doEverythingOnce("go-otr3")).works.sort(), OF_OTHERS);
});

Deno.test("startEngines() goes on without an engine that cannot be built", async () => {
  const folder = await Deno.makeTempDir();
  const path = Deno.env.get("PATH") ?? "";
  try {
    Deno.env.set("PATH", folder);
    const found = await startEngines(["libotr", "go-otr3"], folder);
    assertEquals(found.map((it) => "missing" in it ? it.missing : "runs"), ["libotr", "go-otr3"]);
    assertEquals(found[0], { missing: "libotr", reason: "gcc is not installed" });
  } finally {
    Deno.env.set("PATH", path);
    await Deno.remove(folder, { recursive: true });
  }
});

function exists(path: string, what: string): string | undefined {
  try {
    Deno.statSync(path);
    return undefined;
  } catch {
    return `${what} not installed`;
  }
}
