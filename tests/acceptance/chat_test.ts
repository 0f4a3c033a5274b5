/** `sotto chat` where there is no terminal: lines in, messages out. With one: tests/interop/terminal. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Answerer, runSotto, startSotto } from "../helpers/sotto_process.ts";
import { TemporaryFolder } from "../helpers/temporary_folder.ts";

Deno.test("chat from a pipe says every line, and leaves when they are delivered", async () => {
  await using folder = await TemporaryFolder.make();
  await using bob = await Answerer.start(
    { folder: folder.path, home: "bob" },
    ...["--listen", "127.0.0.1:0;transport=udp", "--once"],
  );
  const chat = await runSotto(
    { folder: folder.path, home: "alice", stdin: "/help\none\n\n /two\nthree\n/nonsense\n" },
    ...["chat", await bob.target("bob")],
  );
  assertEquals(chat.status, 0, chat.stdout + chat.stderr);
  const { status, events } = await bob.result();
  assertEquals(status, 0);
  const messages = events.filter((it) => it["type"] === "message");
  assertEquals(
    messages.map((it) => [it["body"], it["encryption"]]),
    [["one", "unverified"], [" /two", "unverified"], ["three", "unverified"]],
  );
  assertMatch(chat.stdout, /unknown command \/nonsense/);
  assertMatch(chat.stdout, /\/quit +hang up/);
  assert(!chat.stdout.includes("\x1b"), "there is no terminal to move about");
});

Deno.test("chat --answer from a pipe shows what comes, and verifies", async () => {
  await using folder = await TemporaryFolder.make();
  await Deno.writeTextFile(folder.file("s.txt"), "under the clock\n");
  const typed = new TransformStream<Uint8Array, Uint8Array>();
  const keyboard = typed.writable.getWriter();
  await using bob = startSotto(
    { folder: folder.path, home: "bob", stdin: typed.readable },
    ...["chat", "--answer", "--listen", "127.0.0.1:0;transport=tcp"],
    ...["--smp-answer-file", "s.txt"],
  );
  void keyboard.write(new TextEncoder().encode("hello from bob\n"));
  const line = await bob.says("listening on sip:");
  const address = /sip:(\S+)/.exec(line)?.[1] ?? "";
  const call = await runSotto(
    { folder: folder.path, home: "alice" },
    ...["call", `sip:bob@${address}`, "--smp-secret-file", "s.txt", "--send", "hello\x1b[31m"],
    ...["--expect", "^hello from bob$", "--json"],
  );
  assertEquals(call.status, 0, call.stdout + call.stderr);
  const { status, stdout } = await bob.result();
  await keyboard.close();
  assertEquals(status, 0);
  assertMatch(stdout, /^anonymous@anonymous\.invalid: hello\\x1b\[31m$/m);
  assertMatch(stdout, /verification succeeded/);
});

Deno.test("chat --answer that waits for a call is ended by a signal", async () => {
  await using folder = await TemporaryFolder.make();
  for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    await using bob = startSotto(
      { folder: folder.path, home: "bob" },
      ...["chat", "--answer", "--listen", "127.0.0.1:0"],
    );
    await bob.says("listening on sip:");
    assertEquals(await bob.stop(signal), status);
  }
});
