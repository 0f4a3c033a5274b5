/** RFC 4975 §5.4, §6.2, §14.1, §14.4 on real sockets. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { SottoError } from "../../../lib/base/errors.ts";
import { parseMsrpUri } from "../../../lib/msrp/mod.ts";
import { MsrpEndpoint, platformRandom, SystemClock } from "../../../lib/session/mod.ts";
import { certificateFingerprint, makeSelfSignedCertificate } from "../../../lib/transport/mod.ts";

function endpoint(random = platformRandom): MsrpEndpoint {
  return new MsrpEndpoint({ clock: new SystemClock(), random });
}

const ACCEPT = { acceptTypes: ["text/plain"], timeoutMs: 5_000 };

Deno.test("MSRP-038 an address is used as it is, and of a name's addresses the next is tried", async () => {
  await using passiveSide = endpoint();
  await using activeSide = endpoint();
  // `localhost` is 127.0.0.1 and ::1; only the second one answers at this port.
  const passive = await passiveSide.prepare({
    transport: "tcp",
    host: "localhost",
    listenHost: "::1",
  });
  const active = await activeSide.prepare({ transport: "tcp", host: "127.0.0.1", listen: false });
  const [one, other] = await Promise.all([
    active.open({ ...ACCEPT, role: "active", remotePath: passive.localPath }),
    passive.open({ ...ACCEPT, role: "passive", remotePath: active.localPath }),
  ]);
  assertEquals([one.remote.host, other.local.host], ["::1", "::1"]);
  const gone = parseMsrpUri("msrp://127.0.0.1:9/gone1234;tcp");
  const lost = await activeSide.prepare({ transport: "tcp", host: "127.0.0.1", listen: false });
  await assertRejects(
    () => lost.open({ ...ACCEPT, role: "active", remotePath: [gone] }),
    SottoError,
    "127.0.0.1:9",
  );
});

Deno.test("MSRP-039 a session-id has more than 80 random bits and is new each time", async () => {
  const lengths: number[] = [];
  await using it = endpoint((length) => {
    lengths.push(length);
    return platformRandom(length);
  });
  const ids = new Set<string | undefined>();
  for (let count = 0; count < 20; count++) {
    const prepared = await it.prepare({ transport: "tcp", host: "127.0.0.1", listen: false });
    ids.add(prepared.localPath[0]?.sessionId);
  }
  assertEquals(ids.size, 20);
  assert(lengths.every((length) => length * 8 >= 80));
  for (const id of ids) assertEquals(id?.length, 24, "96 bits in hexadecimal digits");
});

Deno.test("MSRP-101 a certificate that is not the one of the description ends the connection", async () => {
  const [ours, theirs, others] = await Promise.all(
    ["alice", "bob", "mallory"].map((commonName) => makeSelfSignedCertificate({ commonName })),
  );
  assert(ours !== undefined && theirs !== undefined && others !== undefined);
  const hashOf = async (pem: string): Promise<{ hash: string; value: string }> => ({
    hash: "sha-256",
    value: await certificateFingerprint(pem),
  });
  for (const [shown, isGood] of [[theirs, true], [others, false]] as const) {
    await using passiveSide = endpoint();
    await using activeSide = endpoint();
    const tls = { transport: "tls", host: "127.0.0.1" } as const;
    const passive = await passiveSide.prepare({ ...tls, certificate: shown });
    const active = await activeSide.prepare({ ...tls, certificate: ours, listen: false });
    const outcomes = await Promise.allSettled([
      active.open({
        ...ACCEPT,
        role: "active",
        remotePath: passive.localPath,
        remoteFingerprint: await hashOf(theirs.certPem),
      }),
      passive.open({
        ...ACCEPT,
        timeoutMs: 300,
        role: "passive",
        remotePath: active.localPath,
        remoteFingerprint: await hashOf(ours.certPem),
      }),
    ]);
    assertEquals(outcomes.map((it) => it.status === "fulfilled"), [isGood, isGood]);
    const [first] = outcomes;
    if (first?.status === "rejected") {
      assertEquals(first.reason.code, "session/tls-fingerprint-mismatch");
    }
  }
});
