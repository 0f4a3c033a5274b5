/**
 * otr.js (npm `otr`, versions 2 and 3) as a peer: one conversation in JSON Lines on stdin and
 * stdout (docs/interop/otr.md, "The peer protocol").
 *
 *     deno run -A tools/peers/otrjs_peer.ts [--home DIR]     the key is kept in DIR, or in memory
 *
 * otr.js drops a leading zero nibble of r, so that about one key exchange in sixteen fails:
 * whoever drives it tries again.
 */
// deno-lint-ignore-file no-explicit-any -- otr.js has no types
import otrjs from "npm:otr@0.2.16";

const { DSA, OTR } = otrjs as any;
const { CONST } = OTR;

type Fields = Record<string, unknown>;

const encoder = new TextEncoder();

function emit(ev: string, fields: Fields = {}): void {
  const line = encoder.encode(`${JSON.stringify({ ev, ...fields })}\n`);
  for (let at = 0; at < line.length;) at += Deno.stdout.writeSync(line.subarray(at));
}

function hex(octets: string): string {
  return Array.from(octets, (it) => it.charCodeAt(0).toString(16).padStart(2, "0")).join("");
}

let otr: any;
let home: string | undefined;
/** The message being received was an OTR error, or plaintext where none was expected. */
let receiving: { error: boolean; unencrypted: boolean } | undefined;
/** `use` of the TLVs 8 in the message being received: otr.js cuts it off. */
let uses: number[] = [];

function emitState(): void {
  if (otr.msgstate === CONST.MSGSTATE_ENCRYPTED) {
    emit("state", {
      state: "encrypted",
      version: otr.ake.otr_version.charCodeAt(1),
      ssid: hex(otr.ssid),
      fingerprint: otr.their_priv_pk.fingerprint(),
    });
  } else {
    const finished = otr.msgstate === CONST.MSGSTATE_FINISHED;
    emit("state", { state: finished ? "finished" : "plaintext" });
  }
}

function loadKey(name: string): any {
  if (home === undefined) return new DSA();
  const path = `${home}/${name}.otrjs-key`;
  try {
    return DSA.parsePrivate(Deno.readTextFileSync(path));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const key = new DSA();
  Deno.writeTextFileSync(path, key.packPrivate(), { mode: 0o600 });
  return key;
}

function init(op: Fields): void {
  const policy = (op["policy"] ?? []) as string[];
  const known = ["require", "no-whitespace-start", "error-start"];
  if (policy.some((it) => !known.includes(it))) Deno.exit(127);
  const name = String(op["name"] ?? "");
  if (!/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$/.test(name)) {
    emit("error", { error: "init needs a name of letters, digits, '.', '_' and '-'" });
    return;
  }
  const fragment = Number(op["fragment"] ?? 0);
  const versions = String(op["versions"] ?? "23");
  // otr.js counts the piece only: leave room for the longest header, "?OTR|8|8,5,5,…,".
  const header = versions.includes("3") ? 36 : 18;
  if (fragment !== 0 && fragment <= header) Deno.exit(127);
  const key = loadKey(name);
  otr = new OTR({ priv: key, fragment_size: fragment === 0 ? 0 : fragment - header });
  otr.ALLOW_V2 = versions.includes("2");
  otr.ALLOW_V3 = versions.includes("3");
  otr.SEND_WHITESPACE_TAG = op["whitespace"] === true;
  otr.REQUIRE_ENCRYPTION = policy.includes("require");
  otr.WHITESPACE_START_AKE = !policy.includes("no-whitespace-start");
  otr.ERROR_START_AKE = policy.includes("error-start");
  listen();
  emit("ready", { peer: "otr.js 0.2.16", fingerprint: key.fingerprint(), whitespace: true });
}

function listen(): void {
  otr.on("io", (msg: string) => emit("inject", { msg }));
  otr.on("ui", (text: string, encrypted: boolean) => {
    const warning = receiving?.unencrypted ? { warning: "unencrypted" } : {};
    emit("plaintext", { text, encrypted, ...warning });
  });
  otr.on("error", (text: string, severity: string) => {
    if (receiving?.error) emit("received_error", { text: String(text).trim() });
    else if (severity === "warn" && text === "Received an unencrypted message.") {
      if (receiving !== undefined) receiving.unencrypted = true;
    } else emit("error", { error: String(text) });
  });
  otr.on("status", (status: number) => {
    if (status === CONST.STATUS_AKE_SUCCESS || status === CONST.STATUS_END_OTR) emitState();
  });
  otr.on("smp", (what: string, value: unknown) => {
    if (what === "question") emit("smp", { what: "asked", question: value ?? null });
    else if (what === "trust") emit("smp", { what: value === true ? "success" : "failure" });
    else emit("smp", { what: "aborted" });
  });
  otr.on("file", (direction: string, key: string, data: string) => {
    if (direction !== "receive") return;
    const octets = String.fromCharCode(...encoder.encode(data));
    emit("extra_key", { use: uses.shift() ?? 0, data: hex(octets), key: hex(key) });
  });
  const handleTlvs = otr.handleTLVs;
  otr.handleTLVs = function (tlvs: string, keys: unknown): unknown {
    uses = [];
    for (let at = 0; at + 4 <= tlvs.length;) {
      const short = (from: number): number =>
        tlvs.charCodeAt(from) * 256 + tlvs.charCodeAt(from + 1);
      if (short(at) === 8) uses.push(short(at + 4) * 65536 + short(at + 6));
      at += 4 + short(at + 2);
    }
    return handleTlvs.call(this, tlvs, keys);
  };
}

function run(name: string, op: Fields): void {
  if (name === "init" && otr === undefined) return init(op);
  if (otr === undefined || name === "init") {
    emit("error", { error: "init must come first, and once" });
    return;
  }
  switch (name) {
    case "query":
      return otr.sendQueryMsg();
    case "recv": {
      const msg = String(op["msg"]);
      receiving = { error: msg.includes("?OTR Error:"), unencrypted: false };
      otr.receiveMsg(msg);
      receiving = undefined;
      return;
    }
    case "send":
      return otr.sendMsg(String(op["text"]));
    case "smp_start":
      return otr.smpSecret(String(op["secret"]), op["question"]);
    case "smp_answer":
      return otr.smpSecret(String(op["secret"]));
    case "smp_abort":
      return otr.sm?.abort();
    case "end":
      if (otr.msgstate !== CONST.MSGSTATE_PLAINTEXT) otr.endOtr();
      return;
    case "state":
      return emitState();
    case "quit":
      return;
    default:
      emit("error", { error: "unknown operation" });
  }
}

/** otr.js sends from timers: an operation is done when its queue has been empty twice. */
async function drained(): Promise<void> {
  for (let quiet = 0; quiet < 2;) {
    await new Promise((resolve) => setTimeout(resolve, 0));
    quiet = otr === undefined || otr.outgoing.length === 0 ? quiet + 1 : 0;
  }
}

if (Deno.args[0] === "--home" && Deno.args[1] !== undefined) {
  home = Deno.args[1];
  Deno.mkdirSync(home, { recursive: true, mode: 0o700 });
}
let rest = "";
reading:
for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
  const lines = (rest + text).split("\n");
  rest = lines.pop() ?? "";
  for (const line of lines) {
    let name: string | undefined;
    try {
      const op = JSON.parse(line) as Fields;
      name = String(op["op"]);
      run(name, op);
    } catch (error) {
      emit("error", { error: String(error) }); // whatever breaks in the engine is an event
    }
    await drained();
    emit("done", { op: name ?? null });
    if (name === "quit") break reading;
  }
}
Deno.exit(0);
