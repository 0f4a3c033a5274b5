/** What is written is read again, and what strangers write is a value or a PeerError. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  DIGEST_ALGORITHMS,
  type DigestAuthorization,
  type DigestChallenge,
  DigestClient,
  DigestServer,
  MAX_AUTH_VALUE,
  parseAuthenticationInfo,
  parseAuthorization,
  parseChallenges,
  passwordSecret,
  writeAuthenticationInfo,
  writeAuthorization,
  writeChallenge,
} from "../../../lib/auth/mod.ts";
import { PeerError } from "../../../lib/base/errors.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

/** Text without control characters and halves of characters: they are refused on the wire. */
const text = fc.string({ unit: "grapheme", maxLength: 20 }).map((it) =>
  // deno-lint-ignore no-control-regex
  it.replace(/[\u0000-\u001f\u007f]/g, "")
);
const qop = fc.constantFrom("auth", "auth-int");
const hex = (length: number) =>
  fc.array(fc.constantFrom(..."0123456789abcdef"), { minLength: length, maxLength: length })
    .map((it) => it.join(""));

const challenge: fc.Arbitrary<DigestChallenge> = fc.record({
  realm: text,
  nonce: text,
  opaque: fc.option(text, { nil: undefined }),
  stale: fc.boolean(),
  algorithm: fc.constantFrom(...DIGEST_ALGORITHMS),
  qop: fc.constantFrom(["auth"], ["auth-int"], ["auth", "auth-int"]),
  userhash: fc.boolean(),
}).map((it) => ({ ...it, algorithmText: it.algorithm }) as DigestChallenge);

Deno.test("challenges survive being written and read, several in a field too", () => {
  fc.assert(fc.property(fc.array(challenge, { minLength: 1, maxLength: 4 }), (challenges) => {
    const values = challenges.map(writeChallenge);
    assertEquals(parseChallenges(values), challenges);
    assertEquals(parseChallenges([values.join(", ")]), challenges);
  }));
});

Deno.test("credentials survive being written and read, in every form", () => {
  const authorization = fc.record({
    username: text,
    userhash: fc.boolean(),
    realm: text,
    nonce: text,
    uri: fc.option(text, { nil: undefined }),
    algorithm: fc.constantFrom(...DIGEST_ALGORITHMS),
    qop: fc.option(qop, { nil: undefined }),
    nc: hex(8),
    cnonce: text,
    opaque: fc.option(text, { nil: undefined }),
    digits: hex(64),
  }).map(({ digits, ...it }) =>
    ({
      ...it,
      nc: it.qop === undefined ? undefined : it.nc,
      cnonce: it.qop === undefined ? undefined : it.cnonce,
      algorithmText: it.algorithm,
      response: it.algorithm.startsWith("MD5") ? digits.slice(32) : digits,
    }) as DigestAuthorization
  );
  const form = fc.record({
    quoting: fc.constantFrom("standard", "all"),
    username: fc.constantFrom("plain", "extended"),
  });
  fc.assert(fc.property(authorization, form, (it, form) => {
    const read = parseAuthorization(writeAuthorization(it, form as never));
    const { qop, nc, cnonce, ...rest } = it;
    assertEquals(read, qop === undefined ? rest as never : { ...rest, qop, nc, cnonce });
  }));
});

Deno.test("Authentication-Info survives being written and read", () => {
  const info = fc.record({
    nextnonce: text,
    qop,
    rspauth: hex(32),
    cnonce: text,
    nc: hex(8),
  });
  fc.assert(fc.property(info, (it) => {
    assertEquals(parseAuthenticationInfo(writeAuthenticationInfo(it as never)), { ...it } as never);
  }));
});

Deno.test("a client convinces a server whatever name, password, realm and URI are made of", () => {
  const whatever = fc.record({
    username: text,
    password: fc.string({ unit: "grapheme" }),
    realm: text,
    uri: text,
    body: fc.uint8Array({ maxLength: 40 }),
    algorithm: fc.constantFrom(...DIGEST_ALGORITHMS),
    qop,
    seed: fc.nat(),
  });
  fc.assert(fc.property(whatever, (it) => {
    const { username, realm, algorithm, uri, body } = it;
    const credentials = { username, password: passwordSecret(it.password) };
    const server = new DigestServer({
      realm,
      random: seededRandom(it.seed),
      algorithms: [algorithm],
      qop: [it.qop as "auth"],
      lookup: (name) => name === username.normalize("NFC") ? credentials : undefined,
    });
    const [challenge] = parseChallenges(server.challenges(0));
    assert(challenge !== undefined);
    const client = new DigestClient(challenge, { credentials, random: seededRandom(it.seed + 1) });
    const answer = client.authorize({ method: "INVITE", uri, body });
    const verdict = server.verify([answer.value], { method: "INVITE", uri, body }, 1);
    assert(verdict.type === "accepted", verdict.type);
    const info = server.authenticationInfo(verdict, body);
    assertEquals(client.receiveInfo(answer, info, body).type, "proven");
  }));
});

Deno.test("whatever a stranger writes is a value or a PeerError", () => {
  const pieces = fc.array(
    fc.oneof(
      fc.constantFrom(
        ..."Digest |Basic |realm|nonce|=|\"|\\|,| |\t|qop|auth|response|username*|UTF-8''%|%C3|algorithm|SHA-256|nc|00000001|rspauth"
          .split("|"),
      ),
      fc.string(),
    ),
    { maxLength: 60 },
  ).map((it) => it.join(""));
  fc.assert(
    fc.property(pieces, (value) => {
      for (
        const read of [
          () => parseChallenges([value]),
          () => parseAuthorization(value),
          () => parseAuthenticationInfo(value),
        ]
      ) {
        try {
          read();
        } catch (error) {
          assert(error instanceof PeerError, String(error));
        }
      }
    }),
    { numRuns: 500 },
  );
  for (const unit of ["a", "a=", 'a="', ",", "\\", '"', "a ", "= "]) {
    const long = `Digest ${unit.repeat(MAX_AUTH_VALUE)}`.slice(0, MAX_AUTH_VALUE);
    try {
      parseChallenges([long]);
    } catch (error) {
      assert(error instanceof PeerError);
    }
  }
});
