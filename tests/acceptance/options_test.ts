/** What the options of a session do, between real processes. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { certificateFingerprint, makeSelfSignedCertificate } from "../../lib/transport/mod.ts";
import {
  Answerer,
  type JsonEvent,
  LAUNCHER,
  PROGRAM_PATH,
  runSotto,
  type SottoResult,
} from "../helpers/sotto_process.ts";
import { SipPhone } from "../helpers/session_phone.ts";
import { TemporaryFolder } from "../helpers/temporary_folder.ts";

const UDP = ["--listen", "127.0.0.1:0;transport=udp"];
const ECHO = [...UDP, "--echo"];

function assertStatus({ status, stdout, stderr }: SottoResult, expected: number): void {
  assertEquals(status, expected, `${stdout}\n${stderr}`);
}

function bodies(events: readonly JsonEvent[], direction: "in" | "out"): unknown[] {
  return events.filter((it) => it["direction"] === direction).map((it) => it["body"]);
}

function last(events: readonly JsonEvent[], type: string): JsonEvent {
  return events.findLast((it) => it["type"] === type) ?? {};
}

/** Homes in one folder, and a way to run commands in them. */
function people(folder: TemporaryFolder): {
  answer: (home: string, ...args: string[]) => Promise<Answerer>;
  run: (home: string, ...args: string[]) => Promise<SottoResult>;
} {
  return {
    answer: (home, ...args) => Answerer.start({ folder: folder.path, home }, ...args),
    run: (home, ...args) => runSotto({ folder: folder.path, home }, ...args),
  };
}

Deno.test("steps happen in the order in which they are given, whatever gives them", async (t) => {
  await using folder = await TemporaryFolder.make();
  const { answer, run } = people(folder);
  await using bob = await answer("bob", ...ECHO);
  const target = await bob.target("bob");

  await t.step("flags, across options", async () => {
    const call = await run(
      "alice",
      ...["call", target, "--json", "--send", "a", "--expect", "^a$", "--send", "b"],
      ...["--expect", "^b$", "--send", "c", "--expect", "^c$"],
    );
    assertStatus(call, 0);
    const messages = call.events.filter((it) => it["type"] === "message");
    assertEquals(
      messages.map((it) => `${it["direction"]} ${it["body"]}`),
      ["out a", "in a", "out b", "in b", "out c", "in c"],
    );
  });

  await t.step("flags, then the script", async () => {
    await Deno.writeTextFile(
      folder.file("script"),
      "\uFEFF# what happens\r\nexpect ^flag$\r\nsend grüße ☂\r\nwait 10ms\r\n" +
        "expect ^grüße ☂$\r\notr refresh\r\nsend  two spaces \r\nexpect ^ two spaces $\r\nhangup\r\n",
    );
    const call = await run(
      "alice",
      ...["call", target, "--json", "--script", "script", "--send", "flag"],
    );
    assertStatus(call, 0);
    assertEquals(bodies(call.events, "out"), ["flag", "grüße ☂", " two spaces "]);
    const ssids = call.events.flatMap((it) => it["ssid"] ?? []);
    assertEquals(new Set(ssids).size, 2);
  });

  await t.step("a script on stdin", async () => {
    const call = await runSotto(
      { folder: folder.path, home: "alice", stdin: "send one\nexpect one\n" },
      ...["call", target, "--json", "--script", "-"],
    );
    assertStatus(call, 0);
    assertEquals(bodies(call.events, "out"), ["one"]);
    const broken = await runSotto(
      { folder: folder.path, home: "alice", stdin: "send one\nspend two\n" },
      ...["call", target, "--script", "-"],
    );
    assertStatus(broken, 2);
    assertStringIncludes(broken.stderr, "stdin:2");
  });

  await t.step("flags, then the lines of stdin", async () => {
    const call = await runSotto(
      { folder: folder.path, home: "alice", stdin: "one\n\ntwo \x1b[31m\nthree without an end" },
      ...["call", target, "-", "--json", "--send", "zero", "--expect", "zero"],
    );
    assertStatus(call, 0);
    assertEquals(
      bodies(call.events, "out"),
      ["zero", "one", "", "two \x1b[31m", "three without an end"],
    );
  });

  await t.step("stdin cannot be two things", async () => {
    const call = await runSotto(
      { folder: folder.path, home: "alice", stdin: "send x\n" },
      ...["call", target, "-", "--script", "-"],
    );
    assertStatus(call, 2);
    assertEquals(call.stderr, "sotto: error: - and --script - both read stdin: give one of them\n");
  });

  await t.step("--hold stays after the last step", async () => {
    const call = await run("alice", "call", target, "--send", "x", "--hold", "700ms", "--json");
    assertStatus(call, 0);
    assertEquals(bodies(call.events, "in"), ["x"]); // Which came after the last step.
    const at = (event: JsonEvent): number => Date.parse(String(event["at"]));
    assert(at(last(call.events, "call")) - at(last(call.events, "delivery")) >= 650);
  });
});

Deno.test("answer takes several calls at once, --count of them, and warns of what goes wrong", async () => {
  await using folder = await TemporaryFolder.make();
  const { answer, run } = people(folder);
  await run("alice", "keygen"); // One key, however many callers.
  await using bob = await answer("bob", ...ECHO, "--count", "5", "--expect-not", "3");
  const target = await bob.target("bob");
  const calls = await Promise.all([1, 2, 3, 4, 5].map((number) =>
    run(
      "alice",
      ...["call", target, "--otr", "require", "--send", `${number}`, "--expect", `^${number}$`],
      ...["--hold", "1s"],
    )
  ));
  // The one that said 3 was hung up on; whether it heard its echo before is a matter of luck.
  for (const [at, call] of calls.entries()) if (at !== 2) assertStatus(call, 0);
  const result = await bob.result();
  assertStatus(result, 1);
  assertStringIncludes(result.stderr, "sotto: warning: --expect-not");
  assertEquals(bodies(result.events, "in").toSorted(), ["1", "2", "3", "4", "5"]);
  const states = result.events.filter((it) => it["type"] === "call");
  const ends = states.findIndex((it) => it["state"] === "ended");
  assert(states.slice(0, ends).filter((it) => it["state"] === "connected").length > 1);
  assertEquals(states.filter((it) => it["state"] === "ended").length, 5);
});

Deno.test("--otr, on either side", async (t) => {
  await using folder = await TemporaryFolder.make();
  const { answer, run } = people(folder);
  const cases = [
    { caller: "accept", callee: "accept", state: "plaintext", encryption: "" },
    { caller: "prefer", callee: "accept", state: "encrypted", encryption: "unverified" },
    { caller: "off", callee: "accept", state: "disabled", encryption: "" },
  ];
  for (const { caller, callee, state, encryption } of cases) {
    await t.step(`${caller} calls ${callee}`, async () => {
      await using bob = await answer("bob", ...ECHO, "--otr", callee);
      const call = await run(
        "alice",
        ...["call", await bob.target("bob"), "--otr", caller, "--send", "x", "--expect", "x"],
        "--json",
      );
      assertStatus(call, 0);
      assertEquals(last(call.events, "otr")["state"], state);
      const messages = call.events.filter((it) => it["type"] === "message");
      assertEquals(messages.map((it) => it["encryption"]), [encryption, encryption]);
    });
  }
  await t.step("off calls require: nothing goes back", async () => {
    await Deno.writeTextFile(folder.file("script"), "send x\nwait 500ms\nsend y\nwait 2s\n");
    await using bob = await answer("bob", ...ECHO, "--otr", "require", "--once");
    const call = await run(
      "alice",
      ...["call", await bob.target("bob"), "--otr", "off", "--script", "script", "--json"],
    );
    const result = await bob.result();
    assertStatus(result, 7);
    assertEquals(bodies(result.events, "out"), []);
    assertEquals(bodies(result.events, "in"), ["x", "y"]);
    assertEquals(bodies(call.events, "in").filter((it) => !String(it).startsWith("?OTR")), []);
  });
});

Deno.test("--otr-versions decides with which version a conversation is encrypted", async () => {
  await using folder = await TemporaryFolder.make();
  const { answer, run } = people(folder);
  await using bob = await answer("bob", ...ECHO);
  const target = await bob.target("bob");
  const call = ["call", target, "--otr", "require", "--send", "x", "--expect", "x", "--json"];
  for (const [versions, version] of [["2", 2], ["2,3", 3]] as const) {
    const result = await run("alice", ...call, "--otr-versions", versions);
    assertStatus(result, 0);
    assertEquals(last(result.events, "otr")["version"], version, versions);
  }
  await using carol = await answer("carol", ...ECHO, "--otr-versions", "2");
  const result = await run("alice", "call", await carol.target("carol"), ...call.slice(2));
  assertStatus(result, 0);
  assertEquals(last(result.events, "otr")["version"], 2);
});

Deno.test("--learn records the first fingerprint of a caller, and a later one is a change", async () => {
  await using folder = await TemporaryFolder.make();
  const { answer, run } = people(folder);
  const from = ["--from", "Alice%2Ea@Example.COM"];
  const rows = async (): Promise<string> =>
    await Deno.readTextFile(folder.file("bob/chat/trusted_peers")).catch(() => "");
  {
    await using bob = await answer("bob", ...ECHO);
    const say = ["call", await bob.target("bob"), "--send", "x", "--expect", "x"];
    assertStatus(await run("alice", ...say, ...from), 0);
  }
  assertEquals(await rows(), "");
  {
    await using bob = await answer("bob", ...ECHO, "--learn");
    const say = ["call", await bob.target("bob"), "--send", "x", "--expect", "x"];
    assertStatus(await run("alice", ...say, ...from), 0);
    assertStatus(await run("alice", ...say), 0); // Anonymous: nobody that could be recorded.
    const { stdout } = await run("alice", "fingerprint");
    assertEquals(await rows(), `Alice.a@example.com\t${stdout.trim()}\t\n`);
  }
  await using bob = await answer("bob", ...UDP, "--learn", "--once", "--send", "secret");
  const mallory = await run(
    "mallory",
    ...["call", await bob.target("bob"), ...from, "--hold", "1s", "--json"],
  );
  const result = await bob.result();
  assertStatus(result, 5);
  assertEquals(last(result.events, "fingerprint-changed")["peer"], "Alice.a@example.com");
  assertEquals(last(result.events, "otr")["lock"], "red");
  assertEquals([...bodies(result.events, "out"), ...bodies(mallory.events, "in")], []);
  assertEquals((await rows()).split("\n").length, 2);
});

Deno.test("SMP: secrets from a file, a descriptor, a pipe, the environment, a flag", async (t) => {
  await using folder = await TemporaryFolder.make();
  const { answer, run } = people(folder);
  await Deno.writeTextFile(folder.file("s.txt"), "unter der Uhr ☂\r\n");
  await Deno.writeTextFile(folder.file("two.txt"), "unter der Uhr ☂\n\n");
  await using bob = await answer("bob", ...ECHO, "--smp-answer-file", "s.txt");
  const target = await bob.target("bob");
  const shell = async (script: string): Promise<number> => {
    const { code, stderr } = await new Deno.Command("bash", {
      args: ["-c", script, LAUNCHER, target],
      cwd: folder.path,
      env: { PATH: PROGRAM_PATH, SOTTO_HOME: folder.file("alice") },
      stdin: "null",
    }).output();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    return code;
  };
  await t.step("a file that ends in CRLF", async () => {
    assertStatus(await run("alice", "smp", target, "--secret-file", "s.txt"), 0);
  });
  await t.step("only one line end is dropped", async () => {
    assertStatus(await run("alice", "smp", target, "--secret-file", "two.txt"), 1);
  });
  await t.step("an open file", () => shell('"$0" smp "$1" --secret-file /dev/fd/3 3<s.txt').then());
  await t.step("a pipe", () => shell('"$0" smp "$1" --secret-file <(cat s.txt)').then());
  await t.step("the environment", async () => {
    const environment = { SOTTO_SMP_SECRET: "unter der Uhr ☂" };
    const options = { folder: folder.path, home: "alice", environment };
    const smp = await runSotto(options, "smp", target, "--no-input");
    assertStatus(smp, 0);
    assert(!smp.stderr.includes("Uhr"));
  });
  await t.step("a flag, with a warning", async () => {
    const smp = await run("alice", "smp", target, "--secret", "unter der Uhr ☂");
    assertStatus(smp, 0);
    assertMatch(smp.stderr, /^sotto: warning: .*--secret-file$/m);
    assert(!smp.stderr.includes("Uhr"));
  });
  await t.step("in a call, and in its script", async () => {
    await Deno.writeTextFile(folder.file("script"), "send x\nsmp wo?\nexpect x\n");
    const call = await run(
      "carol",
      ...["call", target, "--smp-secret-file", "s.txt", "--script", "script", "--json"],
    );
    assertStatus(call, 0);
    const types = call.events.filter((it) => it["type"] === "message" || it["type"] === "smp");
    assertEquals(types[0]?.["body"], "x"); // The step, not the flag, says when.
    assertEquals(last(call.events, "smp"), { ...last(call.events, "smp"), question: "wo?" });
    assertEquals(last(call.events, "otr")["lock"], "green");
  });
});

Deno.test("SMP: --smp-from says who may ask, and three wrong guesses are enough for an hour", async () => {
  await using folder = await TemporaryFolder.make();
  const { answer, run } = people(folder);
  await Deno.writeTextFile(folder.file("s.txt"), "secret\n");
  await Deno.writeTextFile(folder.file("wrong.txt"), "guess\n");
  const answering = [...ECHO, "--smp-answer-file", "s.txt"];
  {
    await using bob = await answer("bob", ...answering, "--smp-from", "carol@example.com");
    const asking = ["smp", await bob.target("bob"), "--secret-file", "s.txt"];
    const [alice, carol] = await Promise.all([
      run("alice", ...asking, "--from", "alice@example.com"),
      run("carol", ...asking, "--from", "carol@example.com"),
    ]);
    assertStatus(alice, 4);
    assertStatus(carol, 0);
    const refusal = await bob.event((it) => it["code"] === "session/smp-refused");
    assertStringIncludes(String(refusal["message"]), "alice@example.com");
  }
  const ask = async (home: string, bob: Answerer, secret: string, from = home) =>
    (await run(
      home,
      ...["smp", await bob.target("bob"), "--secret-file", secret, "--timeout", "3s"],
      ...["--from", `${from}@example.com`],
    )).status;
  {
    await using bob = await answer("bob", ...answering);
    assertEquals(await ask("mallory", bob, "wrong.txt"), 1);
    assertEquals(await ask("mallory", bob, "wrong.txt"), 1);
  }
  {
    await using bob = await answer("bob", ...answering);
    assertEquals(await ask("mallory", bob, "wrong.txt"), 1);
  }
  // Restarted twice, and the third guess was the last. Another name does not help; nobody
  // else suffers.
  await using bob = await answer("bob", ...answering);
  const late = await Promise.all([
    ask("mallory", bob, "s.txt"),
    ask("mallory", bob, "s.txt", "malory"),
    ask("dave", bob, "s.txt"),
  ]);
  assertEquals(late, [4, 4, 0]);
});

Deno.test("the configuration may be tightened by flags; loosening it must be meant", async () => {
  await using folder = await TemporaryFolder.make();
  const { answer, run } = people(folder);
  await Deno.mkdir(folder.file("alice"));
  await Deno.writeTextFile(
    folder.file("alice/config.toml"),
    '[otr]\npolicy = "prefer"\nversions = [2]\n[trust]\nlevel = "verified"\n',
  );
  await using bob = await answer("bob", ...ECHO);
  const call = ["call", await bob.target("bob"), "--send", "x", "--expect", "x", "--json"];
  const untrusted = await run("alice", ...call, "--otr", "require");
  assertStatus(untrusted, 5);
  assertEquals(last(untrusted.events, "otr")["version"], 2);
  for (const [flag, value] of [["--trust", "known"], ["--otr", "off"], ["--otr", "accept"]]) {
    const loose = await run("alice", ...call, flag ?? "", value ?? "");
    assertStatus(loose, 2);
    assertMatch(loose.stderr, new RegExp(`^sotto: error: ${flag} ${value} loosens`));
    assertStringIncludes(loose.stderr, "--override-contact");
  }
  assertStatus(await run("alice", ...call, "--trust", "known", "--override-contact"), 0);
});

Deno.test("--msrp and --setup: every way to bring a connection about", async () => {
  await using folder = await TemporaryFolder.make();
  const { answer, run } = people(folder);
  await using bob = await answer("bob", ...ECHO);
  const target = await bob.target("bob");
  const ways = ["tcp", "tls"].flatMap((msrp) =>
    ["active", "passive", "actpass"].map((setup) => [msrp, setup] as const)
  );
  await run("alice", "call", target, "--send", "x"); // Key and certificate, once.
  await Promise.all(ways.map(async ([msrp, setup]) => {
    const call = await run(
      "alice",
      ...["call", target, "--msrp", msrp, "--setup", setup, "--send", "x", "--expect", "x"],
      ...["--chunk-size", "100", "--trace", `${msrp}-${setup}.jsonl`, "--json"],
    );
    assertStatus(call, 0);
    assertEquals(last(call.events, "msrp")["tls"], msrp === "tls");
    const scheme = msrp === "tls" ? /^msrps:/ : /^msrp:/;
    assertMatch(String(last(call.events, "msrp")["localPath"]), scheme);
    const dump = await run("alice", "msrp-dump", `${msrp}-${setup}.jsonl`, "--json");
    const sends = dump.events.filter((it) => it["method"] === "SEND");
    // Who connects says the first word, to the port of the other's path.
    const listening = last(call.events, "msrp")[setup === "passive" ? "localPath" : "remotePath"];
    const port = /127\.0\.0\.1(:\d+)/.exec(String(listening))?.[1] ?? "";
    assert(String(sends[0]?.["dst"]).endsWith(port), `${setup}: ${port} ${sends[0]?.["dst"]}`);
    const offer = dump.events.find((it) => it["method"] === "INVITE");
    assertStringIncludes(JSON.stringify(offer), `"setup":"${setup}"`);
    assert(sends.some((it) => it["flag"] === "+"), "no message was cut");
  }));
});

Deno.test("SIP over TCP and TLS: whom to believe is said by flags", async (t) => {
  await using folder = await TemporaryFolder.make();
  const { answer, run } = people(folder);
  const { certPem, keyPem } = await makeSelfSignedCertificate({ commonName: "127.0.0.1" });
  await Deno.writeTextFile(folder.file("c.pem"), certPem);
  await Deno.writeTextFile(folder.file("k.pem"), keyPem);
  const own = ["--tls-cert", "c.pem", "--tls-key", "k.pem"];
  await using bob = await answer(
    "bob",
    ...["--listen", "127.0.0.1:0;transport=tls", "--listen", "127.0.0.1:0;transport=tcp"],
    ...["--echo", ...own],
  );
  const uris = await bob.uris;
  assertEquals(uris.length, 2);
  const [tls, tcp] = [await bob.target("bob", "tls"), await bob.target("bob", "tcp")];
  const say = ["--send", "x", "--expect", "x", "--json"];
  const fingerprint = await certificateFingerprint(certPem);
  const other = fingerprint.replaceAll(/[0-9a-f]/g, (it) => it === "0" ? "1" : "0");
  const cases: readonly (readonly [name: string, status: number, args: readonly string[]])[] = [
    ["TCP", 0, [tcp]],
    ["TCP, by --transport", 0, [tcp.replace(/;.*/, ""), "--transport", "tcp"]],
    ["TLS, nobody vouches for it", 3, [tls]],
    ["TLS, --tls-insecure", 0, [tls, "--tls-insecure"]],
    ["TLS, --tls-fingerprint", 0, [tls, "--tls-fingerprint", fingerprint]],
    ["TLS, another --tls-fingerprint", 3, [tls, "--tls-fingerprint", other]],
    ["TLS, --tls-ca", 0, [tls, "--tls-ca", "c.pem"]],
    ["TLS, --transport", 0, [tls.replace(/;.*/, ""), "--transport", "tls", "--tls-insecure"]],
    ["sips:", 0, [tls.replace(/^sip:/, "sips:").replace(/;.*/, ""), "--tls-insecure"]],
  ];
  for (const [name, status, args] of cases) {
    await t.step(name, async () => {
      assertStatus(await run("alice", "call", ...args, ...say), status);
    });
  }
});

Deno.test("IPv6, and a call that receives SIP where --listen says", async (t) => {
  try {
    Deno.listen({ hostname: "::1", port: 0 }).close();
  } catch {
    await t.step({ name: "no IPv6 on this machine", ignore: true, fn: () => {} });
    return;
  }
  await using folder = await TemporaryFolder.make();
  const { answer, run } = people(folder);
  for (const transport of ["udp", "tcp"] as const) {
    await using bob = await answer("bob", "--listen", `[::1]:0;transport=${transport}`, "--echo");
    const target = await bob.target("bob", transport);
    assertMatch(target, /^sip:bob@\[::1\]:\d+/);
    const call = await run(
      "alice",
      ...["call", target, "--listen", `[::1]:0;transport=${transport}`],
      ...["--otr", "require", "--send", "x", "--expect", "x", "--json"],
    );
    assertStatus(call, 0);
    assertMatch(String(last(call.events, "msrp")["localPath"]), /^msrps:\/\/\[::1\]:\d+\//);
  }
  const rows = await Deno.readTextFile(folder.file("alice/chat/trusted_peers"));
  assertMatch(rows, /^bob@\[::1\]\t[^\n]*\t\n$/);
});

Deno.test("beyond the loopback interface, addresses of ours are given that others can reach", async (t) => {
  const [own] = Deno.networkInterfaces().filter(({ family, address }) =>
    family === "IPv4" && !address.startsWith("127.") && !address.startsWith("169.254.")
  );
  if (own === undefined) {
    await t.step({ name: "no other interface on this machine", ignore: true, fn: () => {} });
    return;
  }
  await using folder = await TemporaryFolder.make();
  const { answer, run } = people(folder);
  await using bob = await answer("bob", "--listen", `${own.address}:0;transport=udp`, "--echo");
  const call = await run(
    "alice",
    ...["call", await bob.target("bob"), "--otr", "require", "--send", "x", "--expect", "x"],
    ...["--json", "--trace", "t.jsonl"],
  );
  assertStatus(call, 0);
  assertMatch(String(last(call.events, "msrp")["localPath"]), /^msrps:\/\//);
  const invite = (await Deno.readTextFile(folder.file("t.jsonl"))).split("\n")
    .find((it) => it.includes("INVITE sip:")) ?? "";
  assertEquals(invite.includes("127.0.0.1"), false, invite);
});

Deno.test("--location follows a 302, and trust stays with the address that was dialled", async () => {
  await using folder = await TemporaryFolder.make();
  const { answer, run } = people(folder);
  await using bob = await answer("bob", ...ECHO);
  await using desk = await SipPhone.open("bob");
  const elsewhere = await bob.target("mobile");
  const redirect = async (number: number): Promise<void> => {
    const invite = await desk.next("INVITE", number);
    const parts = { headers: [`Contact: <${elsewhere}>`] };
    await desk.respond(invite, "302 Moved Temporarily", parts);
  };
  const say = ["--otr", "require", "--send", "x", "--expect", "x", "--json"];
  const [refused] = await Promise.all([run("alice", "call", desk.uri, ...say), redirect(0)]);
  assertStatus(refused, 4);
  const [followed] = await Promise.all([
    run("alice", "call", desk.uri, "--location", ...say),
    redirect(1),
  ]);
  assertStatus(followed, 0);
  assertEquals(last(followed.events, "call")["peer"], "bob@127.0.0.1");
  const rows = await Deno.readTextFile(folder.file("alice/chat/trusted_peers"));
  assertMatch(rows, /^bob@127\.0\.0\.1\t/);
});
