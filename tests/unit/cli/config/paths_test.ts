import { assertEquals, assertThrows } from "@std/assert";
import { homePath } from "../../../../cli/config/paths.ts";
import { CliError } from "../../../../cli/output/cli_error.ts";

function env(variables: Record<string, string>): (name: string) => string | undefined {
  return (name) => variables[name];
}

Deno.test("homePath() takes the flag before the environment before the platform's folder", () => {
  const all = env({ SOTTO_HOME: "/e", XDG_CONFIG_HOME: "/x", HOME: "/h" });
  assertEquals(homePath("/f", all), { value: "/f", source: "flag" });
  assertEquals(homePath(undefined, all), { value: "/e", source: "environment" });
  assertEquals(homePath(undefined, env({ XDG_CONFIG_HOME: "/x", HOME: "/h" }), "linux"), {
    value: "/x/sotto",
    source: "default",
  });
});

Deno.test("homePath() knows the folder of each platform", () => {
  const variables = env({ HOME: "/h", APPDATA: "C:\\a" });
  assertEquals(homePath(undefined, variables, "linux").value, "/h/.config/sotto");
  assertEquals(
    homePath(undefined, variables, "darwin").value,
    "/h/Library/Application Support/sotto",
  );
  assertEquals(homePath(undefined, variables, "windows").value, "C:\\a/sotto");
});

Deno.test("homePath() ignores a relative XDG_CONFIG_HOME, which the specification calls invalid", () => {
  assertEquals(
    homePath(undefined, env({ XDG_CONFIG_HOME: "x", HOME: "/h" }), "linux").value,
    "/h/.config/sotto",
  );
});

Deno.test("homePath() says what to set when it cannot tell", () => {
  assertThrows(() => homePath(undefined, env({}), "linux"), CliError, "HOME is not set");
  assertThrows(() => homePath("", env({}), "linux"), CliError, "empty name");
});
