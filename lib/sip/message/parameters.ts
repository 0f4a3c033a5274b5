/** `;name=value` after addresses and in Via (`generic-param`, RFC 3261 §25.1). */

import { type TextScanner, unquote } from "./text_scanner.ts";

/** One parameter, its value as written (quotation marks included), or no value. */
export interface Parameter {
  readonly name: string;
  readonly value?: string | undefined;
}

/**
 * `host` may be an IPv6 address with or without brackets (RFC 5118 §4.5), so the value of a
 * generic parameter is everything that cannot end it.
 */
const VALUE_AT = /[^\s;,"<>=?]+/y;

/** Reads the parameters that begin here, up to what is not a parameter any more. */
export function scanParameters(scanner: TextScanner): Parameter[] {
  const parameters: Parameter[] = [];
  while (scanner.accept(";")) {
    if (parameters.length >= MAX_PARAMETERS) throw scanner.fault("too many parameters");
    const name = scanner.token("the name of a parameter");
    if (!scanner.accept("=")) {
      parameters.push({ name });
      continue;
    }
    const value = scanner.peek() === '"' ? scanner.quotedString() : scanner.match(VALUE_AT);
    if (value === undefined) throw scanner.fault(`expected the value of ${name}`);
    parameters.push({ name, value });
  }
  return parameters;
}

/** Parameters as they are written. */
export function writeParameters(parameters: readonly Parameter[]): string {
  return parameters.map(({ name, value }) => value === undefined ? `;${name}` : `;${name}=${value}`)
    .join("");
}

/** Value of the first parameter of that name without its quotation marks; names ignore case. */
export function parameterValue(
  parameters: readonly Parameter[],
  name: string,
): string | undefined {
  const value = findParameter(parameters, name)?.value;
  return value === undefined ? undefined : unquote(value);
}

/** Whether there is a parameter of that name, with or without a value. */
export function hasParameter(parameters: readonly Parameter[], name: string): boolean {
  return findParameter(parameters, name) !== undefined;
}

/** The parameters with `name` set to `value` (as it will be written), in its old place or at the end. */
export function withParameter(
  parameters: readonly Parameter[],
  name: string,
  value?: string,
): Parameter[] {
  const wanted: Parameter = value === undefined ? { name } : { name, value };
  const old = findParameter(parameters, name);
  return old === undefined
    ? [...parameters, wanted]
    : parameters.map((it) => it === old ? wanted : it);
}

function findParameter(parameters: readonly Parameter[], name: string): Parameter | undefined {
  const wanted = name.toLowerCase();
  return parameters.find((it) => it.name.toLowerCase() === wanted);
}

/** Far above what anybody sends; a bound on work, not a rule. */
const MAX_PARAMETERS = 128;
