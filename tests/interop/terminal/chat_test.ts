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

livePeerTest(
  "sotto chat between two terminals: talk, verify, leave",
  { needs: ["tmux"] },
  async () => {
    await using folder = await TemporaryFolder.make();
    await using terminals = new Terminals(folder.path);
    const deno = Deno.execPath().replace(/\/[^/]*$/, "");
    const sotto = (home: string, rest: string): string =>
      `env PATH='${deno}':"$PATH" SOTTO_HOME='${folder.file(home)}' '${LAUNCHER}' chat ${rest}`;

    await terminals.open("bob", sotto("bob", "--answer --listen '127.0.0.1:0;transport=tcp'"));
    const listening = await terminals.sees("bob", /listening on sip:\S+/);
    const address = /listening on sip:(\S+?);/.exec(listening)?.[1] ?? "";
    await terminals.open("alice", sotto("alice", `'sip:bob@${address};transport=tcp'`));

    await terminals.sees("alice", "[orange] bob@127.0.0.1>");
    await terminals.type("alice", "is this line private? grüße");
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
    await terminals.type("bob", "one more thing");
    assertStringIncludes(
      await terminals.sees("alice", /one more thing[\s\S]*\[green\] bob@127\.0\.0\.1> hi/),
      "one more thing",
    );
    await terminals.press("alice", "Enter");
    await terminals.sees("bob", "anonymous@anonymous.invalid: hi");

    await terminals.type("alice", "/quit");
    await terminals.sees("alice", "left with 0");
    await terminals.sees("bob", "ended");
  },
);
