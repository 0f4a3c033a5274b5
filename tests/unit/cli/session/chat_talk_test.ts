import { assertEquals, assertStringIncludes } from "@std/assert";
import { CHAT_COMMANDS, ChatTalk, completeCommand } from "../../../../cli/session/chat_talk.ts";
import type { LineEditor } from "../../../../cli/terminal/line_editor.ts";
import { SottoError } from "../../../../lib/base/mod.ts";
import type { ChatSession, SessionEvent } from "../../../../lib/session/mod.ts";
import { testContext } from "../../../helpers/session_flags.ts";

/** An editor at which `lines` are typed; `hidden` is the answer to the question in the dark. */
class ScriptedEditor implements LineEditor {
  readonly lines: AsyncIterable<string>;
  readonly prompts: string[] = [];
  readonly asked: string[] = [];
  onTyping: (() => void) | undefined;

  constructor(lines: readonly string[]) {
    this.lines = (async function* () {
      yield* lines;
    })();
  }

  print(): void {}

  setPrompt(prompt: string): void {
    this.prompts.push(prompt);
  }

  askHidden(label: string): Promise<string> {
    this.asked.push(label);
    return Promise.resolve("under the clock");
  }

  [Symbol.dispose](): void {}
}

/** A session that writes down what it is asked to do. */
function recordingSession(): { session: ChatSession; done: string[] } {
  const done: string[] = [];
  const note = <T>(name: string, result: T) => (...args: unknown[]): T => {
    const words = args.map((it) => {
      if (it instanceof Uint8Array) return new TextDecoder().decode(it);
      return typeof it === "object" ? JSON.stringify(it) : it;
    });
    done.push([name, ...words.filter((it) => it !== undefined)].join(" "));
    return result;
  };
  const session = {
    peer: "bob@example.com",
    fingerprint: "4af9f2b1".repeat(5),
    settled: Promise.resolve(),
    ended: new Promise(() => {}),
    send: note("send", Promise.resolve({ status: "delivered" })),
    verify: note("verify", Promise.resolve({ verdict: "match" })),
    answerNow: note("answer", Promise.resolve({ verdict: "match" })),
    abortSmp: note("abort", undefined),
    trust: () => Promise.reject(new SottoError("session/unencrypted", "nothing to trust")),
    changeOtr: note("otr", Promise.resolve()),
    continueInPlaintext: note("plain", undefined),
    typed: note("typed", undefined),
    stoppedTyping: note("stopped typing", undefined),
    displayed: note("displayed", undefined),
    useNickname: (name: string) => {
      done.push(`nick ${name}`);
      return Promise.resolve({
        status: name === "taken" ? "refused" : "accepted",
        code: 425,
        reason: "in use",
      });
    },
  };
  return { session: session as unknown as ChatSession, done };
}

async function type(...lines: readonly string[]): Promise<{
  done: string[];
  editor: ScriptedEditor;
  stderr: string;
}> {
  const editor = new ScriptedEditor(lines);
  const { session, done } = recordingSession();
  const { printer, stderr } = testContext();
  await new ChatTalk(session, editor, printer).run();
  return { done, editor, stderr: stderr.text };
}

Deno.test("ChatTalk sends lines, and a line that begins with a space even before a slash", async () => {
  assertEquals((await type("hello", "", " /etc/passwd")).done, ["send hello", "send  /etc/passwd"]);
});

Deno.test("ChatTalk asks for secrets in the dark", async () => {
  const { done, editor } = await type("/smp where did we meet?", "/answer");
  assertEquals(done, ["verify under the clock where did we meet?", "answer under the clock"]);
  assertEquals(editor.asked, ["Shared secret", "Your answer"]);
});

Deno.test("ChatTalk does what its commands say, and stops at /quit", async () => {
  const { done, stderr } = await type(
    ...["/abort", "/otr refresh", "/otr sideways", "/plain", "/fingerprint", "/quit", "late"],
  );
  assertEquals(done, ["abort", "otr refresh", "plain"]);
  assertStringIncludes(stderr, "expected /otr start, /otr stop or /otr refresh");
  assertStringIncludes(stderr, "4AF9F2B1 4AF9F2B1 4AF9F2B1 4AF9F2B1 4AF9F2B1");
});

Deno.test("ChatTalk sends no command that it does not know, and survives what fails", async () => {
  const { done, stderr } = await type("/smpp", "/trust", "still here");
  assertEquals(done, ["send still here"]);
  assertStringIncludes(stderr, "unknown command /smpp");
  assertStringIncludes(stderr, "nothing to trust");
});

Deno.test("ChatTalk lists in /help what it can do", async () => {
  const { stderr } = await type("/help");
  for (const usage of Object.keys(CHAT_COMMANDS)) assertStringIncludes(stderr, usage);
});

Deno.test("ChatTalk keeps the lock in the prompt", () => {
  const editor = new ScriptedEditor([]);
  const { printer, stderr } = testContext();
  const talk = new ChatTalk(recordingSession().session, editor, printer);
  talk.observe({ type: "otr", state: "encrypted", lock: "orange" });
  talk.observe({ type: "otr", state: "encrypted", lock: "green" });
  talk.observe({ type: "otr", state: "finished", lock: "gray" });
  const asked: SessionEvent = {
    type: "smp",
    state: "asked",
    question: null,
    role: "responder",
    proofSeen: false,
  };
  talk.observe(asked);
  assertEquals(editor.prompts, [
    "[orange] bob@example.com> ",
    "[green] bob@example.com> ",
    "[gray] bob@example.com> ",
  ]);
  assertStringIncludes(stderr.text, "type /plain to go on WITHOUT encryption");
  assertStringIncludes(stderr.text, "type /answer to answer");
});

Deno.test("ChatTalk shows that the other side types, until they say something or stop", () => {
  const editor = new ScriptedEditor([]);
  const talk = new ChatTalk(recordingSession().session, editor, testContext().printer);
  const composing = (state: "active" | "idle") =>
    talk.observe({ type: "composing", from: "bob@example.com", state });
  composing("active");
  composing("active");
  composing("idle");
  composing("active");
  talk.observe({
    type: "message",
    direction: "in",
    id: "1",
    from: "bob@example.com",
    to: "alice@example.com",
    contentType: "text/plain",
    body: "hello",
    encryption: "",
  });
  assertEquals(editor.prompts, [
    "[gray] bob@example.com (typing)> ",
    "[gray] bob@example.com> ",
    "[gray] bob@example.com (typing)> ",
    "[gray] bob@example.com> ",
  ]);
});

Deno.test("ChatTalk at the end of input waits for what is under way, after /quit it does not", async () => {
  for (const [lines, waits] of [[["hello"], true], [["hello", "/quit"], false]] as const) {
    const { session } = recordingSession();
    const delivered = Promise.withResolvers<{ status: "delivered" }>();
    Object.assign(session, { send: () => delivered.promise });
    const editor = new ScriptedEditor(lines);
    let isOver = false;
    const running = new ChatTalk(session, editor, testContext().printer).run()
      .then(() => isOver = true);
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
    assertEquals(isOver, !waits);
    delivered.resolve({ status: "delivered" });
    await running;
  }
});

Deno.test("ChatTalk keeps what is said while the call is set up, in order", async () => {
  const { session, done } = recordingSession();
  const settled = Promise.withResolvers<void>();
  Object.assign(session, { settled: settled.promise });
  const editor = new ScriptedEditor(["one", "/help", "two"]);
  const running = new ChatTalk(session, editor, testContext().printer).run();
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
  assertEquals(done, []);
  settled.resolve();
  await running;
  assertEquals(done, ["send one", "send two"]);
});

Deno.test("ChatTalk does not wait for a secret when the session is over", async () => {
  const { session } = recordingSession();
  Object.assign(session, { ended: Promise.resolve({ by: "remote" }) });
  const editor = new ScriptedEditor(["/smp"]);
  editor.askHidden = () => new Promise(() => {});
  await new ChatTalk(session, editor, testContext().printer).run();
});

Deno.test("ChatTalk passes on every key, and that what was typed is no message", async () => {
  const editor = new ScriptedEditor(["hello"]);
  const { session, done } = recordingSession();
  const talk = new ChatTalk(session, editor, testContext().printer);
  editor.onTyping?.();
  editor.onTyping?.();
  await talk.run();
  assertEquals(done, ["typed", "typed", "send hello"]);

  // What became a command instead is taken back.
  const second = recordingSession();
  const changed = new ScriptedEditor(["/help"]);
  const other = new ChatTalk(second.session, changed, testContext().printer);
  changed.onTyping?.();
  await other.run();
  assertEquals(second.done, ["typed", "stopped typing"]);
});

Deno.test("completeCommand() completes names", () => {
  assertEquals(completeCommand("/a"), ["/answer", "/abort"]);
  assertEquals(completeCommand("/otr"), ["/otr"]);
  assertEquals(completeCommand("/x"), []);
});

Deno.test("ChatTalk takes nicknames and private messages to the conference", async () => {
  const { done, stderr } = await type(
    "/nick Alice A.",
    "/nick taken",
    "/msg bob@example.com hello bob",
    "/msg bob@example.com",
  );
  assertEquals(done, ["nick Alice A.", "nick taken", 'send hello bob {"to":"bob@example.com"}']);
  assertStringIncludes(stderr, "the conference took the nickname");
  assertStringIncludes(stderr, "no nickname: 425 in use");
  assertStringIncludes(stderr, "expected /msg user@domain and a text");
});
