/** baresip without sound, picture or keyboard: it registers, and refuses what it cannot play. */
import { decodeUtf8Lossy } from "../../lib/base/bytes.ts";
import { freeSippPort } from "./sipp.ts";

/** Where Debian puts its modules. */
const MODULES = ["/usr/lib/baresip/modules", "/usr/lib/x86_64-linux-gnu/baresip/modules"];

/** `EADDRINUSE`, which is its exit status then. */
const ADDRESS_IN_USE = 98;

/** What it registers with. */
export interface BaresipAccount {
  /** `user@host:port`. */
  readonly address: string;
  readonly transport: "udp" | "tcp";
  readonly password: string;
}

/** A running baresip. Use with `await using`. */
export class Baresip implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #reading: Promise<void>;
  readonly #folder: string;
  readonly #ready = Promise.withResolvers<void>();
  #text = "";

  private constructor(child: Deno.ChildProcess, folder: string) {
    this.#child = child;
    this.#folder = folder;
    this.#reading = this.#read(child.stdout);
  }

  /** Everything it said. */
  get log(): string {
    return this.#text;
  }

  /** Starts it, on another port if somebody was faster. */
  static async start(account: BaresipAccount): Promise<Baresip> {
    for (let attempt = 1;; attempt++) {
      const started = await Baresip.#spawn(account);
      try {
        await started.until(started.#ready.promise, "it was ready");
        return started;
      } catch (error) {
        await started[Symbol.asyncDispose]();
        const isTaken = (await started.#child.status).code === ADDRESS_IN_USE;
        if (!isTaken || attempt === 5) throw error;
      }
    }
  }

  static async #spawn({ address, transport, password }: BaresipAccount): Promise<Baresip> {
    const folder = await Deno.makeTempDir({ prefix: "sotto-baresip-" });
    const modules = MODULES.find((it) => exists(it)) ?? MODULES[0];
    const [user = ""] = address.split("@");
    await Deno.writeTextFile(
      `${folder}/config`,
      [
        `module_path ${modules}`,
        "module g711.so", // It wants one codec at least.
        "module_tmp account.so",
        "module_app menu.so",
        `sip_listen 127.0.0.1:${await freeSippPort()}`,
        "net_interface 127.0.0.1",
        "",
      ].join("\n"),
    );
    await Deno.writeTextFile(
      `${folder}/accounts`,
      `<sip:${address};transport=${transport}>;auth_user=${user};auth_pass=${password};regint=60\n`,
    );
    await Deno.writeTextFile(`${folder}/contacts`, "");
    const child = new Deno.Command("baresip", {
      args: ["-f", folder, "-v"],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    return new Baresip(child, folder);
  }

  /**
   * Waits for something that it should bring about.
   *
   * @throws {Error} with its log when it ends before, or takes longer than a minute.
   */
  async until<T>(happens: Promise<T>, what: string): Promise<T> {
    const late = Promise.withResolvers<never>();
    const fail = (how: string) =>
      late.reject(new Error(`baresip ${how} before ${what}: ${this.#text}`));
    const timer = setTimeout(() => fail("did nothing for a minute"), 60_000);
    void this.#child.status.then(({ code }) => fail(`ended with ${code}`));
    try {
      return await Promise.race([happens, late.promise]);
    } finally {
      clearTimeout(timer);
      late.promise.catch(() => {}); // It ends after it was waited for.
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGTERM"); // It unregisters then.
    } catch {
      // It ended by itself.
    }
    await Promise.all([this.#child.status, this.#reading]);
    await Deno.remove(this.#folder, { recursive: true });
  }

  async #read(stdout: ReadableStream<Uint8Array>): Promise<void> {
    for await (const bytes of stdout) {
      this.#text += decodeUtf8Lossy(bytes);
      if (this.#text.includes("baresip is ready")) this.#ready.resolve();
    }
  }
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false; // Another layout.
  }
}
