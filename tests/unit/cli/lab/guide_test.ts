import { assertEquals } from "@std/assert";
import { labGuide, quote } from "../../../../cli/lab/guide.ts";

const LAB = {
  sip: [
    "sip:127.0.0.1:5080",
    "sip:127.0.0.1:5080;transport=tcp",
    "sip:127.0.0.1:5081;transport=tls",
  ],
  msrp: ["msrps://127.0.0.1:2855;tcp"],
  domain: "lab.example",
  address: { host: "127.0.0.1", port: 5080 },
  bots: { echo: "sip:echo@127.0.0.1:5080", focus: "sip:conference@127.0.0.1:5080" },
};

Deno.test("labGuide() names everything, with a command to paste for each", () => {
  assertEquals(
    labGuide(LAB, { smpSecret: "open sesame", users: ["alice", "bob"], tlsFingerprint: "ab12" }),
    [
      "SIP",
      "  sip:127.0.0.1:5080",
      "  sip:127.0.0.1:5080;transport=tcp",
      "  sip:127.0.0.1:5081;transport=tls",
      "  TLS certificate (SHA-256): ab12",
      "",
      "MSRP relay",
      "  msrps://127.0.0.1:2855;tcp",
      "",
      "accounts at lab.example: alice, bob",
      "  $ sotto answer --listen 127.0.0.1:0 --from alice@lab.example --proxy 'sip:127.0.0.1:5080;lr' --password-file FILE --register --echo",
      "  $ sotto call alice@lab.example --from bob@lab.example --proxy 'sip:127.0.0.1:5080;lr' --password-file FILE --send hello",
      "",
      "echo: says everything again, speaks OTR, answers SMP with 'open sesame'",
      "  sip:echo@127.0.0.1:5080",
      "  $ sotto call sip:echo@127.0.0.1:5080 --otr require --send hello --expect hello",
      "  $ SOTTO_SMP_SECRET='open sesame' sotto smp sip:echo@127.0.0.1:5080",
      "  $ sotto chat sip:echo@127.0.0.1:5080",
      "",
      "conference: everybody who calls is in one room; nicknames and private messages, no OTR",
      "  sip:conference@127.0.0.1:5080",
      "  $ sotto chat sip:conference@127.0.0.1:5080 --from alice@127.0.0.1",
      "  $ sotto chat sip:conference@127.0.0.1:5080 --from bob@127.0.0.1",
    ],
  );
});

Deno.test("labGuide() does not show a secret that came in a file", () => {
  const lines = labGuide(LAB, { smpSecret: undefined, users: [], tlsFingerprint: "ab12" });
  assertEquals(
    lines.includes("  $ sotto smp sip:echo@127.0.0.1:5080 --secret-file FILE"),
    true,
  );
});

Deno.test("quote() makes one word of anything", () => {
  assertEquals(quote("plain-word"), "plain-word");
  assertEquals(quote("it's here"), "'it'\\''s here'");
  assertEquals(quote(""), "''");
  assertEquals(quote("$(rm)"), "'$(rm)'");
});
