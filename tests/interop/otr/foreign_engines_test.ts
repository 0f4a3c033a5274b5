/** The foreign engines among themselves: if these fail, it is the bridges' or the wire's fault. */
import { livePeerTest } from "../../helpers/live_peer.ts";
import { connect, wholeConversation } from "./conversation.ts";
import { type Engine, libotr, otrjs, potr } from "./engines.ts";

for (const engine of [libotr, potr, otrjs]) {
  // otr.js takes its time: its version 2 is tried with us alone.
  for (const version of engine === otrjs ? [3] as const : engine.versions) {
    livePeerTest(
      `Wire carries a whole version ${version} conversation between libotr and ${engine.id}`,
      bothNeeds(libotr, engine),
      async () => {
        await using a = await libotr.start();
        await using b = await engine.start();
        const pair = await connect(a, b, { versions: `${version}` });
        const attempts = engine.losesKeyExchanges ? 5 : 1;
        await wholeConversation(pair, { initiator: "a", version, attempts });
      },
    );
  }
}

function bothNeeds(one: Engine, two: Engine): Engine["needs"] {
  return {
    needs: [...one.needs.needs, ...two.needs.needs],
    probe: async () => await one.needs.probe?.() ?? await two.needs.probe?.(),
  };
}
