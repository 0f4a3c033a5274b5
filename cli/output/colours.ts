/** Colours, never alone: what they say is also said in words. */

/** When to colour. */
export type ColourChoice = "auto" | "always" | "never";

/** The colours in use: the locks of a session, and emphasis. */
export type Colour = "gray" | "orange" | "green" | "red" | "bold" | "dim";

/** Wraps text in a colour, or returns it as it is. */
export type Painter = (colour: Colour, text: string) => string;

const CODES: Readonly<Record<Colour, string>> = {
  gray: "90",
  orange: "33",
  green: "32",
  red: "31",
  bold: "1",
  dim: "2",
};

/**
 * Whether to colour: `--color` beats `NO_COLOR` (any value but the empty one, see
 * no-color.org), which beats what the output is.
 */
export function wantsColour(
  choice: ColourChoice,
  isTerminal: boolean,
  noColour: string | undefined,
): boolean {
  if (choice !== "auto") return choice === "always";
  return isTerminal && (noColour === undefined || noColour === "");
}

/** The painter for an output that is coloured or not. */
export function createPainter(enabled: boolean): Painter {
  return (colour, text) => enabled ? `\x1b[${CODES[colour]}m${text}\x1b[0m` : text;
}
