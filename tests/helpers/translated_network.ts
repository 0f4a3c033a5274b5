/**
 * Hosts in network namespaces: a street that everybody reaches, and homes behind address
 * translators of their own, which nobody reaches from outside unless a home spoke first.
 *
 *     street 198.51.100.1 ── 198.51.100.11 translator ── 10.9.1.2 home 1
 *                         └─ 198.51.100.12 translator ── 10.9.2.2 home 2
 *
 * The addresses are those of documentation (RFC 5737); nothing leaves the namespaces.
 */

/** A host of it. */
export interface NetworkHost {
  /** Its own address. */
  readonly address: string;
  /** What others see of it. */
  readonly seenAs: string;
  /** What a command line has to begin with to run there. */
  readonly within: readonly string[];
}

/** The programs that it takes: for `livePeerTest`. */
export const NETWORK_NEEDS: readonly string[] = ["ip", "nft", "sysctl"];

/** Why there can be no such network here, or `undefined` when there can. */
export async function networkObstacle(): Promise<string | undefined> {
  if (Deno.build.os !== "linux") return "network namespaces are Linux's";
  const name = `sotto-${crypto.randomUUID().slice(0, 8)}-probe`;
  const { success, stderr } = await tryRun("ip", "netns", "add", name);
  if (!success) return `no network namespaces: ${stderr.trim()}`;
  const table = await tryRun("ip", "netns", "exec", name, "nft", "add table ip probe");
  await tryRun("ip", "netns", "del", name);
  return table.success ? undefined : `no address translation: ${table.stderr.trim()}`;
}

/** See the module comment. Use with `await using`. */
export class TranslatedNetwork implements AsyncDisposable {
  readonly street: NetworkHost;
  readonly homes: readonly NetworkHost[];
  readonly #names: string[];

  private constructor(street: NetworkHost, homes: readonly NetworkHost[], names: string[]) {
    this.street = street;
    this.homes = homes;
    this.#names = names;
  }

  /** Builds one. @param homes How many, at most 9. */
  static async make(homes: number): Promise<TranslatedNetwork> {
    const prefix = `sotto-${crypto.randomUUID().slice(0, 6)}`;
    const names: string[] = [];
    const host = async (name: string): Promise<string> => {
      await run("ip", "netns", "add", name);
      names.push(name);
      await run("ip", "-n", name, "link", "set", "lo", "up");
      return name;
    };
    try {
      const street = await host(`${prefix}-street`);
      await run("ip", "-n", street, "link", "add", "street", "type", "bridge");
      await run("ip", "-n", street, "addr", "add", "198.51.100.1/24", "dev", "street");
      await run("ip", "-n", street, "link", "set", "street", "up");
      const made: NetworkHost[] = [];
      for (let number = 1; number <= homes; number++) {
        const router = await host(`${prefix}-router${number}`);
        const home = await host(`${prefix}-home${number}`);
        const outside = `198.51.100.${10 + number}`;
        await join([street, `port${number}`], [router, "outside", `${outside}/24`]);
        await run("ip", "-n", street, "link", "set", `port${number}`, "master", "street");
        await join([router, "inside", `10.9.${number}.1/24`], [home, "lan", `10.9.${number}.2/24`]);
        await run("ip", "-n", home, "route", "add", "default", "via", `10.9.${number}.1`);
        await translate(router);
        made.push({
          address: `10.9.${number}.2`,
          seenAs: outside,
          within: ["ip", "netns", "exec", home],
        });
      }
      const address = "198.51.100.1";
      return new TranslatedNetwork(
        { address, seenAs: address, within: ["ip", "netns", "exec", street] },
        made,
        names,
      );
    } catch (error) {
      await remove(names);
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await remove(this.#names);
  }
}

/** A cable between two hosts, with an address at each end that has one. */
async function join(
  [one, oneEnd, oneAddress]: readonly [host: string, device: string, address?: string],
  [other, otherEnd, otherAddress]: readonly [host: string, device: string, address?: string],
): Promise<void> {
  await run(
    ...["ip", "link", "add", oneEnd, "netns", one, "type", "veth"],
    ...["peer", "name", otherEnd, "netns", other],
  );
  for (
    const [host, device, address] of [[one, oneEnd, oneAddress], [other, otherEnd, otherAddress]]
  ) {
    if (host === undefined || device === undefined) continue;
    if (address !== undefined) await run("ip", "-n", host, "addr", "add", address, "dev", device);
    await run("ip", "-n", host, "link", "set", device, "up");
  }
}

/** What goes out gets the translator's address; what comes in unasked is dropped. */
async function translate(router: string): Promise<void> {
  const inside = ["ip", "netns", "exec", router] as const;
  await run(...inside, "sysctl", "-q", "-w", "net.ipv4.ip_forward=1");
  for (
    const rule of [
      "add table ip nat",
      "add chain ip nat out { type nat hook postrouting priority 100; }",
      'add rule ip nat out oifname "outside" masquerade',
      "add table ip guard",
      "add chain ip guard forward { type filter hook forward priority 0; policy drop; }",
      'add rule ip guard forward iifname "inside" accept',
      "add rule ip guard forward ct state established,related accept",
    ]
  ) await run(...inside, "nft", rule);
}

async function remove(names: readonly string[]): Promise<void> {
  for (const name of names.toReversed()) await tryRun("ip", "netns", "del", name);
}

async function run(...command: readonly string[]): Promise<void> {
  const { success, stderr } = await tryRun(...command);
  if (!success) throw new Error(`${command.join(" ")}: ${stderr.trim()}`);
}

async function tryRun(
  ...[program = "", ...args]: readonly string[]
): Promise<{ success: boolean; stderr: string }> {
  const { success, stderr } = await new Deno.Command(program, {
    args,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  return { success, stderr: new TextDecoder().decode(stderr) };
}
