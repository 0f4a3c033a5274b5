/** A folder for one test, gone at its end. */

/** Use with `await using`. */
export class TemporaryFolder implements AsyncDisposable {
  /** Its absolute path. */
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Makes one in the system's place for such. */
  static async make(): Promise<TemporaryFolder> {
    return new TemporaryFolder(await Deno.makeTempDir({ prefix: "sotto-test-" }));
  }

  /** The path of `name` in it. */
  file(name: string): string {
    return `${this.path}/${name}`;
  }

  /** Names in it, and below it, sorted. */
  async names(below: string = ""): Promise<string[]> {
    const names: string[] = [];
    for await (const entry of Deno.readDir(`${this.path}/${below}`)) {
      names.push(`${below}${entry.name}`);
      if (entry.isDirectory) names.push(...await this.names(`${below}${entry.name}/`));
    }
    return names.sort();
  }

  /** Removes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

/** A file of the project's fixtures. */
export function readFixture(name: string): Uint8Array<ArrayBuffer> {
  return Deno.readFileSync(new URL(`../../fixtures/${name}`, import.meta.url));
}

/** Permission bits of a file or folder. */
export async function modeOf(path: string): Promise<number> {
  return ((await Deno.stat(path)).mode ?? 0) & 0o777;
}
