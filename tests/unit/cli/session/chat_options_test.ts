import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import {
  chatOptions,
  type ChatOptionsParts,
  instanceTagOf,
} from "../../../../cli/session/chat_options.ts";
import { resolvePolicy } from "../../../../cli/session/policy.ts";
import { resolveAccess } from "../../../../cli/session/sip_access.ts";
import { loadConfig } from "../../../../cli/config/config.ts";
import { SottoError } from "../../../../lib/base/mod.ts";
import { Conversation } from "../../../../lib/otr/mod.ts";
import {
  MsrpRelays,
  platformRandom,
  SmpLockout,
  SystemClock,
} from "../../../../lib/session/mod.ts";
import { SmpFailureLog } from "../../../../lib/storage/mod.ts";
import { readFlags, type TestContext, testContext } from "../../../helpers/session_flags.ts";
import { TemporaryFolder } from "../../../helpers/temporary_folder.ts";

async function parts(
  folder: TemporaryFolder,
  ...args: readonly string[]
): Promise<ChatOptionsParts & { readonly context: TestContext }> {
  const context = testContext({ home: folder.path });
  const flags = readFlags("answer", ...args);
  const clock = new SystemClock();
  return {
    context,
    flags,
    policy: await resolvePolicy(context, flags),
    access: await resolveAccess(context, flags, await loadConfig(context)),
    clock,
    certificate: { certPem: "c", keyPem: "k" },
    ca: undefined,
    tap: undefined,
    instanceTag: 0x100,
    lockout: new SmpLockout(new SmpFailureLog(folder.file("smp_failures")), clock),
    relays: new MsrpRelays({ clock, random: platformRandom }),
    smpAnswer: undefined,
    files: undefined,
    isForPeople: false,
  };
}

Deno.test("chatOptions() learns from whom we call, and from callers only with --learn", async () => {
  await using folder = await TemporaryFolder.make();
  const learns = async (direction: "inbound" | "outbound", peer: string, ...args: string[]) =>
    (await chatOptions(await parts(folder, ...args), peer, direction)).options.mayLearn;
  assertEquals(await learns("outbound", "bob@b"), true);
  assertEquals(await learns("inbound", "bob@b"), false);
  assertEquals(await learns("inbound", "bob@b", "--learn"), true);
  assertEquals(await learns("inbound", "anonymous@anonymous.invalid", "--learn"), false);
});

Deno.test("chatOptions() has the medium of the flags, else that of the account", async () => {
  await using folder = await TemporaryFolder.make();
  await Deno.writeTextFile(
    folder.file("config.toml"),
    'default-account = "a"\n[accounts.a]\naddress = "a@b"\nmsrp = "tcp"\nsetup = "active"\ndisplay-name = "A"\n',
  );
  const { options } = await chatOptions(await parts(folder), "bob@b", "inbound");
  assertEquals([options.media.transport, options.media.setup, options.self], ["tcp", "active", {
    aor: "a@b",
    displayName: "A",
  }]);
  const flagged = await chatOptions(await parts(folder, "--setup", "passive"), "bob@b", "inbound");
  assertEquals([flagged.options.media.transport, flagged.options.media.setup], ["tcp", "passive"]);
});

Deno.test("chatOptions() warns of look-alikes and of lines that cannot be used", async () => {
  await using folder = await TemporaryFolder.make();
  await Deno.mkdir(folder.file("chat"));
  await Deno.writeTextFile(
    folder.file("chat/trusted_peers"),
    `b0b@b\t${"1".repeat(40)}\t\nnonsense\n`,
  );
  const made = await parts(folder);
  await chatOptions(made, "bob@b", "outbound");
  assertStringIncludes(made.context.stderr.text, "bob@b looks like b0b@b, and is another address");
  assertStringIncludes(made.context.stderr.text, "chat/trusted_peers:2: ");
});

Deno.test("chatOptions() makes a conversation with the key of the home, or says that it is gone", async () => {
  await using folder = await TemporaryFolder.make();
  const made = await parts(folder);
  const { options } = await chatOptions(made, "bob@b", "outbound");
  const error = await assertRejects(() => options.createConversation(), SottoError);
  assertEquals(error.code, "storage/unreadable");
  const instanceTag = await instanceTagOf(made.context, "a@b");
  assertEquals(await instanceTagOf(made.context, "a@b"), instanceTag);
  const again = await chatOptions({ ...made, instanceTag }, "bob@b", "outbound");
  assertEquals((await again.options.createConversation()) instanceof Conversation, true);
  const off = await chatOptions({ ...made, instanceTag: undefined }, "bob@b", "outbound");
  assertEquals(await off.options.createConversation(), undefined);
});
