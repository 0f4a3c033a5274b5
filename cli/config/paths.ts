/** Where everything of the user's lives: `--home`, `SOTTO_HOME`, or the platform's place. */
import { usageError } from "../output/cli_error.ts";

/** Reads a variable of the environment. Empty counts as not set. */
export type Environment = (name: string) => string | undefined;

/** A value and who said so. */
export interface Chosen<T> {
  readonly value: T;
  readonly source: "flag" | "environment" | "config" | "default";
}

/**
 * The home folder: `--home` beats `SOTTO_HOME`, which beats the platform's configuration folder.
 * @throws {CliError} status 2 when the platform's folder cannot be told.
 */
export function homePath(
  flag: string | undefined,
  environment: Environment,
  os: typeof Deno.build.os = Deno.build.os,
): Chosen<string> {
  if (flag === "") throw usageError("--home needs a folder, found an empty name");
  if (flag !== undefined) return { value: flag, source: "flag" };
  const variable = environment("SOTTO_HOME");
  if (variable !== undefined) return { value: variable, source: "environment" };
  return { value: `${configurationFolder(environment, os)}/sotto`, source: "default" };
}

function configurationFolder(environment: Environment, os: typeof Deno.build.os): string {
  if (os === "windows") return required("APPDATA", environment);
  if (os === "darwin") return `${required("HOME", environment)}/Library/Application Support`;
  const xdg = environment("XDG_CONFIG_HOME");
  // XDG Base Directory Specification: a relative path is invalid and to be ignored.
  if (xdg?.startsWith("/")) return xdg;
  return `${required("HOME", environment)}/.config`;
}

function required(name: string, environment: Environment): string {
  const value = environment(name);
  if (value !== undefined) return value;
  throw usageError(`no home folder: ${name} is not set`, "pass --home DIR or set SOTTO_HOME");
}
