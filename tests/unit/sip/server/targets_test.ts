import { assert, assertEquals } from "@std/assert";
import {
  parseNameAddress,
  parseSipUri,
  type SipRequest,
  writeUri,
} from "../../../../lib/sip/mod.ts";
import type { DialogFlows } from "../../../../lib/sip/server/flow_token.ts";
import { type Binding, LocationTable } from "../../../../lib/sip/server/location_table.ts";
import { ServerIdentity } from "../../../../lib/sip/server/server_identity.ts";
import { TargetFinder, type TargetSet } from "../../../../lib/sip/server/targets.ts";
import { request } from "../../../helpers/sip_messages.ts";

const ALICE = {
  transport: "udp",
  remote: { host: "192.0.2.1", port: 5060 },
  connection: 1,
} as const;
const BOB = { transport: "tcp", remote: { host: "192.0.2.2", port: 5060 }, connection: 2 } as const;
const OTHER = {
  transport: "udp",
  remote: { host: "192.0.2.3", port: 5060 },
  connection: 1,
} as const;

function binding(uri: string, more: Partial<Binding> = {}): Binding {
  return {
    user: "bob",
    contact: parseNameAddress(`<${uri}>`),
    expiresAt: 1_000,
    callId: "1",
    sequence: 1,
    outbound: undefined,
    flow: undefined,
    ...more,
  };
}

function finder(bindings: readonly Binding[], relaysForeign = false): TargetFinder {
  const table = new LocationTable();
  table.replace("bob", bindings);
  return new TargetFinder({
    identity: new ServerIdentity({
      domains: ["example.com"],
      places: () => [{ transport: "udp", local: { host: "192.0.2.100", port: 5060 } }],
      isOwnAddress: () => false,
    }),
    table,
    routes: new Map([["echo", parseSipUri("sip:echo@192.0.2.50:7000")]]),
    isUser: (user) => user === "bob" || user === "carol",
    relaysForeign,
  });
}

function find(
  it: TargetFinder,
  uri: string,
  { flows, flow = ALICE, routes = [] }: {
    flows?: DialogFlows;
    flow?: typeof ALICE | typeof BOB | typeof OTHER;
    routes?: readonly string[];
  } = {},
): TargetSet {
  const plain = request("INVITE").headers.filter((field) => field.name !== "Route");
  const message: SipRequest = {
    ...request("INVITE"),
    headers: [...plain, ...routes.map((value) => ({ name: "Route", value }))],
  };
  return it.find({ request: message, requestUri: parseSipUri(uri), flows }, flow, 0);
}

const shown = (set: TargetSet): string =>
  set.type === "refused"
    ? String(set.status)
    : set.type === "server"
    ? "server"
    : set.targets.map((ways) =>
      ways.map((it) =>
        `${writeUri(it.uri)}${it.flow === undefined ? "" : `#${it.flow.connection}`}`
      )
        .join(" or ")
    ).join(" and ") + (set.isPublic ? " for all" : "");

Deno.test("TargetFinder finds users, bots, itself, and refuses the rest", () => {
  const it = finder([binding("sip:bob@192.0.2.2"), binding("tel:+1"), binding("sip:b@192.0.2.3")]);
  for (
    const [uri, expected] of [
      ["sip:bob@example.com", "sip:bob@192.0.2.2 and sip:b@192.0.2.3"],
      ["sip:echo@example.com", "sip:echo@192.0.2.50:7000 for all"],
      ["sip:carol@example.com", "480"],
      ["sip:nobody@example.com", "404"],
      ["sip:example.com", "server"],
      ["sip:bob@elsewhere.example", "403"],
      ["sip:bob@example.com;maddr=192.0.2.9", "403"],
      ["sip:b@192.0.2.3", "sip:b@192.0.2.3"],
    ] as const
  ) assertEquals(shown(find(it, uri)), expected, uri);
});

Deno.test("TargetFinder sends what a preloaded Route leads elsewhere only where that is allowed", () => {
  const routes = ["<sip:p2.example;lr>"];
  assertEquals(shown(find(finder([]), "sip:bob@example.com", { routes })), "403");
  const open = finder([], true);
  assertEquals(shown(find(open, "sip:x@far.example", { routes })), "sip:x@far.example");
  assertEquals(shown(find(open, "sip:x@far.example")), "sip:x@far.example");
});

Deno.test("TargetFinder calls each instance once, and each contact once", () => {
  const outbound = (regId: number) => ({
    outbound: { instance: "i", regId },
    flow: { ...BOB, connection: regId },
  });
  const it = finder([
    binding("sip:bob@10.0.0.1:1", outbound(1)),
    binding("sip:bob@10.0.0.1:2", outbound(2)),
    binding("sip:bob@192.0.2.2"),
    binding("sip:bob@192.0.2.2;foo=bar"),
  ]);
  assertEquals(
    shown(find(it, "sip:bob@example.com")),
    "sip:bob@10.0.0.1:2#2 or sip:bob@10.0.0.1:1#1 and sip:bob@192.0.2.2",
  );
});

Deno.test("TargetFinder takes secure contacts alone for sips", () => {
  const tls = { flow: { ...BOB, transport: "tls" } } as const;
  const it = finder([
    binding("sip:a@192.0.2.2"),
    binding("sips:b@192.0.2.2"),
    binding("sip:c@192.0.2.2", tls),
  ]);
  assertEquals(
    shown(find(it, "sips:bob@example.com")),
    "sips:b@192.0.2.2 and sip:c@192.0.2.2#2",
  );
});

Deno.test("TargetFinder sends a request inside a dialog the other way", () => {
  const it = finder([]);
  const flows = { caller: ALICE, callee: BOB };
  const uri = "sip:whoever@10.0.0.1";
  assertEquals(shown(find(it, uri, { flows, flow: ALICE })), `${uri}#2 for all`);
  assertEquals(shown(find(it, uri, { flows, flow: BOB })), `${uri}#1 for all`);
  // From neither of the two: where the request says.
  assertEquals(shown(find(it, uri, { flows, flow: OTHER })), `${uri} for all`);
  const half = { caller: undefined, callee: BOB };
  assertEquals(shown(find(it, uri, { flows: half, flow: OTHER })), `${uri}#2 for all`);
  const routes = ["<sip:p2.example;lr>"];
  assertEquals(shown(find(it, uri, { flows, flow: ALICE, routes })), `${uri} for all`);
  const none = { caller: undefined, callee: undefined };
  const set = find(it, "sip:echo@example.com", { flows: none });
  assert(set.type === "targets");
  assertEquals(shown(set), "sip:echo@192.0.2.50:7000 for all");
});
