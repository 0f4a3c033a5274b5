/** Who we are, proved to a server that asks: accounts, flags and statuses, by real processes. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { type DigestAlgorithm, DigestServer, passwordSecret } from "../../lib/auth/mod.ts";
import { headerOf, SipPhone, type SipText } from "../helpers/session_phone.ts";
import { seededRandom } from "../helpers/seeded_random.ts";
import { runSotto, type SottoOptions, type SottoResult } from "../helpers/sotto_process.ts";
import { TemporaryFolder } from "../helpers/temporary_folder.ts";

/** A server that calls are refused at: with 486 by whom it knows, else with a challenge. */
class Gate implements AsyncDisposable {
  readonly phone: SipPhone;
  /** The users that proved who they are, with the algorithm. */
  readonly proved: string[] = [];
  readonly #digest: DigestServer;
  #answering: Promise<void> = Promise.resolve();
  #isOpen = true;

  private constructor(phone: SipPhone, algorithms: readonly DigestAlgorithm[]) {
    this.phone = phone;
    this.#digest = new DigestServer({
      realm: "example.com",
      random: seededRandom(1),
      algorithms,
      lookup: (username) =>
        username === "alice" ? { username, password: passwordSecret("pass word") } : undefined,
    });
    this.#answering = this.#answer();
  }

  static async open(...algorithms: DigestAlgorithm[]): Promise<Gate> {
    return new Gate(await SipPhone.open("bob"), algorithms);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOpen = false;
    // Wakes whoever waits for the next call.
    const from = { host: "127.0.0.1", port: 0 };
    this.phone.received.push({ what: "INVITE", start: "", headers: [], body: "", from });
    await this.phone[Symbol.asyncDispose]();
    await this.#answering;
  }

  async #answer(): Promise<void> {
    for (let number = 0; this.#isOpen; number++) {
      const invite = await this.phone.next("INVITE", number);
      if (this.#isOpen) await this.#judge(invite);
    }
  }

  async #judge(invite: SipText): Promise<void> {
    const fields = invite.headers.filter(([name]) => name === "Authorization").map(([, it]) => it);
    const uri = invite.start.split(" ")[1] ?? "";
    const body = new TextEncoder().encode(invite.body);
    const verdict = this.#digest.verify(fields, { method: "INVITE", uri, body }, 0);
    if (verdict.type === "accepted") {
      const algorithm = /algorithm="?([\w-]+)/.exec(fields[0] ?? "")?.[1];
      this.proved.push(`${/username="(\w+)"/.exec(fields[0] ?? "")?.[1]} ${algorithm}`);
      return await this.phone.respond(invite, "486 Busy Here");
    }
    const headers = this.#digest.challenges(0).map((it) => `WWW-Authenticate: ${it}`);
    await this.phone.respond(invite, "401 Unauthorized", { headers });
  }
}

async function call(
  options: SottoOptions,
  gate: Gate,
  ...args: readonly string[]
): Promise<SottoResult> {
  return await runSotto(options, "call", gate.phone.uri, "--json", "--otr", "off", ...args);
}

function assertRefused({ status, stderr, events }: SottoResult, code: string): void {
  assertEquals(
    [status, events.findLast((it) => it["type"] === "error")?.["code"]],
    [4, code],
    stderr,
  );
}

async function withAlice(run: (alice: SottoOptions, folder: TemporaryFolder) => Promise<void>) {
  await using folder = await TemporaryFolder.make();
  await Deno.writeTextFile(folder.file("right"), "pass word\n");
  await Deno.writeTextFile(folder.file("wrong"), "passw0rd\n");
  const alice = { folder: folder.path, home: "alice" };
  const added = await runSotto(
    alice,
    ...["account", "add", "work", "alice@example.com", "--password-file", "right", "--default"],
  );
  assertEquals(added.status, 0, added.stderr);
  await run(alice, folder);
}

Deno.test("a challenge is answered with the account, by the topmost digest that it offers", () =>
  withAlice(async (alice) => {
    await using gate = await Gate.open("SHA-256", "MD5");
    const busy = await call(alice, gate);
    assertRefused(busy, "session/rejected");
    assertStringIncludes(busy.stderr, "486 Busy Here");
    assertEquals(gate.proved, ["alice SHA-256"]);
    const [, invite] = gate.phone.received.all.filter((it) => it.what === "INVITE");
    assertStringIncludes(invite === undefined ? "" : headerOf(invite, "From"), "alice@example.com");
  }));

Deno.test("a wrong password ends with 4, after one attempt", () =>
  withAlice(async (alice) => {
    await using gate = await Gate.open("MD5");
    const refused = await call(alice, gate, "--password-file", "wrong");
    assertRefused(refused, "sip/credentials-rejected");
    assertStringIncludes(refused.stderr, "sotto: hint: ");
    assertEquals(refused.stderr.includes("passw0rd"), false);
    assertEquals(gate.phone.heard.filter((it) => it === "INVITE").length, 2);
  }));

Deno.test("nobody to prove ends with 4, and the hint says how to be somebody", () =>
  withAlice(async (alice) => {
    await using gate = await Gate.open("MD5");
    const refused = await call(alice, gate, "--from", "carol@example.com");
    assertRefused(refused, "sip/no-credentials");
    assertStringIncludes(refused.stderr, "sotto account add");
  }));

Deno.test("--digest-min keeps the password from a digest that is too weak", () =>
  withAlice(async (alice) => {
    await using gate = await Gate.open("MD5");
    assertRefused(await call(alice, gate, "--digest-min", "sha-256"), "sip/digest-too-weak");
    assertEquals(gate.phone.heard.filter((it) => it === "INVITE").length, 1);
    await using modern = await Gate.open("SHA-512-256", "MD5");
    assertRefused(await call(alice, modern, "--digest-min", "sha-512-256"), "session/rejected");
    assertEquals(modern.proved, ["alice SHA-512-256"]);
  }));

Deno.test("credentials come from flag and environment too, and the flag wins", () =>
  withAlice(async (alice) => {
    await using gate = await Gate.open("SHA-256");
    const environment = { SOTTO_PASSWORD: "of nobody", SOTTO_AUTH_USER: "alice" };
    const carol = { ...alice, home: "carol" };
    const from = ["--from", "carol@example.com"];
    assertRefused(await call({ ...carol, environment }, gate, ...from), "sip/credentials-rejected");
    assertRefused(
      await call({ ...carol, environment }, gate, ...from, "--password-file", "right"),
      "session/rejected",
    );
    const plain = await call(
      carol,
      gate,
      ...from,
      "--auth-user",
      "alice",
      "--password",
      "pass word",
    );
    assertRefused(plain, "session/rejected");
    assertStringIncludes(plain.stderr, "can be read by others");
    assertEquals(gate.proved, ["alice SHA-256", "alice SHA-256"]);
  }));
