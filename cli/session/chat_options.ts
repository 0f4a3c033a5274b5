/** What one session of a command is made of: policy, trust, key, medium, guard. */
import { escapeText, SottoError, type WireTap } from "../../lib/base/mod.ts";
import { Conversation } from "../../lib/otr/mod.ts";
import {
  type ChatSessionOptions,
  type MediaSettings,
  type MsrpRelays,
  platformRandom,
  type SmpAttempt,
  type SmpLockout,
  type SystemClock,
} from "../../lib/session/mod.ts";
import { InstanceTagStore, KeyStore, TrustStore } from "../../lib/storage/mod.ts";
import type { Certificate } from "../../lib/transport/mod.ts";
import type { CommandContext } from "../command.ts";
import { ownKey } from "../identity/own_key.ts";
import type { SessionFlags } from "../options/session.ts";
import { ANONYMOUS } from "./addresses.ts";
import type { SessionFiles } from "./files.ts";
import type { SessionPolicy } from "./policy.ts";
import { relaySettings } from "./relay.ts";
import type { SipAccess } from "./sip_access.ts";
import { smpGuard } from "./smp_guard.ts";

/** What all sessions of a command share. */
export interface ChatOptionsParts {
  readonly context: CommandContext;
  readonly flags: SessionFlags;
  readonly policy: SessionPolicy;
  readonly access: SipAccess;
  readonly clock: SystemClock;
  readonly certificate: Certificate;
  readonly ca: string | undefined;
  readonly tap: WireTap | undefined;
  /** `undefined` where OTR is switched off. */
  readonly instanceTag: number | undefined;
  readonly lockout: SmpLockout;
  /** Connections to relays, shared by all sessions. */
  readonly relays: MsrpRelays;
  /** Octets that answer SMP questions by themselves. */
  readonly smpAnswer: Uint8Array | undefined;
  readonly files: SessionFiles | undefined;
  /** A person may think about a question for as long as they like. */
  readonly isForPeople: boolean;
}

/** The options of a session, and its guard, to be released when the session is over. */
export interface ChatOptions {
  readonly options: ChatSessionOptions;
  readonly guard: SmpAttempt;
}

/** Makes the options of one session with `peer`. Warns of what is wrong with what we know of it. */
export async function chatOptions(
  parts: ChatOptionsParts,
  peer: string,
  direction: "inbound" | "outbound",
): Promise<ChatOptions> {
  const { context, flags, policy, access, clock } = parts;
  const trust = await openTrustFor(context, peer);
  const guard = smpGuard(parts.lockout, flags.smpFrom);
  const isAnonymous = peer === ANONYMOUS;
  const options: ChatSessionOptions = {
    clock,
    random: platformRandom,
    encryption: policy.encryption,
    trustLevel: policy.trust,
    createConversation: () => createConversation(parts),
    records: {
      lookup: async (address) => {
        await trust.reload();
        return trust.lookup(address);
      },
      learn: (address, fingerprint) => trust.learn(address, fingerprint),
      verify: (address, fingerprint, how) => trust.verify(address, fingerprint, how),
    },
    mayLearn: !isAnonymous && (direction === "outbound" || flags.learn),
    self: {
      aor: access.self.aor,
      ...(access.displayName !== undefined ? { displayName: access.displayName } : {}),
    },
    peer,
    peerIsAnonymous: isAnonymous,
    media: mediaSettings(parts),
    timeout: flags.timeout,
    ...(parts.isForPeople ? { smpTimeout: Infinity } : {}),
    askFor: flags.imdn,
    smpAnswer: parts.smpAnswer,
    smpGuard: guard,
  };
  return { options, guard };
}

/** Makes the key if there is none, and answers with our instance tag under `aor`. */
export async function instanceTagOf(context: CommandContext, aor: string): Promise<number> {
  await ownKey(context);
  return await new InstanceTagStore(context.home.instanceTagsFile)
    .loadOrCreate(aor, platformRandom);
}

function mediaSettings(
  { flags, access, certificate, ca, clock, tap, relays, files }: ChatOptionsParts,
): MediaSettings {
  const { account } = access;
  const relay = relaySettings(access, { ca, allowUntrusted: flags.tlsInsecure });
  return {
    ...(relay !== undefined ? { relay, relays } : {}),
    transport: flags.msrp ?? account?.msrp ?? "tls",
    setup: flags.setup ?? account?.setup ?? "actpass",
    certificate,
    allowUntrusted: flags.tlsInsecure,
    ...(ca !== undefined ? { ca } : {}),
    random: platformRandom,
    clock,
    ...(flags.chunkSize !== undefined ? { chunkSize: flags.chunkSize } : {}),
    ...(tap !== undefined ? { tap } : {}),
    ...(files !== undefined ? { files: files.settings, filesOnly: files.filesOnly } : {}),
  };
}

async function openTrustFor({ home, printer }: CommandContext, peer: string): Promise<TrustStore> {
  const trust = await TrustStore.open(home.trustedPeersFile);
  for (const { line, message } of trust.warnings) {
    printer.warning(`${trust.path}:${line}: ${escapeText(message)}`);
  }
  for (const other of trust.lookAlikes(peer)) {
    printer.warning(`${escapeText(peer)} looks like ${escapeText(other)}, and is another address`);
  }
  return trust;
}

async function createConversation(
  { context: { home }, instanceTag, policy }: ChatOptionsParts,
): Promise<Conversation | undefined> {
  if (instanceTag === undefined) return undefined;
  const key = await new KeyStore(home.privateKeyFile).load();
  if (key === undefined) {
    throw new SottoError("storage/unreadable", `${home.privateKeyFile} disappeared meanwhile`);
  }
  return new Conversation({
    key,
    instanceTag,
    policy: {
      versions: policy.versions,
      requireEncryption: false, // What waits, waits in the session layer, which knows why.
      sendWhitespaceTag: false,
      whitespaceStartAke: true,
      errorStartAke: policy.encryption !== "accept",
    },
    random: platformRandom,
  });
}
