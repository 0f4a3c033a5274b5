import { assert, assertEquals } from "@std/assert";
import { headerValues, parseUri, type SipRequest, writeUri } from "../../../../lib/sip/mod.ts";
import { FlowTokens } from "../../../../lib/sip/server/flow_token.ts";
import {
  postprocess,
  preprocess,
  type RoutingContext,
  withoutHeaders,
} from "../../../../lib/sip/server/routing.ts";
import { ServerIdentity } from "../../../../lib/sip/server/server_identity.ts";
import { request } from "../../../helpers/sip_messages.ts";
import { seededRandom } from "../../../helpers/seeded_random.ts";

const tokens = new FlowTokens(seededRandom(1));
const CONTEXT: RoutingContext = {
  identity: new ServerIdentity({
    domains: ["example.com"],
    places: () => [{ transport: "udp", local: { host: "192.0.2.100", port: 5060 } }],
    isOwnAddress: () => false,
  }),
  tokens,
  callId: "call",
  transport: "udp",
  localPort: 5060,
};
const TOKEN = tokens.write({ caller: undefined, callee: undefined }, "call");

function routed(uri: string, ...routes: readonly string[]): SipRequest {
  const message = request("BYE");
  const headers = message.headers.filter((it) => it.name !== "Route");
  return {
    ...message,
    requestUri: uri,
    headers: [...headers, ...routes.map((value) => ({ name: "Route", value }))],
  };
}

function summary(message: SipRequest): string[] {
  return [message.requestUri, ...headerValues(message, "Route")];
}

Deno.test("preprocess() takes out the routes that lead here, two of them if need be, and no more", () => {
  const found = preprocess(
    routed(
      "sip:bob@192.0.2.2",
      `<sip:${TOKEN}@192.0.2.100;lr>, <sip:192.0.2.100;lr>`,
      "<sip:p2.example;lr>",
      "<sip:192.0.2.100;lr>",
    ),
    CONTEXT,
  );
  assert(found !== undefined);
  assertEquals(summary(found.request), [
    "sip:bob@192.0.2.2",
    "<sip:p2.example;lr>",
    "<sip:192.0.2.100;lr>",
  ]);
  assertEquals(found.flows, { caller: undefined, callee: undefined });
});

Deno.test("preprocess() undoes a strict router, but only for a value that was ours", () => {
  const found = preprocess(
    routed(`sip:${TOKEN}@192.0.2.100;lr`, "<sip:p2.example;lr>", "<sip:bob@192.0.2.2>"),
    CONTEXT,
  );
  assert(found !== undefined);
  assertEquals(summary(found.request), ["sip:bob@192.0.2.2", "<sip:p2.example;lr>"]);
  assert(found.flows !== undefined);
  const user = preprocess(routed("sip:alice@192.0.2.100", "<sip:p2.example;lr>"), CONTEXT);
  assert(user !== undefined);
  assertEquals(summary(user.request), ["sip:alice@192.0.2.100", "<sip:p2.example;lr>"]);
  assertEquals(user.flows, undefined);
});

Deno.test("preprocess() strips a maddr that is ours when the request came that way, and no other", () => {
  const strip = (uri: string) => preprocess(routed(uri), CONTEXT)?.request.requestUri;
  assertEquals(strip("sip:a@b;maddr=192.0.2.100;x=y"), "sip:a@b;x=y");
  assertEquals(strip("sip:a@b:5060;maddr=192.0.2.100;transport=udp"), "sip:a@b");
  for (
    const other of [
      "sip:a@b;maddr=192.0.2.99",
      "sip:a@b:5070;maddr=192.0.2.100",
      "sip:a@b;maddr=192.0.2.100;transport=tcp",
    ]
  ) assertEquals(strip(other), other);
  assertEquals(preprocess(routed("tel:+1"), CONTEXT), undefined);
});

Deno.test("postprocess() leaves a loose route alone, and dresses the request for a strict one", () => {
  const next = (message: SipRequest) => {
    const { request: reformed, nextHop } = postprocess(message);
    return [writeUri(nextHop), ...summary(reformed)];
  };
  assertEquals(next(routed("sip:b@c")), ["sip:b@c", "sip:b@c"]);
  assertEquals(next(routed("sip:b@c", "<sip:p1;lr>")), ["sip:p1;lr", "sip:b@c", "<sip:p1;lr>"]);
  assertEquals(next(routed("sip:b@c", "<sip:p1?a=b>", "<sip:p2;lr>")), [
    "sip:p1",
    "sip:p1",
    "<sip:p2;lr>",
    "<sip:b@c>",
  ]);
});

Deno.test("withoutHeaders() makes a URI fit for a Request-URI", () => {
  assertEquals(writeUri(withoutHeaders(parseUri("sip:a@b;x?y=z"))), "sip:a@b;x");
  assertEquals(writeUri(withoutHeaders(parseUri("tel:+1"))), "tel:+1");
});
