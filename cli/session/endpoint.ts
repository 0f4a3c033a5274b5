/** A SIP endpoint as flags and account want it. */
import type { WireTap } from "../../lib/base/mod.ts";
import {
  type ListenAddress,
  platformRandom,
  SipEndpoint,
  type SystemClock,
} from "../../lib/session/mod.ts";
import type { Certificate } from "../../lib/transport/mod.ts";
import { VERSION } from "../version.ts";
import type { SipAccess } from "./sip_access.ts";

/** What {@link openEndpoint} is given. */
export interface EndpointParts {
  readonly access: SipAccess;
  readonly listen: readonly ListenAddress[];
  readonly clock: SystemClock;
  readonly certificate: Certificate;
  readonly ca: string | undefined;
  readonly tap: WireTap | undefined;
  readonly flags: { readonly tlsInsecure: boolean; readonly tlsFingerprint?: string };
}

/** Opens it. Throws as `SipEndpoint.open` does. */
export async function openEndpoint(
  { access, listen, clock, certificate, ca, tap, flags }: EndpointParts,
): Promise<SipEndpoint> {
  return await SipEndpoint.open({
    listen,
    clock,
    random: platformRandom,
    userAgent: `sotto/${VERSION}`,
    // Realms are the servers' to name; which server is asked is ours.
    credentials: () => access.credentials,
    digestMinimum: access.digestMin,
    ...(access.proxy !== undefined ? { proxy: access.proxy } : {}),
    ...(tap !== undefined ? { tap } : {}),
    tls: {
      certificate,
      insecure: flags.tlsInsecure,
      ...(ca !== undefined ? { ca } : {}),
      ...(flags.tlsFingerprint !== undefined ? { fingerprint: flags.tlsFingerprint } : {}),
    },
  });
}
