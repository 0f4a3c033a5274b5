/** RFC 7616, with its examples and those of RFC 2617 and RFC 2069: the digest itself (SIP-061, SIP-063, SIP-064, SIP-066, SIP-068). */
import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  DigestClient,
  parseAuthorization,
  parseChallenges,
  passwordSecret,
  writeAuthorization,
} from "../../../lib/auth/mod.ts";
import { hexDigest } from "../../../lib/auth/algorithm.ts";
import { requestDigest, usernameHash } from "../../../lib/auth/response.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

const NOTHING = new Uint8Array(0);
const NONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
const OPAQUE = "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS";

/** §3.9.1: both answers to the two challenges. */
const MUFASA = [
  ["MD5", "8ca523f5e9506fed4657c9700eebdbec"],
  ["SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"],
] as const;

for (const [algorithm, response] of MUFASA) {
  Deno.test(`SIP-061 RFC 7616 §3.9.1: the example with ${algorithm}`, () => {
    const ha1 = hexDigest(algorithm, "Mufasa:http-auth@example.org:Circle of Life");
    const input = {
      algorithm,
      nonce: NONCE,
      nc: "00000001",
      cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
      qop: "auth",
      uri: "/dir/index.html",
    } as const;
    assertEquals(requestDigest(ha1, input, "GET", NOTHING), response);
    const written = parseAuthorization(
      `Digest username="Mufasa",
       realm="http-auth@example.org",
       uri="/dir/index.html",
       algorithm=${algorithm},
       nonce="${NONCE}",
       nc=00000001,
       cnonce="${input.cnonce}",
       qop=auth,
       response="${response}",
       opaque="${OPAQUE}"`.replaceAll("\n", ""),
    );
    assertEquals(written, {
      ...input,
      username: "Mufasa",
      userhash: false,
      realm: "http-auth@example.org",
      algorithmText: algorithm,
      response,
      opaque: OPAQUE,
    });
  });
}

Deno.test("SIP-068 RFC 7616 §3.9.2: SHA-512-256, a hashed and an extended user name", () => {
  // The RFC's numbers are those of SHA-512 cut short, which is not SHA-512/256: erratum 4897.
  const username = "J\u00e4s\u00f8n Doe";
  assertEquals(
    usernameHash(username, "api@example.org", "SHA-512-256"),
    "793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b",
  );
  const ha1 = hexDigest("SHA-512-256", `${username}:api@example.org:Secret, or not?`);
  const input = {
    algorithm: "SHA-512-256",
    nonce: "5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK",
    nc: "00000001",
    cnonce: "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v",
    qop: "auth",
    uri: "/doe.json",
  } as const;
  const response = "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5";
  assertEquals(requestDigest(ha1, input, "GET", NOTHING), response);
  const text = `Digest username*=UTF-8''J%C3%A4s%C3%B8n%20Doe, realm="api@example.org", ` +
    `uri="/doe.json", algorithm=SHA-512-256, nonce="${input.nonce}", nc=00000001, ` +
    `cnonce="${input.cnonce}", qop=auth, response="${response}", userhash=false`;
  assertEquals(parseAuthorization(text)?.username, username);
  const again = parseAuthorization(text);
  assert(again !== undefined);
  assertMatch(
    writeAuthorization(again, { username: "extended" }),
    /^Digest username\*=UTF-8''J%C3%A4s%C3%B8n%20Doe, /,
  );
});

Deno.test("SIP-061 RFC 2617 §3.5: the example of the elder text", () => {
  const ha1 = hexDigest("MD5", "Mufasa:testrealm@host.com:Circle Of Life");
  const input = {
    algorithm: "MD5",
    nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093",
    nc: "00000001",
    cnonce: "0a4f113b",
    qop: "auth",
    uri: "/dir/index.html",
  } as const;
  assertEquals(requestDigest(ha1, input, "GET", NOTHING), "6629fae49393a05397450978507c4ef1");
});

Deno.test("SIP-061 RFC 2069 §2.4: a challenge without qop is answered without nc and cnonce", () => {
  // The response of RFC 2069 erratum 749, which corrects the one of the text.
  const [challenge] = parseChallenges([
    'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
  ]);
  assert(challenge !== undefined);
  const client = new DigestClient(challenge, {
    credentials: { username: "Mufasa", password: passwordSecret("CircleOfLife") },
    random: () => {
      throw new Error("no cnonce is wanted");
    },
  });
  assertEquals(
    client.authorize({ method: "GET", uri: "/dir/index.html" }).value,
    'Digest username="Mufasa", realm="testrealm@host.com", ' +
      'nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="/dir/index.html", ' +
      'response="1949323746fe6a43ef61f9606e7febea", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
  );
});

Deno.test("SIP-061 nc has eight digits and rises with the nonce, cnonce is drawn each time", () => {
  const client = clientFor('qop="auth"');
  const seen = Array.from({ length: 17 }, () => client.authorize(REQUEST).authorization);
  assertEquals([seen[0]?.nc, seen[9]?.nc, seen[16]?.nc], ["00000001", "0000000a", "00000011"]);
  assertEquals(new Set(seen.map((it) => it.cnonce)).size, 17);
  client.renew({ ...client.challenge, nonce: "other", stale: true });
  assertEquals(client.authorize(REQUEST).authorization.nc, "00000001");
});

Deno.test("SIP-064 uri is the Request-URI and quoted; algorithm, qop and nc are not quoted", () => {
  const { value } = clientFor('qop="auth,auth-int", algorithm=SHA-256').authorize({
    method: "INVITE",
    uri: "sip:bob@example.com;transport=tcp",
  });
  assertMatch(value, /, uri="sip:bob@example\.com;transport=tcp", /);
  assertMatch(value, /, algorithm=SHA-256, cnonce="[0-9a-f]+", qop=auth, nc=00000001$/);
});

Deno.test("SIP-068 userhash is read, and used only when asked", () => {
  const offer = 'qop="auth", algorithm=SHA-256, userhash=true';
  assertMatch(clientFor(offer).authorize(REQUEST).value, /^Digest username="alice", /);
  const hashed = hexDigest("SHA-256", "alice:example.com");
  const { value } = clientFor(offer, { username: "hashed" }).authorize(REQUEST);
  assertMatch(value, new RegExp(`^Digest username="${hashed}", .*, userhash=true$`));
});

const REQUEST = { method: "REGISTER", uri: "sip:example.com" };

function clientFor(rest: string, form: { username?: "hashed" } = {}): DigestClient {
  const [challenge] = parseChallenges([`Digest realm="example.com", nonce="n", ${rest}`]);
  assert(challenge !== undefined);
  return new DigestClient(challenge, {
    credentials: { username: "alice", password: passwordSecret("secret") },
    random: seededRandom(3),
    form,
  });
}
