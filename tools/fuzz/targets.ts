/** Everything that reads octets of strangers. A new parser gets an entry here. */
import {
  parseAuthenticationInfo,
  parseAuthorization,
  parseChallenges,
  writeAuthenticationInfo,
  writeAuthorization,
  writeChallenge,
} from "../../lib/auth/mod.ts";
import { fromLatin1, latin1 } from "../../lib/base/ascii.ts";
import { decodeUtf8Lossy, fromHex, utf8 } from "../../lib/base/bytes.ts";
import { PeerError, SottoError } from "../../lib/base/errors.ts";
import {
  htmlToText,
  parseContentType,
  parseCpim,
  parseImdn,
  parseIsComposing,
} from "../../lib/im/mod.ts";
import { ChunkParser, parseMsrpUri, parseNickname, writeNickname } from "../../lib/msrp/mod.ts";
import { parseOtrMessage, writeOtrMessage } from "../../lib/otr/mod.ts";
import {
  fileAttributes,
  parseFileDescription,
  parseSessionDescription,
  writeFileSelector,
  writeSessionDescription,
} from "../../lib/sdp/mod.ts";
import {
  answerStun,
  identityFault,
  judgeSipMessage,
  parseStun,
  parseUri,
  StreamFramer,
  type StunMessage,
  writeSipMessage,
  writeStun,
} from "../../lib/sip/mod.ts";
import { parseConfig, removeToml, setTomlValue } from "../../lib/storage/mod.ts";
import { derOfPem, makeSelfSignedCertificate, readCertificate } from "../../lib/transport/mod.ts";
import { Listing, TraceAnalysis, TraceInput } from "../../lib/trace/mod.ts";
import { type WebSocketEvent, WebSocketReader } from "../../lib/transport/websocket_frames.ts";
import { frame, MsrpBench, sendFrame } from "../../tests/helpers/msrp_peer.ts";
import { Pair, secret } from "../../tests/helpers/otr_pair.ts";
import {
  EXTRA,
  INTRA,
  RelayBench as RelayClientBench,
  relayToAsk,
} from "../../tests/helpers/relay_bench.ts";
import { RelayBench } from "../../tests/helpers/relay_core_bench.ts";
import { ALICE, BOB, ScriptedServer } from "../../tests/helpers/scripted_server.ts";
import { fixtures, type FuzzTarget } from "./target.ts";

/** Runs what may refuse its input. @returns `undefined` when it did, with a {@link PeerError}. */
function refusable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof PeerError) return undefined;
    throw error;
  }
}

/** Conversations are costly to begin: one serves this many inputs. */
const INPUTS_A_CONVERSATION = 300;
let conversation: { pair: Pair; left: number } | undefined;

function otrConversation(): Pair {
  if (conversation === undefined || conversation.left-- <= 0) {
    conversation = { pair: Pair.encrypted(), left: INPUTS_A_CONVERSATION };
  }
  return conversation.pair;
}

/** Messages of recorded and of fresh conversations, one a line of the corpus. */
function otrCorpus(): Uint8Array[] {
  const pair = new Pair();
  pair.does("alice", (it, now) => it.query(now)).run();
  pair.says("alice", "one").run().says("bob", "two").run();
  pair.does("alice", (it, now) => it.startSmp(secret("s"), "q", now)).run();
  return [...pair.wire.map((it) => utf8(it.message)), ...TEXTS.map(utf8)];
}

const TEXTS = [
  "?OTR?",
  "?OTRv23?",
  "?OTR?v2? hello",
  "?OTR Error: no",
  "?OTR,00001,00002,?OTR:AAMD,",
  "?OTR|10000001|20000002,00001,00002,?OTR:AAMD,",
  "tagged \t  \t\t\t\t \t \t \t    \t\t  \t   \t\t  \t\t text",
];

/** Answers of a relay to AUTH. */
const RELAY_ANSWERS: readonly string[] = [
  'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth", opaque="o", algorithm=SHA-256',
  'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth,auth-int", stale=true',
  "Use-Path: msrps://intra.example.com:9000/jui;tcp msrps://b:1/c;tcp\r\nExpires: 900",
  "Use-Path: msrps://[2001:db8::1]:9000/jui;tcp\r\nExpires: 1\r\n" +
  'Authentication-Info: nextnonce="x", rspauth="00", cnonce="y", nc=00000001, qop=auth',
  "Min-Expires: 60\r\nMax-Expires: 600",
].map((headers, at) =>
  `MSRP TRANSACTION ${at < 2 ? "401 No" : at < 4 ? "200 OK" : "423 Bounds"}\r\n` +
  "To-Path: msrps://alice.example.com:9892/98cjs234;tcp\r\nFrom-Path: msrps://r.example;tcp\r\n" +
  `${headers}\r\n-------TRANSACTION$\r\n`
);

/** The URI that the relay of a bench hands out first, and its client. */
const RELAYED_CLIENT = "msrps://alice.example:7777/alice123;tcp";
const RELAYED_URI = new RelayBench().connect(RELAYED_CLIENT).auth();
const RELAYED_HEAD = `To-Path: ${RELAYED_URI} ${RELAYED_CLIENT}\r\n` +
  "From-Path: msrps://bob.example:8145/foo;tcp\r\nMessage-ID: msg45678\r\n";
/** What a peer of that client, or the client itself, may send. */
const RELAYED = [
  `MSRP tid12345 SEND\r\n${RELAYED_HEAD}Byte-Range: 1-5/5\r\nContent-Type: text/plain\r\n\r\n` +
  "hello\r\n-------tid12345$\r\n",
  `MSRP tid12345 REPORT\r\n${RELAYED_HEAD}Byte-Range: 1-5/5\r\nStatus: 000 200 OK\r\n` +
  `-------tid12345$\r\nMSRP tid23456 NICKNAME\r\n${RELAYED_HEAD}-------tid23456$\r\n`,
  `MSRP tid12345 SEND\r\n${RELAYED_HEAD}Content-Type: text/plain\r\n\r\n${"x".repeat(5_000)}` +
  "\r\n-------tid12345+\r\n",
  "MSRP tid12345 AUTH\r\nTo-Path: msrps://relay.example;tcp\r\nFrom-Path: msrps://a.example:1/a;tcp\r\n" +
  "Expires: 600\r\n-------tid12345$\r\n",
];

/** What reaches a registrar and proxy: its users' requests, and answers to what it forwarded. */
function served(): Uint8Array[] {
  const server = new ScriptedServer();
  const requests = [
    server.requestText("REGISTER", ALICE, {
      uri: "sip:example.com",
      to: "<sip:alice@example.com>",
      contact: '<sip:alice@192.0.2.1>;expires=600;q=0.5;+sip.instance="<urn:uuid:1>";reg-id=1',
      headers: ["Supported: path, outbound", "Expires: 60", "Require: outbound"],
    }),
    server.requestText("INVITE", ALICE, {
      vias: ["SIP/2.0/UDP 192.0.2.100;branch=z9hG4bK1.2, SIP/2.0/TCP [2001:db8::1]"],
      headers: [
        "Route: <sip:192.0.2.100;lr>, <sip:192.0.2.100:5060;transport=udp>",
        "Proxy-Require: none",
        'Proxy-Authorization: Digest username="alice", realm="example.com", nonce="n", uri="x", response="r"',
      ],
      body: "v=0\r\n",
    }),
    server.requestText("ACK", ALICE, {
      toTag: "b1",
      headers: ["Route: <sip:00.00@192.0.2.100;lr>"],
    }),
    server.requestText("CANCEL", ALICE),
    server.requestText("OPTIONS", ALICE, {
      uri: "sip:example.com;maddr=192.0.2.100;transport=udp",
    }),
    "SIP/2.0 401 No\r\nVia: SIP/2.0/UDP 192.0.2.100:5060;branch=z9hG4bK1\r\nVia: SIP/2.0/UDP a\r\n" +
    "From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n" +
    'WWW-Authenticate: Digest realm="r", nonce="n"\r\nContent-Length: 0\r\n\r\n',
  ];
  return [...requests.map(utf8), ...fixtures("sip/torture", /\.dat$/)];
}

/** Files as a peer sends them. */
const STREAMED = [
  sendFrame("hello ", { range: "1-*/11", flag: "+" }) +
  sendFrame("world", { range: "7-11/11", transactionId: "tid67890" }),
  frame("FILE_OFFSET") + sendFrame("rest", { range: "5-8/8" }),
  sendFrame("late", { range: "9-12/12" }) + sendFrame("12345678", { range: "1-8/12", flag: "+" }) +
  sendFrame("other", { id: "another1", range: "1-*/*", flag: "#" }),
];

/** Selector, range, dates and icon, one a line. */
const FILES = [
  'name:"My cool picture.jpg" type:image/jpeg size:32349 hash:sha-1:72:24:5F\n1-32349\n' +
  'creation:"Mon, 15 May 2006 15:01:31 +0300" read:"1 Jan 2024 00:00 -0130"\ncid:id2@alicepc.example',
  'hash:sha-256:00:FF type:text/plain;charset="utf-8" name:"%22 %C3%A9"\n5-*',
];

const OTR_WORDS = ["?OTR:", "?OTR|", "?OTR,", "?OTRv", "AAMD", "AAMC", "00001", "65535", ",", "."];

const CONFIGURATIONS = [
  'default-account = "work" # c\n[otr]\npolicy = "prefer"\n[accounts.work]\naddress = "a@b"\n',
  "accounts = { work = { address = 'a@b' } }\n",
  "accounts.work.address = \"a@b\"\n[accounts.'x y'.z]\nq = [ # c\n1, ]\n",
  'text = """\n[accounts.work]\n\\""" """\nlong = \'\'\'a\n\'\'\'\'\'\n[[list]]\n',
];

/** What servers and clients say about passwords, one a line of the corpus. */
const DIGESTS = [
  'Digest realm="example.com", qop="auth,auth-int", algorithm=SHA-256, nonce="5ccc069c", opaque="o", stale=true',
  'Basic realm="a", Digest realm="b", nonce="c", Negotiate YWJj==, Digest realm="d", nonce="e", qop="auth"',
  'Digest username="alice", realm="example.com", nonce="5ccc069c", uri="sip:bob@example.com", ' +
  'response="6629fae49393a05397450978507c4ef1", cnonce="0a4f113b", qop=auth, nc=00000001, opaque="o"',
  'Digest username*=UTF-8\'\'J%C3%A4s, realm="r", nonce="n", response="6629fae49393a05397450978507c4ef1"',
  'nextnonce="n", qop=auth, rspauth="6629fae49393a05397450978507c4ef1", cnonce="c", nc=00000001',
];

/** A question and its answers. */
const STUN = [
  { class: "request" },
  { class: "success", mappedAddress: { host: "192.0.2.1", port: 1 } },
  { class: "success", mappedAddress: { host: "2001:db8::1", port: 65_535 } },
  { class: "error", errorCode: 420, unknownAttributes: [0x7f01] },
].map((it) => writeStun({ transaction: new Uint8Array(12), ...it } as StunMessage));

/** With names of every kind, and without any. */
const CERTIFICATES = await Promise.all([["sip:example.com", "a.example", "::1"], []].map(
  async (names) => (await makeSelfSignedCertificate({ commonName: "a b", names })).certPem,
));

/** The targets, by what they read. */
export const TARGETS: readonly FuzzTarget[] = [
  {
    name: "auth",
    corpus: () => DIGESTS.map(utf8),
    words: ["Digest ", "realm=", 'nonce="', "qop=", ", ", '\\"', "%C3", "=", "algorithm=MD5-sess"],
    run(input) {
      const text = decodeUtf8Lossy(input);
      const challenges = refusable(() => parseChallenges([text])) ?? [];
      // What was read can be written, and says the same again.
      if (challenges.length !== parseChallenges(challenges.map(writeChallenge)).length) {
        throw new Error("a challenge was lost in writing");
      }
      const authorization = refusable(() => parseAuthorization(text));
      if (authorization !== undefined) parseAuthorization(writeAuthorization(authorization));
      const info = refusable(() => parseAuthenticationInfo(text));
      if (info !== undefined) parseAuthenticationInfo(writeAuthenticationInfo(info));
    },
  },
  {
    name: "stun",
    corpus: () => STUN,
    words: ["\x00\x20\x00\x08", "\x80\x28\x00\x04", "\x21\x12\xa4\x42", "\x00\x09", "\xff\xff"],
    run(input) {
      const message = refusable(() => parseStun(input));
      if (message !== undefined) parseStun(writeStun(message));
      const answer = answerStun(input, { host: "192.0.2.1", port: 5060 });
      if (answer !== undefined && answer.length > 2 * input.length + 64) {
        throw new Error("an answer is much longer than its question");
      }
    },
  },
  {
    name: "certificate",
    corpus: () => CERTIFICATES.map(derOfPem),
    words: ["\x30", "\x82", "\x81\xff", "\x55\x1d\x11", "\xa3", "sip:", "Z"],
    run(input) {
      const facts = refusable(() => readCertificate(input));
      if (facts !== undefined) identityFault(facts, "example.com");
    },
  },
  {
    name: "otr-wire",
    corpus: otrCorpus,
    words: OTR_WORDS,
    run(input) {
      for (const text of [latin1(input), decodeUtf8Lossy(input)]) {
        const message = parseOtrMessage(text);
        writeOtrMessage(message);
      }
    },
  },
  {
    name: "otr-conversation",
    corpus: otrCorpus,
    words: OTR_WORDS,
    run(input) {
      const pair = otrConversation();
      pair.hears("bob", latin1(input));
      for (const event of pair.take("bob")) {
        // The corpus is of the very same session: what is undamaged in it can be read.
        if (event.type === "message-received" && event.encrypted && event.text !== "one") {
          throw new Error("a stranger's text passed for an encrypted one");
        }
      }
      pair.intercept("bob");
      pair.wire.length = 0;
      pair.now += 10;
    },
  },
  {
    name: "websocket",
    corpus: () =>
      ["810548656c6c6f", "010348656c890080026c6f", "880203e8", "827e00c8"].map((it) => fromHex(it)),
    words: ["\u0081\u0005", "\u0082~", "\u0089\u0000"],
    run(input) {
      const whole = new WebSocketReader().feed(input);
      const reader = new WebSocketReader();
      const cut = Array.from(input, (octet) => reader.feed(Uint8Array.of(octet))).flat();
      const length = (events: readonly WebSocketEvent[]): number =>
        events.reduce((sum, it) => sum + (it.type === "data" ? it.bytes.length : 0), 0);
      if (length(whole) !== length(cut)) throw new Error("octets depend on the cut");
      if (whole.at(-1)?.type !== cut.at(-1)?.type) throw new Error("the end depends on the cut");
    },
  },
  {
    name: "msrp-relay-client",
    corpus: () => RELAY_ANSWERS.map(fromLatin1),
    words: ["Digest ", "realm=", "nonce=", "qop=", "auth-int", "stale=true", "Use-Path", ";tcp"],
    run(input) {
      const bench = new RelayClientBench().ask({
        relays: [relayToAsk(INTRA), relayToAsk(EXTRA, { uriParameter: "probably-not" })],
      });
      let requests = 0;
      // The same answer to everything, until it has an outcome.
      for (;;) {
        // What is no answer at all may be answered itself.
        const request = bench.frames().find(({ startLine: it }) =>
          it.kind === "request" && it.method === "AUTH"
        );
        if (request === undefined) break;
        if (++requests > 12) throw new Error("the relay makes us go round");
        const { transactionId } = request.startLine;
        bench.receive(fromLatin1(latin1(input).replaceAll("TRANSACTION", transactionId)));
        if (bench.isClosed) return;
      }
      bench.wait(3_000_000_000);
    },
  },
  {
    name: "msrp-relay",
    corpus: () => RELAYED.map(utf8),
    words: [
      "To-Path: ",
      "-------tid12345",
      "$\r\n",
      "+\r\n",
      "1-*/*",
      "AUTH",
      "REPORT",
      RELAYED_URI,
    ],
    run(input) {
      const bench = new RelayBench();
      const alice = bench.connect(RELAYED_CLIENT);
      alice.auth();
      const bob = bench.connect("msrps://bob.example:8145/foo;tcp");
      bob.sendBytes(input.subarray(0, input.length / 2)).sendBytes(
        input.subarray(input.length / 2),
      );
      const transmitted = alice.octets;
      if (transmitted > 10 * input.length + 100_000) throw new Error("more came out than went in");
      bench.advance(100_000);
      if (!alice.isClosed) alice.sendBytes(input);
      bench.advance(4_000_000);
      if (bench.relay.connectionCount > 3) throw new Error("connections were left behind");
    },
  },
  {
    name: "sip-server",
    corpus: served,
    words: [
      "Via: ",
      "Route: ",
      "Contact: *\r\n",
      "Expires: 0",
      ";lr",
      "sips:",
      "reg-id=",
      "z9hG4bK",
      ";tag=",
    ],
    run(input) {
      for (const isOpen of [true, false]) {
        const server = new ScriptedServer({ isOpen });
        if (isOpen) server.register(BOB);
        server.receive(input, ALICE);
        for (const sent of server.takeRequests()) server.answer(sent, 180).answer(sent, 486);
        server.receive(input, BOB).advance(500_000);
        if (server.sent.length > 200) throw new Error("one message made hundreds");
        const { transactionCount, pendingCount } = server.core;
        if (transactionCount + pendingCount > 0) throw new Error("transactions were left behind");
        server.advance(8_000_000);
        if (server.core.contactCount > 0) throw new Error("contacts were left behind");
      }
    },
  },
  {
    name: "msrp",
    corpus: () => fixtures("msrp", /\.msrp$/),
    words: [
      "MSRP ",
      "-------",
      "To-Path: ",
      "Byte-Range: ",
      "1-*/*",
      "\r\n",
      "$\r\n",
      "+\r\n",
      "#",
    ],
    run(input) {
      for (const resynchronize of [false, true]) {
        const parser = new ChunkParser({ resynchronize });
        const middle = input.length >> 1;
        parser.feed(input.subarray(0, middle));
        parser.feed(input.subarray(middle));
        parser.end();
      }
      refusable(() => parseMsrpUri(latin1(input)));
      const nickname = refusable(() => parseNickname(decodeUtf8Lossy(input)));
      if (nickname !== undefined && parseNickname(writeNickname(nickname)) !== nickname) {
        throw new Error("a nickname did not survive being written");
      }
    },
  },
  {
    name: "sip",
    corpus: () => fixtures("sip", /\.(dat|sip|txt)$/),
    words: [
      "SIP/2.0",
      "Via: ",
      "Content-Length: ",
      "\r\n",
      "\r\n\r\n",
      "<sip:",
      ";",
      "%",
      '"',
      "\\",
    ],
    run(input) {
      for (const transport of ["udp", "tcp"] as const) {
        const judged = judgeSipMessage(input, { transport });
        if (judged.verdict === "valid") writeSipMessage(judged.message);
      }
      new StreamFramer().feed(input);
      refusable(() => parseUri(latin1(input)));
    },
  },
  {
    // A session that streams, as a file's does: events in order, octets only of a message that began.
    name: "msrp-stream",
    corpus: () => STREAMED.map(fromLatin1),
    words: ["MSRP ", "-------", "Byte-Range: ", "1-*/*", "9-12/12", "\r\n", "$\r\n", "+\r\n", "#"],
    run(input) {
      const bench = MsrpBench.bound({
        streamsIncoming: true,
        acceptTypes: ["*"],
        fileOffset: 4,
        maxSize: 1_000,
      });
      const middle = input.length >> 1;
      bench.receive(input.subarray(0, middle)).receive(input.subarray(middle)).wait(300_000);
      const begun = new Set<string>();
      for (const event of bench.takeEvents()) {
        if (event.type === "message-began") begun.add(event.messageId);
        if (event.type !== "message-octets" && event.type !== "message-ended") continue;
        const end = event.type === "message-ended"
          ? event.length
          : event.position + event.bytes.length;
        if (!begun.has(event.messageId) || end > 1_000) throw new Error("octets of nothing");
        if (event.type === "message-ended") begun.delete(event.messageId);
      }
    },
  },
  {
    name: "file-attributes",
    corpus: () => FILES.map(utf8),
    words: ["name:", "size:", "type:", "hash:sha-1:", '"', "%", "%2F", " ", ";", "cid:", "1-*"],
    run: (input) => {
      const [selector = "", range = "", date = "", icon = ""] = latin1(input).split("\n");
      const parsed = refusable(() =>
        parseFileDescription([
          { name: "file-selector", value: selector },
          ...(range === "" ? [] : [{ name: "file-range", value: range }]),
          ...(date === "" ? [] : [{ name: "file-date", value: date }]),
          ...(icon === "" ? [] : [{ name: "file-icon", value: icon }]),
        ])
      );
      if (parsed === undefined || writeFileSelector(parsed.selector) === "") return;
      const written = fileAttributes(parsed);
      const again = parseFileDescription(written);
      if (
        again === undefined ||
        JSON.stringify(fileAttributes(again)) !== JSON.stringify(written)
      ) {
        throw new Error("a description of a file changes when it is written and read");
      }
    },
  },
  {
    name: "sdp",
    corpus: () => fixtures("sdp"),
    words: ["m=message ", "a=path:", "a=setup:", "c=IN IP4 ", "\r\n", "v=0", "t=0 0", "="],
    run(input) {
      const description = refusable(() => parseSessionDescription(input));
      if (description !== undefined) writeSessionDescription(description);
    },
  },
  {
    name: "im",
    corpus: () => fixtures("im"),
    words: [
      "From: ",
      "NS: ",
      "\r\n\r\n",
      "Content-type: ",
      "&#x",
      "<!ENTITY",
      "]]>",
      "<",
      "charset=",
    ],
    run(input) {
      refusable(() => parseCpim(input));
      refusable(() => parseIsComposing(input));
      refusable(() => parseImdn(input));
      refusable(() => parseContentType(latin1(input)));
      htmlToText(decodeUtf8Lossy(input));
    },
  },
  {
    name: "trace",
    corpus: () => fixtures("captures", /\.(pcap|pcapng|txt)$/).map((it) => it.subarray(0, 20_000)),
    words: ["\n\r\r\n", "MSRP ", "SIP/2.0", "?OTR:", "\r\n"],
    run(input) {
      const trace = new TraceInput();
      const analysis = new TraceAnalysis();
      const listing = new Listing();
      try {
        for (const arrival of [...trace.feed(input), ...trace.end()]) {
          for (const object of analysis.receive(arrival)) listing.lines(object);
        }
        analysis.end();
      } catch (error) {
        // Input in no known format is refused, not misread.
        if (!(error instanceof SottoError)) throw error;
      }
    },
  },
  {
    name: "config",
    corpus: () => CONFIGURATIONS.map(utf8),
    words: ["[accounts.", "[[", "]", "=", '"""', "'''", "#", "\n", "\r\n", "{", "}", "\\", "."],
    run(input) {
      const text = decodeUtf8Lossy(input);
      for (
        const act of [
          () => parseConfig(text, "c"),
          () => setTomlValue(text, ["accounts", "work"], "proxy", "sip:p"),
          () => setTomlValue(text, [], "default-account", "work"),
          () => removeToml(text, ["accounts", "work"]),
        ]
      ) {
        try {
          act();
        } catch (error) {
          // What a person wrote wrongly is told with its line; what would lose something, too.
          if (!(error instanceof SottoError)) throw error;
        }
      }
    },
  },
];
