/** Files through Kamailio's relay: beside a chat on the same connection, continued, and its end. */
import { assert, assertEquals } from "@std/assert";
import type { FileSettings, MediaSettings } from "../../../lib/session/mod.ts";
import { SessionPair } from "../../helpers/chat_session_setup.ts";
import { Kamailio, KAMAILIO_NEEDS } from "../../helpers/kamailio.ts";
import { livePeerTest } from "../../helpers/live_peer.ts";
import { PatternFile, PatternReception, PatternSink } from "../../helpers/pattern_file.ts";
import { mediaSettings, relaySettings } from "../../helpers/relayed_media.ts";

const needs = { needs: KAMAILIO_NEEDS };
const MIB = 2 ** 20;

async function media(
  kamailio: Kamailio,
  transport: "tls" | "tcp",
  user: "alice" | "bob",
  files: FileSettings,
): Promise<Partial<MediaSettings>> {
  const port = transport === "tls" ? kamailio.ports.msrps : kamailio.ports.msrp;
  return await mediaSettings({
    transport,
    relay: relaySettings(port, user, {
      insecure: transport === "tcp",
      ca: kamailio.certificate.certPem,
    }),
    files,
  });
}

async function pair(
  kamailio: Kamailio,
  transport: "tls" | "tcp",
  file: PatternFile,
  reception: PatternReception,
): Promise<SessionPair> {
  const sessions = await SessionPair.open(
    {
      encryption: "off",
      timeout: 20_000,
      media: await media(kamailio, transport, "alice", { outgoing: [file] }),
    },
    {
      encryption: "off",
      timeout: 20_000,
      media: await media(kamailio, transport, "bob", { outgoing: [], reception }),
    },
  );
  await sessions.settled();
  return sessions;
}

for (const transport of ["tls", "tcp"] as const) {
  livePeerTest(
    `10 MiB through Kamailio over ${transport}, while a chat goes on`,
    needs,
    async () => {
      await using kamailio = await Kamailio.start();
      await kamailio.explain(async () => {
        const reception = new PatternReception();
        const file = new PatternFile("ten", 10 * MIB);
        await using both = await pair(kamailio, transport, file, reception);
        const { alice, bob } = both;
        const sending = alice.session.sendFile(0);
        await bob.until((it) => it.type === "file" && it.state === "progress");
        assertEquals(await alice.session.send("meanwhile"), { status: "delivered" });
        assert(!bob.only("file").some((it) => it.state === "done"), "the chat overtook the file");
        assertEquals(await sending, { status: "delivered" });
        assertEquals(reception.sinks[0]?.finishedAt, 10 * MIB);
      });
    },
  );
}

livePeerTest(
  "a file is continued through Kamailio, which passes on what it does not know",
  needs,
  async () => {
    await using kamailio = await Kamailio.start();
    await kamailio.explain(async () => {
      const reception = new PatternReception(Infinity, (it) => new PatternSink(it, MIB));
      const file = new PatternFile("two", 2 * MIB);
      await using both = await pair(kamailio, "tls", file, reception);
      assertEquals(await both.alice.session.sendFile(0), { status: "delivered" });
      // FILE_OFFSET is a method that our configuration of Kamailio may refuse: then all of it comes.
      assert(file.first === MIB || file.first === 0, `it began at ${file.first}`);
      assertEquals(reception.sinks[0]?.finishedAt, 2 * MIB);
    });
  },
);

livePeerTest(
  "Kamailio dies under a file: both sides say so, and nothing hangs",
  needs,
  async () => {
    await using kamailio = await Kamailio.start();
    await kamailio.explain(async () => {
      const reception = new PatternReception();
      const file = new PatternFile("large", 256 * MIB);
      await using both = await pair(kamailio, "tls", file, reception);
      const { alice, bob } = both;
      const sending = alice.session.sendFile(0);
      await bob.until((it) => it.type === "file" && it.state === "progress");
      await kamailio.kill();
      assertEquals((await sending).status, "failed");
      await bob.until((it) => it.type === "file" && it.state === "failed");
      assertEquals(reception.sinks[0]?.isSuspended, true);
    });
  },
);
