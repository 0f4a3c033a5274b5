import { assertEquals } from "@std/assert";
import { Command } from "commander";
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import {
  declareGlobalOptions,
  type GlobalOptions,
  readGlobalOptions,
} from "../../../../cli/options/global.ts";

function parse(...args: string[]): { options: GlobalOptions; send: unknown } {
  const program = new Command("sotto") as unknown as CommandUnknownOpts;
  program.exitOverride().configureOutput({ writeErr: () => {} });
  const call = program.command("call").option("--send <text>");
  let result: { options: GlobalOptions; send: unknown } | undefined;
  call.action(() => {
    result = { options: readGlobalOptions(call), send: call.getOptionValue("send") };
  });
  declareGlobalOptions(program, "1", false);
  program.parse(args, { from: "user" });
  if (result === undefined) throw new Error("the action did not run");
  return result;
}

Deno.test("readGlobalOptions() has defaults", () => {
  assertEquals(parse("call").options, {
    home: undefined,
    json: false,
    verbosity: "normal",
    colour: "auto",
    input: true,
  });
});

Deno.test("readGlobalOptions() reads both sides of the name", () => {
  assertEquals(
    parse("--quiet", "--home", "h", "call", "--json", "--no-input", "--color=never").options,
    {
      home: "h",
      json: true,
      verbosity: "quiet",
      colour: "never",
      input: false,
    },
  );
});

Deno.test("readGlobalOptions() leaves to an option's value what looks like a global option", () => {
  const { options, send } = parse("call", "--send", "--json");
  assertEquals([options.json, send], [false, "--json"]);
});
