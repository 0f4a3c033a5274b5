/**
 * The fallbacks as an engine takes them, on this processor with instructions taken away from
 * it: no fused multiply-add, no SIMD, no WebAssembly. Each computes what all others compute.
 */
import { assertEquals } from "@std/assert";

const PROBE = new URL("../../helpers/arithmetic_probe.ts", import.meta.url).pathname;

/** What an engine with these flags computes with: the width of the kernel's limbs in bits. */
const ENGINES: readonly (readonly [flags: string, width: number | undefined])[] = [
  ["--enable-fma3", undefined], // Whatever this processor has.
  ["--no-enable-fma3", 28],
  ["--no-enable-avx", 28],
  ["--no-enable-sse4-1", undefined],
  ["--jitless", undefined],
];

interface Probed {
  readonly width?: number;
  readonly digest: string;
  readonly works: number;
}

async function probe(flags: string): Promise<Probed> {
  const config = new URL("../../../deno.json", import.meta.url).pathname;
  const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-read", "--quiet", "--config", config, `--v8-flags=${flags}`, PROBE],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

Deno.test({
  name: "an engine without fused multiply-add, SIMD or WebAssembly falls back, and gets the same",
  ignore: Deno.build.arch !== "x86_64", // Other processors' engines have other flags.
  async fn() {
    const [full, ...rest] = await Promise.all(ENGINES.map(([flags]) => probe(flags)));
    assertEquals([full?.works, full?.width === undefined], [104, false]);
    for (const [at, { digest, width }] of rest.entries()) {
      const [flags, expected] = ENGINES[at + 1] ?? [];
      assertEquals([flags, width, digest], [flags, expected, full?.digest ?? ""]);
    }
  },
});
