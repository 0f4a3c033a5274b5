import { assert, assertEquals } from "@std/assert";
import { DigestClient, parseChallenges, passwordSecret } from "../../../../lib/auth/mod.ts";
import { AccessControl } from "../../../../lib/sip/server/access.ts";
import { ServerIdentity } from "../../../../lib/sip/server/server_identity.ts";
import type { SipRequest } from "../../../../lib/sip/mod.ts";
import { request } from "../../../helpers/sip_messages.ts";
import { seededRandom } from "../../../helpers/seeded_random.ts";

function access(isOpen = false): AccessControl {
  return new AccessControl({
    identity: new ServerIdentity({
      domains: ["example.com"],
      places: () => [{ transport: "udp", local: { host: "192.0.2.100", port: 5060 } }],
      isOwnAddress: () => false,
    }),
    random: seededRandom(1),
    realm: "example.com",
    password: (user) => user === "alice" || user === "bob" ? passwordSecret(user) : undefined,
    isOpen,
  });
}

/** `message` with the answer to the challenge that `field` would get. */
function signed(
  control: AccessControl,
  message: SipRequest,
  username: string,
  password = username,
): SipRequest {
  const refused = control.forward(message, 0);
  assert("status" in refused);
  const [challenge] = parseChallenges(refused.headers.map((it) => it.value));
  assert(challenge !== undefined);
  const credentials = { username, password: passwordSecret(password) };
  const client = new DigestClient(challenge, { credentials, random: seededRandom(2) });
  const { value } = client.authorize({ method: message.method, uri: message.requestUri });
  const header = { name: "Proxy-Authorization", value };
  return { ...message, headers: [...message.headers, header] };
}

const from = (message: SipRequest, value: string): SipRequest => ({
  ...message,
  headers: message.headers.map((it) => it.name === "From" ? { ...it, value } : it),
});

Deno.test("AccessControl.forward() lets a user through, and takes the credentials out", () => {
  const control = access();
  const admitted = control.forward(signed(control, request("INVITE"), "alice"), 0);
  assert(!("status" in admitted));
  assertEquals(admitted.user, "alice");
  assertEquals(admitted.request.headers.some((it) => it.name === "Proxy-Authorization"), false);
});

Deno.test("AccessControl.forward() knows neither strangers nor wrong passwords, and tells nobody which", () => {
  const control = access();
  for (const [user, password] of [["mallory", "x"], ["alice", "wrong"]] as const) {
    const refused = control.forward(signed(control, request("INVITE"), user, password), 0);
    assert("status" in refused);
    assertEquals([refused.status, refused.headers.length], [407, 3]);
  }
});

Deno.test("AccessControl.forward() lets nobody write another user of the domain into From", () => {
  const control = access();
  for (
    const [value, expected] of [
      ["<sip:bob@example.com>;tag=a", true],
      ["<sip:alice@example.com>;tag=a", false],
      ["<sip:alice@192.0.2.100>;tag=a", false],
      ["<sip:anonymous@anonymous.invalid>;tag=a", true],
    ] as const
  ) {
    const admitted = control.forward(signed(control, from(request("INVITE"), value), "bob"), 0);
    assertEquals(!("status" in admitted), expected, value);
  }
});

Deno.test("AccessControl.register() without passwords still knows only addresses of the domain", () => {
  const control = access(true);
  const own = { ...request("REGISTER") };
  assertEquals("status" in control.register(own, 0), false);
  const headers = own.headers.map((it) =>
    it.name === "To" ? { ...it, value: "<sip:bob@elsewhere.example>" } : it
  );
  const refused = control.register({ ...own, headers }, 0);
  assert("status" in refused);
  assertEquals(refused.status, 404);
});
