/**
 * Lint plugin for the habits of docs/STYLE.md that a machine can see: file names, and how
 * errors speak.
 */
import { roomOf, VISIBLE } from "./rooms.ts";
import { pathFromRoot } from "./source_path.ts";

type Node = Deno.lint.Node;

/** Names that say the room was not found. Tests may have helpers. */
const NAMELESS = new Set([
  "utils",
  "util",
  "helpers",
  "helper",
  "common",
  "types",
  "misc",
  "shared",
]);

/** Words that keep their capital at the start of a message because the document writes them so. */
const PROTOCOL_WORD =
  /^(?:[A-Z][a-z]+(?:-[A-Za-z]+)+|Via|From|To|Contact|Route|Status|Require|Supported|Allow|Accept|Expires|Warning|Blink|Ethernet|Diffie|Miller)\b/;

const ERROR_CLASSES = new Set(["SottoError", "PeerError", "TypeError", "RangeError", "Error"]);
/** Position of the message among the arguments. */
const MESSAGE_AT: Readonly<Record<string, number>> = { SottoError: 1, PeerError: 2 };

const plugin: Deno.lint.Plugin = {
  name: "style",
  rules: {
    "file-names": {
      create(context) {
        const path = pathFromRoot(context.filename);
        if (path === undefined || path.endsWith(".d.ts")) return {};
        const name = path.split("/").at(-1)?.replace(/\.(ts|mjs|js)$/, "") ?? "";
        return {
          Program(node) {
            // The report stands on the first statement: a whole file is too long to underline.
            const at = node.body[0] ?? node;
            if (!/^[a-z0-9]+(_[a-z0-9]+)*$/.test(name)) {
              context.report({ node: at, message: `file names are snake_case: ${name}` });
            }
            if (NAMELESS.has(name) && !path.startsWith("tests/")) {
              context.report({
                node: at,
                message: `${name} names no idea: say what is in the file`,
              });
            }
          },
        };
      },
    },
    "type-names": {
      create(context) {
        if (pathFromRoot(context.filename) === undefined) return {};
        const check = (node: Node, name: string): void => {
          if (!/^[A-Z][A-Za-z0-9]*$/.test(name)) {
            context.report({ node, message: `type names are PascalCase: ${name}` });
          }
        };
        return {
          TSInterfaceDeclaration: (node) => check(node.id, node.id.name),
          TSTypeAliasDeclaration: (node) => check(node.id, node.id.name),
          ClassDeclaration(node) {
            if (node.id !== null) check(node.id, node.id.name);
          },
        };
      },
    },
    "error-messages": {
      create(context) {
        const path = pathFromRoot(context.filename);
        const room = path === undefined ? undefined : roomOf(path);
        if (room === undefined) return {};
        return {
          NewExpression(node) {
            if (node.callee.type !== "Identifier" || !ERROR_CLASSES.has(node.callee.name)) return;
            const message = node.arguments[MESSAGE_AT[node.callee.name] ?? 0];
            if (message === undefined) return;
            for (const fault of faultsOfMessage(message)) {
              context.report({ node: message, message: fault });
            }
          },
        };
      },
    },
    "error-codes": {
      create(context) {
        const path = pathFromRoot(context.filename);
        const room = path === undefined ? undefined : roomOf(path);
        if (room === undefined) return {};
        const owners = [room, ...VISIBLE[room] ?? []].map((it) => it.replace("lib/", ""));
        return {
          NewExpression(node) {
            const name = node.callee.type === "Identifier" ? node.callee.name : "";
            if (name !== "SottoError" && name !== "PeerError") return;
            const code = node.arguments[0];
            if (code?.type !== "Literal" || typeof code.value !== "string") return;
            if (!/^[a-z]+\/[a-z0-9]+(-[a-z0-9]+)*$/.test(code.value)) {
              context.report({ node: code, message: `codes are room/kebab-name: ${code.value}` });
            } else if (!owners.includes(code.value.split("/")[0] ?? "")) {
              context.report({ node: code, message: `${room} must not use ${code.value}` });
            }
          },
        };
      },
    },
  },
};

export default plugin;

function faultsOfMessage(message: Node): string[] {
  const faults: string[] = [];
  const [first, last] = edgesOf(message);
  if (first !== undefined && /^[A-Z][a-z]/.test(first) && !PROTOCOL_WORD.test(first)) {
    faults.push("error messages begin in lower case");
  }
  if (last !== undefined && /(^|[^.…])\.$/.test(last)) {
    faults.push("error messages end without full stop");
  }
  return faults;
}

/** The first and last literal piece of a message, where those are literal. */
function edgesOf(message: Node): [string | undefined, string | undefined] {
  if (message.type === "Literal" && typeof message.value === "string") {
    return [message.value, message.value];
  }
  if (message.type === "TemplateLiteral") {
    const pieces = message.quasis.map((it) => it.cooked);
    return [pieces[0], pieces.at(-1)];
  }
  if (message.type === "BinaryExpression" && message.operator === "+") {
    return [edgesOf(message.left)[0], edgesOf(message.right)[1]];
  }
  return [undefined, undefined];
}
