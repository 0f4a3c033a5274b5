/** Sessions with clients that have the traits of Blink's generations, over real sockets. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { TLV, writeWhitespaceTag } from "../../../lib/otr/mod.ts";
import { PlainMsrpClient, type PlainOptions } from "../../helpers/plain_msrp_client.ts";
import {
  BLINK_2013_QUERY,
  BLINK_QUERY,
  BlinkBehind,
  type BlinkOptions,
  withOldMacKeys,
} from "../../helpers/session_blink.ts";
import { EngineBehind } from "../../helpers/session_engine.ts";
import { type SessionSetup, SessionUnderTest } from "../../helpers/session_under_test.ts";

interface Meeting {
  readonly plain: PlainMsrpClient;
  readonly blink: BlinkBehind;
  readonly ours: SessionUnderTest;
}

/** Both on the line, MSRP bound, nobody encrypted yet. */
async function meet(
  story: (meeting: Meeting) => Promise<void>,
  options: {
    readonly ours?: SessionSetup;
    readonly blink?: BlinkOptions;
    readonly plain?: PlainOptions;
    readonly weCall?: boolean;
  } = {},
): Promise<void> {
  const { weCall = true } = options;
  await using plain = await PlainMsrpClient.open({
    acceptTypes: "message/cpim text/* image/* application/im-iscomposing+xml",
    acceptWrappedTypes: "text/* image/* application/im-iscomposing+xml",
    setup: weCall ? "passive" : "active",
    ...options.plain,
  });
  const blink = new BlinkBehind(plain, options.blink);
  await using ours = await SessionUnderTest.open(options.ours);
  if (weCall) {
    ours.call(plain.phone.uri);
    await plain.answerCall();
  } else {
    const calling = plain.call(ours.uri);
    await ours.takeCall();
    await calling;
  }
  await ours.event("msrp", (it) => it.state === "bound");
  await story({ plain, blink, ours });
}

/** The same, once encrypted. */
function meetInPrivate(
  story: (meeting: Meeting) => Promise<void>,
  options: Parameters<typeof meet>[1] = {},
): Promise<void> {
  return meet(async (meeting) => {
    await meeting.blink.encrypted();
    await meeting.ours.otr("encrypted");
    await story(meeting);
  }, options);
}

for (const weCall of [true, false]) {
  for (const encryption of ["prefer", "require"] as const) {
    Deno.test(`Blink of today, ${weCall ? "called" : "calling"}, ${encryption}: both offer at once, and version 3 comes about`, async () => {
      await meet(async ({ blink, ours }) => {
        await blink.start(BLINK_QUERY);
        await blink.encrypted();
        await ours.otr("encrypted");
        assertEquals(blink.conversation.version, 3);
        assertEquals((await ours.session.send("hello")).status, "delivered");
        await blink.received.first((it) => it.content === "hello" && it.encrypted);
        await blink.send("<b>hi</b>");
        await ours.event("message", (it) => it.body === "<b>hi</b>");
        assertEquals(ours.messages, ["out hello [unverified]", "in <b>hi</b> [unverified]"]);
        assertEquals(ours.otrStates.at(-1), "encrypted orange");
      }, { weCall, ours: { encryption } });
    });

    Deno.test(`Blink of 2013, ${weCall ? "called" : "calling"}, ${encryption}: version 2 comes about`, async () => {
      await meet(async ({ blink, ours }) => {
        // It offers by itself only when it calls.
        if (!weCall) await blink.start(BLINK_2013_QUERY);
        await blink.encrypted();
        await ours.otr("encrypted");
        assertEquals(blink.conversation.version, 2);
        assertEquals((await ours.session.send("hello")).status, "delivered");
        // It always writes a NUL, and says UTF-8 properly.
        await blink.send("grüße", "text/plain; charset=utf-8", {});
        await ours.event("message", (it) => it.body === "grüße");
      }, { weCall, ours: { encryption }, blink: { versions: [2], asksReports: true } });
    });
  }
}

Deno.test("Blink: a v2 offer that crosses ours waits for the answer to ours", async () => {
  await meet(async ({ plain, blink, ours }) => {
    // Said before it saw our query.
    await plain.say(BLINK_2013_QUERY, { cpim: true });
    await blink.encrypted();
    await ours.otr("encrypted");
    const commits = plain.sends.filter((it) => it.content?.startsWith("?OTR:AAIC"));
    assertEquals(commits, []);
    assertEquals((await ours.session.send("hello")).status, "delivered");
  }, { blink: { versions: [2] } });
});

Deno.test("Blink: plaintext that it had queued before the call does not decline our offer", async () => {
  await meet(async ({ plain, blink, ours }) => {
    await blink.start(BLINK_QUERY);
    await plain.say("<p>queued</p>", { cpim: true, contentType: 'text/html; charset="utf8"' });
    await blink.encrypted();
    await ours.event("message");
    await ours.otr("encrypted");
    assertEquals(ours.otrStates.some((it) => it.startsWith("unavailable")), false);
  });
});

Deno.test("Blink: private types and isComposing in clear, while the keys are exchanged, decline nothing", async () => {
  await meet(async ({ plain, ours }) => {
    await plain.say("enabled", {
      cpim: true,
      contentType: "application/blink-logging-status",
    });
    await plain.say(
      '<?xml version="1.0"?><isComposing xmlns="urn:ietf:params:xml:ns:im-iscomposing"><state>active</state></isComposing>',
      { cpim: true, contentType: "application/im-iscomposing+xml" },
    );
    const composing = await ours.event("composing");
    assertEquals(composing.state, "active");
    // Nor is a whitespace tag looked for in them.
    const tagged = `disabled${writeWhitespaceTag(["2", "3"])}`;
    const transaction = await plain.say(tagged, {
      cpim: true,
      contentType: "application/blink-logging-status",
    });
    await plain.frames.first((it) => it.transactionId === transaction);
    assertEquals(plain.sends.length, 1);
    assertEquals(ours.otrStates, ["negotiating gray"]);
    assertEquals(ours.messages, []);
  }, { blink: { versions: [] } });
});

Deno.test("Blink: content without NUL, HTML, charset utf8, LF inside CPIM: all is text", async () => {
  await meetInPrivate(async ({ blink, ours }) => {
    const html = "<html>grüße &amp; <b>☂</b></html>";
    await blink.send(html, 'text/html; charset="utf8"');
    const message = await ours.event("message");
    assertEquals([message.body, message.encryption], [html, "unverified"]);
    assertMatch(message.contentType, /^text\/html/);
  });
});

Deno.test("Blink: TLV-only messages show nothing and get no error", async () => {
  await meetInPrivate(async ({ blink, ours }) => {
    await blink.send("", "text/plain", { tlvs: [{ type: TLV.padding, value: new Uint8Array(7) }] });
    await blink.send("after");
    await ours.event("message", (it) => it.body === "after");
    assertEquals(ours.messages, ["in after [unverified]"]);
    assertEquals(ours.errors, []);
  });
});

Deno.test("Blink: garbage of any length where revealed MAC keys belong is taken", async () => {
  let octets = new Uint8Array();
  await meetInPrivate(async ({ blink, ours }) => {
    for (const length of [1, 19, 21, 40, 333]) {
      octets = new Uint8Array(length).fill(0xa5);
      await blink.send(`with ${length}`);
      await ours.event("message", (it) => it.body === `with ${length}`);
    }
    assertEquals(ours.errors, []);
  }, { blink: { disturb: (message) => withOldMacKeys(message, octets) } });
});

Deno.test("Blink: isComposing travels encrypted, with its own type, without NUL, both ways", async () => {
  await meetInPrivate(async ({ plain, blink, ours }) => {
    ours.session.sendComposing("active");
    const ours1 = await blink.received.first((it) =>
      it.contentType.startsWith("application/im-iscomposing+xml")
    );
    assertEquals(ours1.encrypted, true);
    assertMatch(ours1.content, /<state>active<\/state>/);
    assertEquals(ours1.content.includes("\0"), false);
    assertEquals(ours1.frame.headers["Failure-Report"], "no");
    assert(!plain.sends.some((it) => it.content?.includes("isComposing")));
    await blink.send(ours1.content, "application/im-iscomposing+xml");
    const composing = await ours.event("composing");
    assertEquals([composing.state, composing.from], ["active", "plain@127.0.0.1"]);
    assertEquals(ours.messages, []);
  });
});

Deno.test("Blink: a Byte-Range that ends in * and counts characters is read by its end-line", async () => {
  await meetInPrivate(async ({ blink, ours }) => {
    const long = "ü☂".repeat(2_000);
    await blink.send(long);
    const message = await ours.event("message");
    assertEquals(message.body, long);
  });
});

Deno.test("Blink: whatever its size, a message of ours is one SEND that ends with the OTR message", async () => {
  await meetInPrivate(async ({ plain, ours }) => {
    const long = "0123456789abcdef".repeat(40_000);
    assertEquals((await ours.session.send(long)).status, "delivered");
    for (const { flag, body, headers } of plain.sends) {
      assertEquals(flag, "$");
      assertMatch(headers["Byte-Range"] ?? "", /^1-/);
      // Nothing may follow the full stop: not even a line end.
      if (body?.includes("?OTR:")) assertMatch(body.slice(-80), /[A-Za-z0-9+/=]\.$/);
      assertEquals(/\?OTR[,|]/.test(body ?? ""), false);
    }
  });
});

Deno.test("Blink: reports are asked for user messages alone, and given to whoever asks", async () => {
  await meetInPrivate(async ({ plain, blink, ours }) => {
    await ours.session.send("hello");
    const reports = plain.sends.map(({ headers }) =>
      `${headers["Success-Report"] ?? "no"} ${headers["Failure-Report"] ?? "yes"}`
    );
    assertEquals(reports.at(-1), "yes yes");
    assertEquals(new Set(reports.slice(0, -1)), new Set(["no no"]));
    await blink.send("asks");
    await ours.event("message", (it) => it.body === "asks");
    // Its engine asked for reports on each message of the key exchange too.
    await plain.frames.first((it) =>
      it.what === "REPORT" &&
      plain.frames.all.filter(({ what }) => what === "REPORT").length > 1
    );
    const statuses = plain.frames.all.filter((it) => it.what === "REPORT")
      .map((it) => it.headers["Status"]);
    assertEquals(new Set(statuses), new Set(["000 200 OK"]));
  }, { blink: { asksReports: true } });
});

Deno.test("Blink: only the session-id of a path has to fit", async () => {
  await meetInPrivate(async ({ plain, ours }) => {
    plain.rewritePath((path) => path.replace(/\/\/[^/]+\//, "//middlebox.invalid:9/"));
    const transaction = await plain.say("?OTR Error: through the middlebox", { cpim: true });
    const answer = await plain.frames.first((it) => it.transactionId === transaction);
    assertMatch(answer.what, /^200/);
    const error = await ours.event("error");
    assertEquals(error.code, "otr/error-received");
    plain.rewritePath((path) => path.replace(/\/[^/;]+;/, "/somebody-else;"));
    const stray = await plain.say("stray");
    assertMatch((await plain.frames.first((it) => it.transactionId === stray)).what, /^481/);
  });
});

Deno.test("Blink: what cannot be decrypted is reported with 400 and shown as an error; the session stays", async () => {
  let isBroken = false;
  await meetInPrivate(async ({ plain, blink, ours }) => {
    isBroken = true;
    await blink.send("lost");
    const report = await plain.frame("REPORT");
    assertEquals(report.headers["Status"]?.slice(0, 7), "000 400");
    const error = await ours.event("error");
    assertEquals([error.code, error.side], ["otr/unreadable", "remote"]);
    isBroken = false;
    await blink.send("found");
    await ours.event("message", (it) => it.body === "found");
    assertEquals(ours.messages, ["in found [unverified]"]);
  }, {
    blink: {
      disturb: (message) =>
        isBroken && message.startsWith("?OTR:AAMD")
          ? message.replace(
            /(.{40})(.)(.*)$/,
            (_, before, it, after) => `${before}${it === "A" ? "B" : "A"}${after}`,
          )
          : message,
    },
  });
});

Deno.test("Blink: plaintext in the middle of an encrypted session is shown as failed", async () => {
  await meetInPrivate(async ({ plain, ours }) => {
    await plain.say("in clear", { cpim: true });
    const message = await ours.event("message");
    assertEquals(message.encryption, "failed");
    assertEquals(message.warning, "the message was not encrypted");
    assertEquals(ours.otrStates.at(-1), "encrypted orange");
  });
});

Deno.test("Blink: a later query of its own refreshes, and a refresh that it ignores changes nothing", async () => {
  await meetInPrivate(async ({ plain, blink, ours }) => {
    const { length } = ours.events.all;
    const refreshing = ours.session.changeOtr("refresh");
    // Today's generation ignores queries once it has a session: this one is lost on it.
    await plain.heard((it) => it.startsWith("?OTRv23?") && ours.events.all.length > length);
    await ours.advance(9_000);
    await refreshing;
    assertEquals(ours.otrStates.at(-1), "encrypted orange");
    assertEquals((await ours.session.send("still private")).status, "delivered");
    await blink.received.first((it) => it.content === "still private" && it.encrypted);
  });
});

Deno.test("Blink: its automatic ZRTP question is aborted without asking anybody", async () => {
  await meetInPrivate(async ({ blink, ours }) => {
    await blink.act((it) =>
      it.startSmp(new TextEncoder().encode("abcd"), "What is the ZRTP authentication string?", 0)
    );
    await blink.notes.first((it) => it === "smp aborted");
    await ours.event("smp", (it) => it.state === "aborted");
    // Another one, by a person, is answered.
    await blink.act((it) => it.startSmp(new TextEncoder().encode("secret"), "where?", 0));
    await blink.notes.first((it) => it === "smp success");
  }, { ours: { smpAnswer: "secret" } });
});

Deno.test("fragments of a peer that makes them are joined, from the key exchange on", async () => {
  await using plain = await PlainMsrpClient.open();
  await using engine = await EngineBehind.start(plain, { fragment: 200 });
  await using ours = await SessionUnderTest.calling(plain.phone.uri);
  await plain.answerCall();
  await engine.encrypted();
  await ours.otr("encrypted");
  const long = "grüße ☂ ".repeat(100);
  await engine.perform({ op: "send", text: long });
  await ours.event("message", (it) => it.body === long);
  assert(engine.injected.filter((it) => it.startsWith("?OTR|")).length > 10);
  assertEquals((await ours.session.send("whole")).status, "delivered");
  assertEquals(plain.sends.filter((it) => it.content?.startsWith("?OTR|")), []);
});
