/** Whether the ports that calls would come in at are free. Binds them for a moment; sends nothing. */
import type { Check } from "../base/check.ts";
import { SottoError } from "../base/errors.ts";
import { writeHostPort } from "../sip/mod.ts";
import { bindUdp, listenTcp } from "../transport/mod.ts";
import type { ListenAddress } from "./sip_links.ts";

/** Looks at each address. Whoever does not listen needs none of them: a failure is optional. */
export async function checkListening(addresses: readonly ListenAddress[]): Promise<Check[]> {
  const checks: Check[] = [];
  for (const { host, port, transport } of addresses) {
    const place = `${transport} ${writeHostPort(host, port)}`;
    try {
      await using _socket = transport === "udp"
        ? await bindUdp({ host, port })
        : await listenTcp({ host, port });
      checks.push({ name: `listen.${transport}`, status: "ok", detail: `${place} is free` });
    } catch (error) {
      if (!(error instanceof SottoError)) throw error;
      checks.push({
        name: `listen.${transport}`,
        status: "failed",
        detail: error.message,
        hint: hintFor(error.code),
        isOptional: true,
      });
    }
  }
  return checks;
}

function hintFor(code: string): string {
  switch (code) {
    case "transport/address-in-use":
      return "another program listens there, perhaps sotto answer: choose another with --listen";
    case "transport/not-permitted":
      return "ports below 1024 need rights: choose one above with --listen";
    default:
      return "choose an address of this machine with --listen";
  }
}
