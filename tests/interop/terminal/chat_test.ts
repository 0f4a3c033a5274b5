/** Two people at two terminals: `sotto chat` in panes of tmux, typed at and looked at. */
import { assert, assertStringIncludes } from "@std/assert";
import { livePeerTest } from "../../helpers/live_peer.ts";
import { TemporaryFolder } from "../../helpers/temporary_folder.ts";

const LAUNCHER = decodeURIComponent(new URL("../../../bin/sotto", import.meta.url).pathname);
/** Milliseconds that something may take to appear on a screen. */
const PATIENCE = 20_000;

/** A tmux server of its own, with one window a person. */
class Terminals implements AsyncDisposable {
  readonly #socket: string;
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.#socket = `${folder}/tmux`;
  }

  /** Opens a window for `person` in which `command` runs, and then shows its status. */
  async open(person: string, command: string): Promise<void> {
    const size = ["-x", "110", "-y", "30"];
    // The shell stays, and the window with it: what tmux itself says of a dead pane comes
    // from two signals that race.
    const shown = `${command}; echo "left with $?"; exec sleep 600`;
    await this.#tmux("new-session", "-d", "-s", person, ...size, "-c", this.#folder, shown);
  }

  /** Types `line` and presses Enter. */
  async type(person: string, line: string): Promise<void> {
    await this.#tmux("send-keys", "-t", person, "-l", line);
    await this.#tmux("send-keys", "-t", person, "Enter");
  }

  /** Presses a key by name. */
  async press(person: string, key: string): Promise<void> {
    await this.#tmux("send-keys", "-t", person, key);
  }

  /** What stands on the screen, and what has scrolled off it. */
  async screen(person: string): Promise<string> {
    return await this.#tmux("capture-pane", "-p", "-S", "-200", "-t", person);
  }

  /** The screen with its colours. */
  async painted(person: string): Promise<string> {
    return await this.#tmux("capture-pane", "-p", "-e", "-S", "-200", "-t", person);
  }

  /** What the window calls itself. */
  async title(person: string): Promise<string> {
    return (await this.#tmux("display-message", "-p", "-t", person, "#{pane_title}")).trim();
  }

  /** Waits until the screen shows `text`. */
  async sees(person: string, text: string | RegExp): Promise<string> {
    const until = performance.now() + PATIENCE;
    for (;;) {
      const screen = await this.screen(person);
      if (typeof text === "string" ? screen.includes(text) : text.test(screen)) return screen;
      if (performance.now() > until) {
        throw new Error(`${person} does not see ${text}, but:\n${screen}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tmux("kill-server").catch(() => {}); // The last window may have closed it.
  }

  async #tmux(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await new Deno.Command("tmux", {
      args: ["-S", this.#socket, "-f", "/dev/null", "-u", ...args],
      env: { TERM: "xterm-256color", LC_ALL: "C.UTF-8" },
    }).output();
    const decoder = new TextDecoder();
    if (code !== 0) throw new Error(`tmux ${args[0]}: ${decoder.decode(stderr)}`);
    return decoder.decode(stdout);
  }
}

/** The command lines of the test's people, each with a home of their own. */
function commandsIn(folder: TemporaryFolder): (home: string, rest: string) => string {
  const deno = Deno.execPath().replace(/\/[^/]*$/, "");
  return (home, rest) =>
    `env PATH='${deno}':"$PATH" SOTTO_HOME='${folder.file(home)}' '${LAUNCHER}' ${rest}`;
}

/** Opens bob's window with `sotto REST`, and returns the URI that he can be called at. */
async function open(terminals: Terminals, command: string): Promise<string> {
  await terminals.open("bob", command);
  const listening = await terminals.sees("bob", /listening on sip:\S+/);
  return `sip:bob@${/listening on sip:(\S+?);/.exec(listening)?.[1]};transport=tcp`;
}

const LISTEN = "--listen '127.0.0.1:0;transport=tcp'";

livePeerTest(
  "sotto chat between two terminals: talk, verify, leave",
  { needs: ["tmux"] },
  async () => {
    await using folder = await TemporaryFolder.make();
    await using terminals = new Terminals(folder.path);
    const sotto = commandsIn(folder);
    const target = await open(terminals, sotto("bob", `chat --answer ${LISTEN}`));
    await terminals.open("alice", sotto("alice", `chat '${target}'`));

    await terminals.sees("alice", "[orange] bob@127.0.0.1>");
    // The first line that is typed is announced; further ones within a minute are not (RFC 3994 §3.2).
    await terminals.press("alice", "i");
    await terminals.sees("bob", "anonymous@anonymous.invalid (typing)>");
    await terminals.type("alice", "s this line private? grüße");
    await terminals.sees("bob", "anonymous@anonymous.invalid: is this line private? grüße");
    await terminals.type("bob", "it is");
    await terminals.sees("alice", "bob@127.0.0.1: it is");

    await terminals.type("alice", "/smp where did we meet?");
    await terminals.sees("alice", "Shared secret:");
    await terminals.type("alice", "under the clock");
    await terminals.sees("bob", "asks for the shared secret: where did we meet?");
    await terminals.type("bob", "/answer");
    await terminals.sees("bob", "Your answer:");
    await terminals.type("bob", "under the clock");
    await terminals.sees("alice", "[green] bob@127.0.0.1>");
    for (const person of ["alice", "bob"]) {
      const screen = await terminals.screen(person);
      assert(
        !screen.includes("under the clock"),
        `${person}'s screen shows the secret:\n${screen}`,
      );
    }

    // A line that is being typed survives a message that comes in meanwhile.
    await terminals.press("alice", "h");
    await terminals.press("alice", "i");
    await terminals.sees("alice", "[green] bob@127.0.0.1> hi");
    await terminals.type("bob", "one more thing");
    assertStringIncludes(
      await terminals.sees("alice", /one more thing[\s\S]*\[green\] bob@127\.0\.0\.1> hi/),
      "one more thing",
    );
    await terminals.press("alice", "Enter");
    await terminals.sees("bob", /anonymous@anonymous\.invalid: hi\n.*invalid>/);

    await terminals.type("alice", "/help");
    await terminals.sees("alice", /\/quit +hang up/);
    await terminals.type("alice", "/quit");
    await terminals.sees("alice", "left with 0");
    await terminals.sees("bob", "ended");
  },
);

livePeerTest(
  "sotto chat with a program: hidden secret, no escape sequence gets through, Ctrl-C",
  { needs: ["tmux"] },
  async () => {
    await using folder = await TemporaryFolder.make();
    await using terminals = new Terminals(folder.path);
    const sotto = commandsIn(folder);
    await Deno.writeTextFile(folder.file("s.txt"), "under the clock\n");
    // A title, a colour, a cleared screen, a row above, a line of its own, another direction.
    const hostile =
      "\x1b]0;pwned\x07\x1b[31mred\x1b[2J\x1b[1A\u009b1mC1\r[green] alice> \u202etxt.exe";
    await Deno.writeTextFile(folder.file("script"), `expect hello\nsend ${hostile}\nsend done\n`);
    const answer = `answer ${LISTEN} --once --smp-answer-file s.txt --script script --hold 60s`;
    const target = await open(terminals, sotto("bob", answer));
    await terminals.open("alice", sotto("alice", `chat '${target}' --from alice@example.com`));
    await terminals.sees("alice", "[orange] bob@127.0.0.1>");

    // What comes in while a secret is typed does not show it, and leaves the question standing.
    await terminals.type("alice", "hello");
    await terminals.type("alice", "/smp");
    const screen = await terminals.sees("alice", /done[\s\S]*Shared secret:/);
    assertStringIncludes(screen, "\\x1b[31mred");
    const painted = await terminals.painted("alice");
    assert(!painted.includes("\x1b[31m"), painted);
    assert(!/^\[green\] alice>/m.test(screen), screen);
    assert(!screen.includes("\u202e"), screen);
    assert((await terminals.title("alice")) !== "pwned");

    await terminals.type("alice", "under the clock");
    const verified = await terminals.sees("alice", "[green] bob@127.0.0.1>");
    assert(!verified.includes("under the clock"), verified);
    await terminals.press("alice", "Up"); // Nor does it come back with the history.
    const recalled = await terminals.sees("alice", "[green] bob@127.0.0.1> /smp");
    assert(!recalled.includes("under the clock"), recalled);

    await terminals.press("alice", "C-c");
    await terminals.sees("alice", "left with 130");
    await terminals.sees("bob", "left with 0");
    const rows = await Deno.readTextFile(folder.file("alice/chat/trusted_peers"));
    assert(/^bob@127\.0\.0\.1\t.*\tverified\n$/.test(rows), rows);
  },
);
