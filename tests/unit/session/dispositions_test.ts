import { assertEquals } from "@std/assert";
import { type DispositionRequest, parseImdn, writeImdn } from "../../../lib/im/mod.ts";
import { type Arrival, Dispositions } from "../../../lib/session/dispositions.ts";

function arrival(...requests: readonly DispositionRequest[]): Arrival {
  return {
    id: "msrp-1",
    from: "sip:alice@example.com",
    to: ["sip:bob@example.com"],
    dateTime: "2026-02-03T10:11:12Z",
    imdn: { messageId: "imdn-1", requests },
  };
}

function report(id: string): Uint8Array {
  return writeImdn({
    messageId: id,
    dateTime: "2026-02-03T10:11:12Z",
    notification: "delivery",
    status: "delivered",
  });
}

Deno.test("Dispositions.delivered() tells who asked, with what its message said of itself", () => {
  const told = new Dispositions().delivered(arrival("positive-delivery"));
  assertEquals(told?.to, "sip:alice@example.com");
  assertEquals(told?.content.contentType, "message/imdn+xml");
  assertEquals(parseImdn(told?.content.body ?? new Uint8Array()), {
    messageId: "imdn-1",
    dateTime: "2026-02-03T10:11:12Z",
    recipientUri: "sip:bob@example.com",
    notification: "delivery",
    status: "delivered",
  });
});

Deno.test("Dispositions tell nothing that was not asked for", () => {
  const dispositions = new Dispositions();
  assertEquals(dispositions.delivered({ id: "no imdn" }), undefined);
  assertEquals(dispositions.delivered(arrival()), undefined);
  assertEquals(dispositions.delivered(arrival("display", "negative-delivery")), undefined);
  assertEquals(dispositions.failed(arrival("positive-delivery")), undefined);
  assertEquals(dispositions.displayed("nobody-knows"), undefined);
});

Deno.test("RFC 5438 §7.2.1: one notification of a kind for a message, whatever it says", () => {
  const dispositions = new Dispositions();
  const asking = arrival("positive-delivery", "negative-delivery", "display");
  const kinds = [
    dispositions.delivered(asking),
    dispositions.failed(asking),
    dispositions.delivered(asking),
    dispositions.displayed("msrp-1"),
    dispositions.displayed("msrp-1"),
  ].map((it) => it && parseImdn(it.content.body).status);
  assertEquals(kinds, ["delivered", undefined, undefined, "displayed", undefined]);
});

Deno.test("Dispositions.failed() says so, once, to who asked for failures", () => {
  const told = new Dispositions().failed(arrival("negative-delivery"));
  assertEquals(told && parseImdn(told.content.body).status, "failed");
});

Deno.test("Dispositions.requestFor() asks as it was told to, and only that is believed later", () => {
  const silent = new Dispositions();
  assertEquals(silent.requestFor("ours-1"), undefined);
  assertEquals(silent.receive(report("ours-1"), "bob@example.com"), undefined);
  const asking = new Dispositions(["positive-delivery", "display"]);
  assertEquals(asking.requestFor("ours-1"), {
    messageId: "ours-1",
    requests: ["positive-delivery", "display"],
  });
  assertEquals(asking.receive(report("ours-1"), "bob@example.com"), {
    type: "imdn",
    id: "ours-1",
    notification: "delivery",
    status: "delivered",
    from: "bob@example.com",
  });
  assertEquals(asking.receive(report("never-sent"), "bob@example.com"), undefined);
  assertEquals(asking.receive(new Uint8Array([60]), "bob@example.com"), undefined);
});

Deno.test("Dispositions forget the oldest of more messages than they can hold", () => {
  const dispositions = new Dispositions(["display"]);
  for (let count = 0; count < 1_025; count++) dispositions.requestFor(`ours-${count}`);
  assertEquals(dispositions.receive(report("ours-0"), "bob"), undefined);
  assertEquals(dispositions.receive(report("ours-1"), "bob")?.id, "ours-1");
  for (let count = 0; count < 1_025; count++) {
    dispositions.delivered({ ...arrival("display"), id: `theirs-${count}` });
  }
  assertEquals(dispositions.displayed("theirs-0"), undefined);
});
