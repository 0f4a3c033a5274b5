/** A whole lab in this process, with the keys of the fixtures, for tests that talk to one. */
import { utf8 } from "../../lib/base/bytes.ts";
import { Lab, type LabOptions } from "../../lib/lab/mod.ts";
import { platformRandom, SystemClock } from "../../lib/session/mod.ts";
import { type Certificate, makeSelfSignedCertificate } from "../../lib/transport/mod.ts";
import { testKey } from "./otr_pair.ts";

/** What the echo of {@link openLab} knows, unless told otherwise. */
export const LAB_SECRET = "open sesame";

let certificate: Promise<Certificate> | undefined;

/** The certificate of every lab of this process; made once. */
export function labCertificate(): Promise<Certificate> {
  certificate ??= makeSelfSignedCertificate({
    commonName: "lab",
    names: ["localhost", "127.0.0.1", "::1"],
  });
  return certificate;
}

/** Starts a lab on loopback: UDP and TCP on one free port, TLS on another. */
export async function openLab(options: Partial<LabOptions> = {}): Promise<Lab> {
  const host = options.listen?.[0]?.host ?? "127.0.0.1";
  return await Lab.open({
    listen: [{ host, port: 0 }],
    listenTls: [{ host, port: 0 }],
    clock: new SystemClock(),
    random: platformRandom,
    userAgent: "sotto-test",
    certificate: await labCertificate(),
    key: testKey("bob"),
    smpSecret: utf8(LAB_SECRET),
    ...options,
  });
}
