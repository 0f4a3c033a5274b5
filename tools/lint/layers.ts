/**
 * Lint plugin for the boundaries of docs/ARCHITECTURE.md: arrows point down, protocol cores do
 * not know each other, a room is entered by its mod.ts, and a core never touches the world.
 */
import { BELOW_CORES, CORES, roomOf, roomsTestedBy, VENDORS, VISIBLE } from "./rooms.ts";
import { pathFromRoot, resolveSpecifier } from "./source_path.ts";

type Node = Deno.lint.Node;

/** Global names that a room without a world must not use, and what each stands for. */
const WORLD: Readonly<Record<string, string>> = {
  Date: "the clock",
  performance: "the clock",
  Temporal: "the clock",
  setTimeout: "the clock",
  setInterval: "the clock",
  clearTimeout: "the clock",
  clearInterval: "the clock",
  queueMicrotask: "the event loop",
  AbortSignal: "the event loop",
  crypto: "randomness",
  Deno: "the operating system",
  process: "the operating system",
  fetch: "the network",
  WebSocket: "the network",
  console: "the terminal",
};

/** Rooms that are synchronous and get bytes, time and randomness as arguments. */
const PURE: readonly string[] = ["lib/base", ...BELOW_CORES, ...CORES];

/** The only file that reads time in `lib/session`. */
const CLOCK_FILE = "lib/session/clock.ts";
/** The only file that draws random numbers. */
const RANDOM_FILE = "lib/session/random.ts";

const SOCKET_CALLS = new Set([
  "connect",
  "connectTls",
  "listen",
  "listenTls",
  "listenDatagram",
  "startTls",
  "resolveDns",
  "serve",
]);
const SOCKET_MODULES = /^node:(net|tls|dgram|dns|http|https|http2)(\/|$)/;
const FILE_CALLS =
  /^(open|create|readFile|readTextFile|writeFile|writeTextFile|mkdir|remove|rename|stat|lstat|readDir|chmod|copyFile|truncate|symlink|makeTemp(File|Dir))(Sync)?$/;
/** Rooms of `lib` that keep files: storage, and the harness for the programs it starts. */
const FILE_ROOMS: readonly string[] = ["lib/storage", "lib/harness"];

const plugin: Deno.lint.Plugin = {
  name: "layers",
  rules: {
    "imports-follow-the-arrows": {
      create(context) {
        const path = pathFromRoot(context.filename);
        if (path === undefined) return {};
        const check = (node: Node, specifier: unknown): void => {
          if (typeof specifier !== "string") return;
          const fault = faultOfImport(path, specifier);
          if (fault !== undefined) context.report({ node, message: fault });
        };
        return {
          ImportDeclaration: (node) => check(node, node.source.value),
          ExportNamedDeclaration: (node) => check(node, node.source?.value),
          ExportAllDeclaration: (node) => check(node, node.source.value),
          ImportExpression(node) {
            if (node.source.type === "Literal") check(node, node.source.value);
          },
        };
      },
    },
    "cores-are-pure": {
      create(context) {
        const path = pathFromRoot(context.filename);
        const room = path === undefined ? undefined : roomOf(path);
        if (room === undefined || !PURE.includes(room)) return {};
        const report = (node: Node, what: string): void =>
          context.report({ node, message: `${what} does not belong in a protocol core` });
        return {
          Identifier(node) {
            const what = WORLD[node.name];
            if (what !== undefined && Object.hasOwn(WORLD, node.name) && isGlobal(node)) {
              report(node, what);
            }
            if (node.name === "Promise" && isReference(node)) report(node, "a promise");
          },
          MemberExpression(node) {
            if (isMember(node, "Math", "random")) report(node, "randomness");
            const name = memberOf(node, "globalThis");
            if (name !== undefined && Object.hasOwn(WORLD, name)) report(node, WORLD[name] ?? name);
          },
          AwaitExpression: (node) => report(node, "waiting"),
          ":matches(FunctionDeclaration, FunctionExpression, ArrowFunctionExpression)[async=true]"(
            node: Node,
          ) {
            report(node, "an async function");
          },
        };
      },
    },
    "one-clock": {
      create(context) {
        const path = pathFromRoot(context.filename);
        const room = path === undefined ? undefined : roomOf(path);
        const isPassive = room === "lib/trace";
        if (path === CLOCK_FILE || (room !== "lib/session" && !isPassive)) return {};
        const report = (node: Node, name: string): void =>
          context.report({
            node,
            message: isPassive
              ? `${name}: what is read back carries its own time`
              : `${name}: the session layer reads time in ${CLOCK_FILE} alone`,
          });
        return {
          MemberExpression(node) {
            for (const [owner, name] of [["Date", "now"], ["performance", "now"]] as const) {
              if (isMember(node, owner, name)) report(node, `${owner}.${name}`);
            }
            if (isMember(node, "AbortSignal", "timeout")) report(node, "AbortSignal.timeout");
          },
          NewExpression(node) {
            const isNow = node.callee.type === "Identifier" && node.callee.name === "Date" &&
              node.arguments.length === 0;
            if (isNow) report(node, "new Date()");
          },
          Identifier(node) {
            if (/^(setTimeout|setInterval)$/.test(node.name) && isGlobal(node)) {
              report(node, node.name);
            }
          },
        };
      },
    },
    "one-source-of-randomness": {
      create(context) {
        const path = pathFromRoot(context.filename);
        const room = path === undefined ? undefined : roomOf(path);
        if (room === undefined || path === RANDOM_FILE || PURE.includes(room)) return {};
        return {
          MemberExpression(node) {
            const isRandom = isMember(node, "Math", "random") ||
              ["getRandomValues", "randomUUID"].includes(memberOf(node, "crypto") ?? "");
            if (isRandom) {
              context.report({ node, message: `randomness is drawn in ${RANDOM_FILE} alone` });
            }
          },
        };
      },
    },
    "sockets-only-in-transport": {
      create(context) {
        const path = pathFromRoot(context.filename);
        const room = path === undefined ? undefined : roomOf(path);
        if (room === undefined || room === "lib/transport" || PURE.includes(room)) return {};
        const message = "sockets and name look-ups belong in lib/transport";
        return {
          MemberExpression(node) {
            if (SOCKET_CALLS.has(memberOf(node, "Deno") ?? "")) context.report({ node, message });
          },
          Identifier(node) {
            if (
              /^(fetch|WebSocket|WebSocketStream|EventSource)$/.test(node.name) && isGlobal(node)
            ) {
              context.report({ node, message });
            }
          },
          ImportDeclaration(node) {
            if (SOCKET_MODULES.test(node.source.value)) context.report({ node, message });
          },
          ImportExpression(node) {
            const source = node.source.type === "Literal" ? node.source.value : undefined;
            if (typeof source === "string" && SOCKET_MODULES.test(source)) {
              context.report({ node, message });
            }
          },
        };
      },
    },
    "files-only-in-storage": {
      create(context) {
        const path = pathFromRoot(context.filename);
        const room = path === undefined ? undefined : roomOf(path);
        if (room === undefined || !room.startsWith("lib/")) return {};
        if (FILE_ROOMS.includes(room) || PURE.includes(room)) return {};
        return {
          MemberExpression(node) {
            if (FILE_CALLS.test(memberOf(node, "Deno") ?? "")) {
              context.report({ node, message: "files belong in lib/storage or in cli" });
            }
          },
        };
      },
    },
  },
};

export default plugin;

/** What is wrong with `specifier` in the file at `path`, if anything. */
function faultOfImport(path: string, specifier: string): string | undefined {
  const room = roomOf(path);
  const target = resolveSpecifier(specifier, path);
  if (target === specifier) return room === undefined ? undefined : faultOfVendor(path, specifier);
  const other = roomOf(target);
  if (room !== undefined && other === undefined) {
    return target === "deno.json" && room === "cli"
      ? undefined
      : `${room} must not import from ${target}`;
  }
  if (other === undefined || other === room) return undefined;
  if (room !== undefined && other !== "lib/base" && !(VISIBLE[room] ?? []).includes(other)) {
    return `${room} must not import from ${other}`;
  }
  if (other === "lib/base" || other === "cli" || target.endsWith("mod.ts")) return undefined;
  if (room === undefined && roomsTestedBy(path).includes(other)) return undefined;
  return `enter ${other} by its mod.ts`;
}

function faultOfVendor(path: string, specifier: string): string | undefined {
  for (const [folder, allowed] of Object.entries(VENDORS)) {
    if (path.startsWith(folder) && allowed.some((it) => specifier.startsWith(it))) return undefined;
  }
  return `${roomOf(path)} must not import ${specifier}`;
}

/** `name` in `owner.name`, when `owner` is that very identifier. */
function memberOf(node: Deno.lint.MemberExpression, owner: string): string | undefined {
  if (node.object.type !== "Identifier" || node.object.name !== owner) return undefined;
  return node.property.type === "Identifier" && !node.computed ? node.property.name : undefined;
}

function isMember(node: Deno.lint.MemberExpression, owner: string, name: string): boolean {
  return memberOf(node, owner) === name;
}

/** Whether `node` reads a name, rather than giving one to a member, a key or a binding. */
function isReference(node: Deno.lint.Identifier): boolean {
  const parent = node.parent as Node | undefined;
  switch (parent?.type) {
    case "MemberExpression":
      return parent.object === node || parent.computed;
    case "Property":
    case "PropertyDefinition":
    case "MethodDefinition":
      return parent.key !== node || parent.computed;
    case "TSPropertySignature":
    case "TSMethodSignature":
      return parent.key !== node;
    case "ImportSpecifier":
    case "ExportSpecifier":
      return false;
    default:
      return true;
  }
}

/**
 * Whether `node` means the global of its name. Scopes are not known here: a name that is
 * declared as a parameter or variable is told from the global by how it is used, so only
 * members, calls, `new` and types count.
 */
function isGlobal(node: Deno.lint.Identifier): boolean {
  const parent = node.parent as Node | undefined;
  switch (parent?.type) {
    case "MemberExpression":
      return parent.object === node && !isBorrowedName(node.name, parent);
    case "CallExpression":
    case "NewExpression":
      return parent.callee === node;
    case "TSTypeReference":
      return parent.typeName === node;
    case "UnaryExpression":
    case "BinaryExpression":
      return true;
    default:
      return false;
  }
}

/** `crypto` and `process` are ordinary words: only members of the real ones count. */
function isBorrowedName(name: string, member: Deno.lint.MemberExpression): boolean {
  if (name !== "crypto" && name !== "process") return false;
  const property = member.property.type === "Identifier" ? member.property.name : "";
  const real = name === "crypto"
    ? ["getRandomValues", "randomUUID", "subtle"]
    : ["env", "argv", "exit", "stdout", "stderr", "stdin", "platform", "hrtime", "nextTick"];
  return !real.includes(property);
}
