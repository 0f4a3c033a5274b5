import { assertEquals } from "@std/assert";
import { latin1 } from "../../../lib/base/ascii.ts";
import { writeReport } from "../../../lib/msrp/report.ts";
import { parseMsrpUri } from "../../../lib/msrp/uri.ts";
import { OURS, THEIRS } from "../../helpers/msrp_peer.ts";

Deno.test("writeReport() writes neither reports' choices nor a body", () => {
  const text = latin1(writeReport({
    transactionId: "dkei38sd",
    toPath: [parseMsrpUri(THEIRS)],
    from: parseMsrpUri(OURS),
    messageId: "12339sdqwer",
    status: { namespace: "000", code: 200, comment: "OK" },
    byteRange: { start: 1, end: 106, total: 106 },
  }));
  assertEquals(
    text,
    `MSRP dkei38sd REPORT\r\nTo-Path: ${THEIRS}\r\nFrom-Path: ${OURS}\r\n` +
      "Message-ID: 12339sdqwer\r\nByte-Range: 1-106/106\r\nStatus: 000 200 OK\r\n-------dkei38sd$\r\n",
  );
});
