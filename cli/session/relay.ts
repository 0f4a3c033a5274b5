/** From what people say of relays to what the session needs. */
import type { RelayAddress, RelaySettings } from "../../lib/session/mod.ts";
import { usageError } from "../output/cli_error.ts";
import type { SipAccess } from "./sip_access.ts";

const URI_PARAMETER = { auto: "auto", always: "yes", never: "no" } as const;

/**
 * The relays of our MSRP; `undefined` where it goes directly.
 *
 * @param trust Whom to believe that it is the relay.
 * @throws {CliError} status 2 where there is nobody to log in.
 */
export function relaySettings(
  { relay, credentials, digestMin, self }: SipAccess,
  trust: { readonly ca: string | undefined; readonly allowUntrusted: boolean },
): RelaySettings | undefined {
  if (relay === undefined) return undefined;
  if (credentials === undefined) {
    throw usageError(
      "--relay: a relay wants a user name and a password (RFC 4976 §5.1)",
      "`sotto account add` keeps them, or --auth-user and --password-file",
    );
  }
  return {
    relays: relay.hosts === "auto" ? "auto" : relay.hosts.map(parseRelay),
    domain: self.uri.host,
    credentials,
    insecure: relay.insecure,
    allowUntrusted: trust.allowUntrusted,
    ...(trust.ca !== undefined ? { ca: trust.ca } : {}),
    digestMinimum: digestMin,
    uriParameter: URI_PARAMETER[relay.authUri],
  };
}

/** `host[:port]`, or `host[:port][/path];ws`, which has been checked already. */
function parseRelay(text: string): RelayAddress {
  const [, host = text, port, path, isWebSocket] =
    /^(\[[^\]]*\]|[^:/;]*)(?::(\d+))?(\/[^;]*)?(;ws)?$/.exec(text) ?? [];
  return {
    host: host.replace(/^\[|\]$/g, ""),
    ...(port === undefined ? {} : { port: Number(port) }),
    ...(isWebSocket === undefined
      ? {}
      : { webSocket: { ...(path === undefined ? {} : { path }) } }),
  };
}
