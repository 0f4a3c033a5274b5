/** Every exit status of a session command, each by a real process (docs/cli/exit-status.md). */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type PlainFrame, PlainMsrpClient } from "../helpers/plain_msrp_client.ts";
import { SipPhone } from "../helpers/session_phone.ts";
import {
  Answerer,
  type JsonEvent,
  runSotto,
  type SottoOptions,
  type SottoResult,
  startSotto,
} from "../helpers/sotto_process.ts";
import { TemporaryFolder } from "../helpers/temporary_folder.ts";

const LOOPBACK = "127.0.0.1:0;transport=udp";

function assertStatus({ status, stdout, stderr }: SottoResult, expected: number): void {
  assertEquals(status, expected, `${stdout}\n${stderr}`);
}

/** What ended the command: the last `error` event, which has the message of stderr. */
function errorOf({ events, stderr }: SottoResult): JsonEvent {
  const error = events.findLast((it) => it["type"] === "error") ?? {};
  assertStringIncludes(stderr, `sotto: error: ${error["message"]}\n`);
  return error;
}

/** A frame that brings something of the user's: no bind, no offer of OTR. */
function isUserMessage({ what, content }: PlainFrame): boolean {
  return what === "SEND" && content !== undefined && !content.startsWith("?OTR");
}

Deno.test("status 1: an expectation that is not met, on either side", async () => {
  await using folder = await TemporaryFolder.make();
  const alice = { folder: folder.path, home: "alice" };
  await using bob = await Answerer.start(
    { folder: folder.path, home: "bob" },
    ...["--listen", LOOPBACK, "--echo"],
  );
  const target = await bob.target("bob");
  const unseen = await runSotto(
    alice,
    ...["call", target, "--send", "hello", "--expect", "goodbye", "--timeout", "1s", "--json"],
  );
  assertStatus(unseen, 1);
  assertEquals(errorOf(unseen)["code"], "cli/conversation");
  assertStringIncludes(unseen.stderr, "--expect");
  assertStringIncludes(unseen.stderr, "goodbye");

  const seen = await runSotto(
    alice,
    ...["call", target, "--expect-not", "secret", "--send", "a secret", "--expect", "secret"],
  );
  assertStatus(seen, 1);
  assertStringIncludes(seen.stderr, "--expect-not");

  // The answerer that took no more than one call ends as that call did.
  await using once = startSotto(
    { folder: folder.path, home: "carol" },
    ...["answer", "--once", "--listen", LOOPBACK, "--expect", "never", "--timeout", "1s"],
  );
  const line = await once.says("listening on");
  const carol = /listening on (sip:\S+)/.exec(line)?.[1] ?? "";
  await runSotto(alice, "call", carol.replace("sip:", "sip:carol@"), "--send", "x", "--hold", "2s");
  assertStatus(await once.result(), 1);
});

Deno.test("status 1: a message that the peer refuses to take", async () => {
  await using folder = await TemporaryFolder.make();
  await using bob = await PlainMsrpClient.open({
    answer: (frame) => isUserMessage(frame) ? "413 Too Much" : "200 OK",
  });
  await using call = startSotto(
    { folder: folder.path, home: "alice" },
    ...["call", bob.phone.uri, "--msrp", "tcp", "--otr", "off", "--send", "x", "--json"],
  );
  await bob.answerCall();
  const result = await call.result();
  assertStatus(result, 1);
  const delivery = result.events.find((it) => it["type"] === "delivery");
  assertEquals([delivery?.["status"], delivery?.["code"]], ["failed", 413]);
  await bob.phone.next("BYE");
});

Deno.test("status 2: wrong usage names the flag or the line, and nothing is made", async () => {
  await using folder = await TemporaryFolder.make();
  await Deno.writeTextFile(folder.file("s.txt"), "secret\n");
  await Deno.writeTextFile(folder.file("script"), "send hello\n\n# fine\nexpct goodbye\n");
  await Deno.writeFile(folder.file("binary"), new Uint8Array([0x73, 0x65, 0x6e, 0x64, 0x20, 0xff]));
  const bob = "sip:bob@127.0.0.1:9";
  const cases: readonly (readonly [args: readonly string[], names: string])[] = [
    [["call", bob, "--transport", "sctp"], "--transport"],
    [["call", bob, "--timeout", "soon"], "--timeout"],
    [["call", bob, "--trace", "no/such/folder/t.pcapng"], "--trace"],
    [["call", bob, "--expect", "("], "--expect"],
    [["call", bob, "--expect-not", "["], "--expect-not"],
    [["call", bob, "--from", "nobody"], "--from"],
    [["call", bob, "--tls-cert", "c.pem"], "--tls-key"],
    [["call", bob, "--tls-ca", "nothing.pem"], "--tls-ca: nothing.pem"],
    [["call", bob, "--script", "script"], "script:4"],
    [["call", bob, "--script", "binary"], "--script binary: not UTF-8"],
    [["call", bob, "--smp-secret-file", "s.txt", "--smp-secret", "x"], "--smp-secret-file"],
    [["call", bob, "--smp-answer-file", "nothing"], "--smp-answer-file"],
    [["call", bob, "--expct", "x"], "did you mean --expect?"],
    [["answer", "--once", "--count", "2"], "--count"],
    [["answer", "-"], "--once"],
    [["chat", bob, "--send", "x"], "--send"],
    [["smp", bob, "--no-input"], "--secret-file"],
    [["smp", bob, "--secret-file", "s.txt", "--otr", "off"], "--otr off"],
    [["smp", "bob@", "--secret-file", "s.txt"], "bob@"],
  ];
  // Two by two, a processor each. The values that flags take are the unit test's.
  const check = async ([args, names]: typeof cases[number]): Promise<void> => {
    const run = await runSotto({ folder: folder.path, home: "home" }, ...args);
    assertStatus(run, 2);
    assertEquals(run.stdout, "");
    assertStringIncludes(run.stderr, names);
    assertMatch(run.stderr, /^sotto: error: .*\n(sotto: hint: .*\n)?$/);
  };
  for (let at = 0; at < cases.length; at += 2) {
    await Promise.all(cases.slice(at, at + 2).map(check));
  }
  assertEquals(await folder.names(), ["binary", "s.txt", "script"]); // Nothing was made.
});

Deno.test("status 3: the network, before a call and in the middle of one", async (t) => {
  await using folder = await TemporaryFolder.make();
  const alice = { folder: folder.path, home: "alice" };
  let closed = 0;
  {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    closed = listener.addr.port;
  }
  for (const transport of ["tcp", "tls"]) {
    await t.step(`refused over ${transport}`, async () => {
      const target = `sip:bob@127.0.0.1:${closed};transport=${transport}`;
      const call = await runSotto(alice, "call", target, "--send", "x", "--json");
      assertStatus(call, 3);
      assertEquals(errorOf(call)["code"], "transport/refused");
    });
  }
  await t.step("a name that is none", async () => {
    const call = await runSotto(alice, "call", "bob@host.invalid", "--send", "x", "--json");
    assertStatus(call, 3);
    assertEquals(errorOf(call)["code"], "transport/name-not-found");
  });
  await t.step("503", async () => {
    assertStatus(await answeredWith(alice, "503 Service Unavailable"), 3);
  });
  await t.step("a connection that breaks while something is expected", async () => {
    await using bob = await PlainMsrpClient.open();
    await using call = startSotto(
      alice,
      ...["call", bob.phone.uri, "--msrp", "tcp", "--otr", "off", "--send", "hello"],
      ...["--expect", "never", "--json"],
    );
    await bob.answerCall();
    await bob.heard("hello");
    bob.disconnect();
    const result = await call.result();
    assertStatus(result, 3);
    assertEquals(result.events.filter((it) => it["type"] === "msrp").at(-1)?.["state"], "closed");
    await bob.phone.next("BYE"); // The call does not outlive its medium.
  });
});

Deno.test("status 3: the other side hangs up before stdin ends, which is not waited for", async () => {
  await using folder = await TemporaryFolder.make();
  const typed = new TransformStream<Uint8Array, Uint8Array>();
  const keyboard = typed.writable.getWriter();
  await using bob = await PlainMsrpClient.open();
  await using call = startSotto(
    { folder: folder.path, home: "alice", stdin: typed.readable },
    ...["call", bob.phone.uri, "-", "--msrp", "tcp", "--otr", "off", "--json"],
  );
  await bob.answerCall();
  void keyboard.write(new TextEncoder().encode("hello\n"));
  await bob.heard("hello");
  await call.event((it) => it["type"] === "delivery");
  await bob.phone.request("BYE");
  const result = await call.result();
  await keyboard.close();
  assertStatus(result, 3);
  assertStringIncludes(errorOf(result)["message"] as string, "before the input did");
});

/** Calls somebody who answers the INVITE with `status` and nothing else. */
async function answeredWith(alice: SottoOptions, status: string): Promise<SottoResult> {
  await using phone = await SipPhone.open("bob");
  await using call = startSotto(alice, "call", phone.uri, "--send", "x", "--json");
  await phone.respond(await phone.next("INVITE"), status);
  const result = await call.result();
  const rejected = result.events.find((it) => it["state"] === "rejected");
  assertEquals(rejected?.["status"], Number(status.slice(0, 3)));
  assertEquals(errorOf(result)["side"], "local");
  assert(phone.heard.includes("ACK"));
  return result;
}

Deno.test("status 4: the peer refuses, or breaks its protocol", async (t) => {
  await using folder = await TemporaryFolder.make();
  const alice = { folder: folder.path, home: "alice" };
  for (
    const status of [
      "302 Moved Temporarily",
      "404 Not Found",
      "486 Busy Here",
      "488 Not Acceptable Here",
      "603 Decline",
    ]
  ) {
    await t.step(status, async () => assertStatus(await answeredWith(alice, status), 4));
  }
  await t.step("frames that are no MSRP", async () => {
    await using bob = await PlainMsrpClient.open();
    await using call = startSotto(
      alice,
      ...["call", bob.phone.uri, "--msrp", "tcp", "--otr", "off", "--send", "hello"],
      ...["--expect", "never", "--json"],
    );
    await bob.answerCall();
    await bob.heard("hello");
    await bob.write("HTTP/1.1 400 \x1b[31mBad Request\r\n\r\n");
    const result = await call.result();
    assertStatus(result, 4);
    const error = errorOf(result);
    assertEquals(error["side"], "remote");
    assertMatch(String(error["rule"]), /RFC 4975/);
    assert(!result.stderr.includes("\x1b"), "the peer's escape sequence reached the terminal");
  });
});

Deno.test("status 5: a peer that is not verified where that is required, with nothing said", async () => {
  await using folder = await TemporaryFolder.make();
  await using bob = await Answerer.start(
    { folder: folder.path, home: "bob" },
    ...["--listen", LOOPBACK, "--echo"],
  );
  const call = await runSotto(
    { folder: folder.path, home: "alice" },
    ...["call", await bob.target("bob"), "--trust", "verified", "--send", "x", "--json"],
  );
  assertStatus(call, 5);
  assertEquals(errorOf(call)["code"], "session/untrusted");
  assertStringIncludes(call.stderr, "sotto: hint: ");
  await bob.event((it) => it["state"] === "ended");
  assertEquals(bob.events.filter((it) => it["type"] === "message"), []);
});

Deno.test("status 6: silence, on every level", async (t) => {
  await using folder = await TemporaryFolder.make();
  const alice = { folder: folder.path, home: "alice" };
  await t.step("a phone that rings past the timeout is cancelled", async () => {
    await using phone = await SipPhone.open("bob");
    await using call = startSotto(
      alice,
      ...["call", phone.uri, "--send", "x", "--timeout", "1s", "--json"],
    );
    const invite = await phone.next("INVITE");
    await phone.respond(invite, "180 Ringing");
    await phone.next("CANCEL");
    await phone.respond(invite, "487 Request Terminated");
    await phone.next("ACK");
    const result = await call.result();
    assertStatus(result, 6);
    assertEquals(
      result.events.filter((it) => it["type"] === "call").map((it) => it["state"]),
      ["calling", "ringing", "ended"],
    );
  });
  await t.step("408", async () => {
    assertStatus(await answeredWith(alice, "408 Request Timeout"), 6);
  });
  await t.step("a SEND that nobody answers", async () => {
    await using bob = await PlainMsrpClient.open({
      answer: (frame) => isUserMessage(frame) ? undefined : "200 OK",
      reports: false,
    });
    await using call = startSotto(
      alice,
      ...["call", bob.phone.uri, "--msrp", "tcp", "--otr", "off", "--send", "x"],
      ...["--timeout", "1s", "--json"],
    );
    await bob.answerCall();
    const result = await call.result();
    assertStatus(result, 6);
    assertStringIncludes(errorOf(result)["message"] as string, "--send");
  });
  await t.step("a question about the secret that nobody answers", async () => {
    await Deno.writeTextFile(folder.file("s.txt"), "secret\n");
    await using bob = await Answerer.start(
      { folder: folder.path, home: "bob" },
      ...["--listen", LOOPBACK],
    );
    const smp = await runSotto(
      alice,
      ...["smp", await bob.target("bob"), "--secret-file", "s.txt", "--timeout", "1s"],
    );
    assertStatus(smp, 6);
  });
});

Deno.test("status 7: encryption that is required and does not come about", async (t) => {
  await using folder = await TemporaryFolder.make();
  const alice = { folder: folder.path, home: "alice" };
  for (const isFocus of [false, true]) {
    await t.step(isFocus ? "with a conference" : "with a peer without OTR", async () => {
      await using bob = await PlainMsrpClient.open({ isFocus });
      await using call = startSotto(
        alice,
        ...["call", bob.phone.uri, "--msrp", "tcp", "--otr", "require"],
        ...["--send", "a secret", "--json"],
      );
      await bob.answerCall();
      if (!isFocus) {
        await bob.heard((it) => it.startsWith("?OTR"));
        await bob.say("what is this?");
      }
      const result = await call.result();
      assertStatus(result, 7);
      assertEquals(result.events.some((it) => it["direction"] === "out"), false);
      const bodies = bob.sends.map((it) => it.content ?? "");
      assertEquals(bodies.filter((it) => !it.startsWith("?OTRv")), []);
      if (isFocus) assertEquals(bodies, []);
      const connected = result.events.find((it) => it["state"] === "connected");
      assertEquals(connected?.["focus"] === true, isFocus);
    });
  }
  await t.step("with a verified peer that suddenly has none", async () => {
    await using bob = await PlainMsrpClient.open();
    const fingerprint = "4af9f2b1db4ee051b2c074526602c0bc0bb2ce3c";
    const added = await runSotto(
      { ...alice, home: "carol" },
      ...["peers", "add", "plain@127.0.0.1", fingerprint, "--verified"],
    );
    assertStatus(added, 0);
    await using call = startSotto(
      { ...alice, home: "carol" },
      ...["call", bob.phone.uri, "--msrp", "tcp", "--send", "a secret", "--json"],
    );
    await bob.answerCall();
    await bob.heard((it) => it.startsWith("?OTR"));
    await bob.say("what is this?");
    assertStatus(await call.result(), 7);
    assertEquals(bob.sends.some((it) => it.content === "a secret"), false);
  });
  await t.step("when the other side ends it", async () => {
    await Deno.writeTextFile(folder.file("stop"), "expect hello\notr stop\nwait 2s\n");
    await using bob = await Answerer.start(
      { folder: folder.path, home: "bob" },
      ...["--listen", LOOPBACK, "--script", "stop"],
    );
    const call = await runSotto(
      alice,
      ...["call", await bob.target("bob"), "--otr", "require", "--send", "hello"],
      ...["--expect", "never", "--json"],
    );
    assertStatus(call, 7);
    assertEquals(call.events.findLast((it) => it["type"] === "otr")?.["state"], "finished");
  });
});

Deno.test("status 8: what is damaged at home is named, and left as it is", async (t) => {
  await using folder = await TemporaryFolder.make();
  const target = "sip:bob@127.0.0.1:9;transport=tcp";
  const damaged: Readonly<Record<string, string>> = {
    "chat/private_key.dsa": "(privkeys (account (name sotto)\n",
    "tls/key.pem": "nonsense\n",
    "config.toml": '[otr\npolicy = "require"\n',
  };
  for (const [file, text] of Object.entries(damaged)) {
    await t.step(file, async () => {
      const home = file.replaceAll("/", "-");
      const path = folder.file(`${home}/${file}`);
      await Deno.mkdir(path.replace(/\/[^/]*$/, ""), { recursive: true, mode: 0o700 });
      await Deno.writeTextFile(path, text, { mode: 0o600 });
      const call = await runSotto(
        { folder: folder.path, home },
        ...["call", target, "--send", "x", "--json"],
      );
      assertStatus(call, 8);
      assertStringIncludes(errorOf(call)["message"] as string, file);
      assertEquals(call.events.map((it) => it["type"]), ["error"]); // Nobody was called.
      assertEquals(await Deno.readTextFile(path), text);
    });
  }
  for (const file of ["trusted_peers", "instance_tags"]) {
    await t.step(`chat/${file} that cannot be read`, async () => {
      await Deno.mkdir(folder.file(`${file}/chat/${file}`), { recursive: true });
      const call = await runSotto(
        { folder: folder.path, home: file },
        ...["call", target, "--send", "x", "--json"],
      );
      assertStatus(call, 8);
      assertStringIncludes(errorOf(call)["message"] as string, file);
      assertEquals(call.events.map((it) => it["type"]), ["error"]); // Nobody was called.
    });
  }
});

Deno.test("status 127: what a later release brings is named, and not ignored", async () => {
  await using folder = await TemporaryFolder.make();
  const target = "sip:bob@127.0.0.1:9";
  const commands = [["call", target], ["answer"], ["chat", "--answer"], ["smp", target]];
  await Promise.all(commands.map(async (command) => {
    const run = await runSotto(
      { folder: folder.path, home: "home" },
      ...[...command, "--otr-keylog", "k.log"],
    );
    assertStatus(run, 127);
    assertEquals(run.stderr, "sotto: error: --otr-keylog is unsupported by this build\n");
  }));
  assertEquals(await folder.names(), []);
});

for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  Deno.test(`status ${status}: ${signal} in a call says goodbye on every level`, async () => {
    await using folder = await TemporaryFolder.make();
    const alice = { folder: folder.path, home: "alice" };
    await using bob = await Answerer.start(
      { folder: folder.path, home: "bob" },
      ...["--listen", LOOPBACK, "--echo"],
    );
    await using call = startSotto(
      alice,
      ...["call", await bob.target("bob"), "--send", "hello", "--expect", "hello"],
      ...["--expect", "never", "--trace", "t.pcapng", "--json"],
    );
    await call.event((it) => it["type"] === "message" && it["direction"] === "in");
    assertEquals(await call.stop(signal), status);
    // Over OTR, over MSRP, over SIP.
    await bob.event((it) => it["type"] === "call" && it["state"] === "ended");
    const states = bob.events.filter((it) => it["type"] === "otr").map((it) => it["state"]);
    assertEquals(states.slice(-2), ["encrypted", "finished"]);
    const ended = bob.events.findLast((it) => it["type"] === "call");
    assertEquals(ended?.["reason"], "remote hang-up");
    const dump = await runSotto(alice, "msrp-dump", "t.pcapng", "--json");
    assertStatus(dump, 0);
    assertEquals(dump.events.filter((it) => it["method"] === "BYE").length, 1);
    // The answerer goes on with its next caller.
    assertStatus(
      await runSotto(
        alice,
        ...["call", await bob.target("bob"), "--send", "again", "--expect", "again"],
      ),
      0,
    );
  });
}

Deno.test("a second signal does not wait for a peer that says no goodbye", async () => {
  await using folder = await TemporaryFolder.make();
  await using bob = await PlainMsrpClient.open();
  bob.phone.answersByes = false;
  await using call = startSotto(
    { folder: folder.path, home: "alice" },
    ...["call", bob.phone.uri, "--msrp", "tcp", "--otr", "off", "--expect", "never", "--json"],
  );
  await bob.answerCall();
  await call.event((it) => it["state"] === "bound");
  call.signal("SIGINT");
  await bob.phone.next("BYE");
  const second = performance.now();
  assertEquals(await call.stop("SIGINT"), 130);
  assert(performance.now() - second < 3000, "it waited");
});
