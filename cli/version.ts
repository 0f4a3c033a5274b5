/** What this program calls itself. */
import manifest from "../deno.json" with { type: "json" };

/** The version, from the one place that has it. */
export const VERSION: string = manifest.version;
