/** `sotto chat`: one session for people. */
import type { ChatSession } from "../../lib/session/mod.ts";
import type { CommandContext, CommandModule } from "../command.ts";
import { type SessionFlags, SessionOptions } from "../options/session.ts";
import { usageError } from "../output/cli_error.ts";
import { EXIT } from "../output/exit_code.ts";
import { Printer } from "../output/printer.ts";
import { parseTarget } from "../session/addresses.ts";
import { openFiles } from "../session/files.ts";
import { CallRoom } from "../session/call_room.ts";
import { ChatTalk, completeCommand } from "../session/chat_talk.ts";
import { Announcer } from "../session/announcer.ts";
import { smpAnswer, smpSecret } from "../session/plan.ts";
import { createLineEditor, type LineEditor } from "../terminal/line_editor.ts";

export const command: CommandModule = {
  configure(command, context) {
    const typed = command.argument("[target]", "a SIP URI, or user@domain")
      .option("--answer", "wait for a call instead of making one");
    const options = new SessionOptions(typed, context, "chat");
    typed.addHelpText("after", "\nExample:\n  $ sotto chat sip:bob@192.0.2.7 --otr require");
    typed.action(async (target, said) => {
      const flags = options.read();
      const isAnswering = said.answer === true;
      if (isAnswering === (target !== undefined)) {
        throw usageError("chat calls a target, or waits with --answer: give one of them");
      }
      if (context.printer.json) {
        throw usageError("chat is for people: call and answer speak --json");
      }
      const party = target === undefined ? undefined : parseTarget(target);
      const answer = await smpAnswer(flags);
      const secret = await smpSecret(context, flags, "chat");
      await using files = await openFiles(context, flags);
      const asked = { ...flags, waitsForCall: isAnswering };
      await using room = await CallRoom.open(context, asked, "chat", answer, files);
      if (isAnswering) room.announceListening();
      const session = party === undefined
        ? await nextCall(room, context.signal)
        : await room.place(party);
      await talk(session, context, flags, secret);
    });
  },
};

async function nextCall(room: CallRoom, signal: AbortSignal): Promise<ChatSession> {
  const calls = room.calls()[Symbol.asyncIterator]();
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  const next = await Promise.race([calls.next(), stopped]);
  if (next.done) throw usageError("the listener ended");
  return await room.accept(next.value);
}

async function talk(
  session: ChatSession,
  context: CommandContext,
  flags: SessionFlags,
  secret: Uint8Array | undefined,
): Promise<void> {
  const interrupted = Promise.withResolvers<void>();
  context.signal.addEventListener("abort", () => interrupted.resolve(), { once: true });
  using editor = await createLineEditor({
    prompt: "> ",
    complete: completeCommand,
    onInterrupt: () => {
      // The terminal is raw: this is a key, and means what the signal means.
      context.exit(EXIT.interrupted);
      interrupted.resolve();
    },
    write: (text) => context.printer.raw(text),
  });
  const printer = printerAbove(editor, context);
  const announcer = new Announcer(printer);
  const chat = new ChatTalk(session, editor, printer);
  const following = (async () => {
    for await (const event of session.events) {
      announcer.announce(event);
      chat.observe(event);
    }
  })();
  session.settled.catch(() => {}); // What it rejects with is an event too, and `end` below.
  if (secret !== undefined) void verifyOnce(session, secret, flags.smpQuestion);
  await Promise.race([chat.run(), interrupted.promise]);
  await session.hangUp();
  await following;
  const end = await session.ended;
  if (end.by === "network" && end.error !== undefined) throw end.error;
}

/** Verifies as soon as that is possible; the verdict is an event like any other. */
async function verifyOnce(
  session: ChatSession,
  secret: Uint8Array,
  question: string | undefined,
): Promise<void> {
  await session.settled.catch(() => {}); // A changed fingerprint can be verified all the same.
  if (session.canVerify) await session.verify(secret, question);
}

/** A printer whose every line goes above the input line. */
function printerAbove(editor: LineEditor, context: CommandContext): Printer {
  const sink = {
    write: (data: string | Uint8Array) => {
      const text = typeof data === "string" ? data : new TextDecoder().decode(data);
      editor.print(text.replace(/\n$/, ""));
    },
    isTerminal: context.printer.stdoutIsTerminal,
  };
  return new Printer({
    stdout: sink,
    stderr: sink,
    json: false,
    verbosity: context.printer.verbosity,
    colour: context.options.colour,
    noColour: context.environment("NO_COLOR"),
    now: () => Date.now(),
  });
}
