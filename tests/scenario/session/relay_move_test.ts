/** A relay that gives another path at each refresh: the peer is told, and the chat goes on (RFC 4976 §9.4). */
import { assert, assertEquals } from "@std/assert";
import { AgRelay } from "../../helpers/ag_relay.ts";
import { SessionPair } from "../../helpers/chat_session_setup.ts";
import { relaySettings } from "../../helpers/relayed_media.ts";

for (const mover of ["alice", "bob"] as const) {
  Deno.test(`the path of ${mover} moves, the old one ends, and both still hear each other`, async () => {
    await using relay = await AgRelay.start({ expires: 4, moves: (user) => user === mover });
    const media = (user: "alice" | "bob") => ({
      relay: relaySettings(relay.port, user, { insecure: true, uriParameter: "no" as const }),
    });
    await using pair = await SessionPair.open(
      { media: media("alice"), timeout: 20_000 },
      { media: media("bob"), timeout: 20_000 },
    );
    const { alice, bob } = pair;
    await pair.settled();
    assertEquals(await alice.session.send("before"), { status: "delivered" });
    const path = pair[mover].only("msrp").at(-1)?.localPath ?? "";
    const first = /\/(\w+);tcp /.exec(path)?.[1] ?? "";
    assert(relay.granted.includes(first));
    while (relay.granted.includes(first)) await new Promise((resolve) => setTimeout(resolve, 50));
    assertEquals(await alice.session.send("from alice"), { status: "delivered" });
    assertEquals(await bob.session.send("from bob"), { status: "delivered" });
    await Promise.all([bob.hears("from alice"), alice.hears("from bob")]);
    assertEquals([...alice.only("error"), ...bob.only("error")], []);
  });
}
