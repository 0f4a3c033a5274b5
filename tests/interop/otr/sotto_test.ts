/** This library against every foreign engine, in every version, each side starting once. */
import { livePeerTest } from "../../helpers/live_peer.ts";
import { connect, wholeConversation } from "./conversation.ts";
import { libotr, otrjs, potr, startSotto } from "./engines.ts";

for (const engine of [libotr, potr, otrjs]) {
  const attempts = engine.losesKeyExchanges ? 5 : 1;
  for (const version of engine.versions) {
    for (const initiator of ["a", "b"] as const) {
      const asker = initiator === "a" ? "we ask" : "it asks";
      livePeerTest(
        `Conversation talks version ${version} with ${engine.id} when ${asker}`,
        engine.needs,
        async () => {
          await using a = await startSotto();
          await using b = await engine.start();
          const pair = await connect(a, b, { versions: `${version}` });
          await wholeConversation(pair, { initiator, version, attempts });
        },
      );
    }
  }
}
