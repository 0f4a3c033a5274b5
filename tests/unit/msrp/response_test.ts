import { assertEquals } from "@std/assert";
import { latin1 } from "../../../lib/base/ascii.ts";
import { writeResponse } from "../../../lib/msrp/response.ts";
import { parseMsrpUri } from "../../../lib/msrp/uri.ts";
import { frame, OURS, readFrames, THEIRS } from "../../helpers/msrp_peer.ts";
import { ascii } from "../../../lib/base/ascii.ts";

Deno.test("writeResponse() always has a comment, the usual one or its own", () => {
  const [request] = readFrames(ascii(frame("SEND")));
  if (request === undefined) throw new Error("no frame");
  const first = (code: number, comment?: string): string | undefined =>
    latin1(writeResponse(request, parseMsrpUri(OURS), code, comment)).split("\r\n")[0];
  assertEquals(first(200), "MSRP tid12345 200 OK");
  assertEquals(first(481), "MSRP tid12345 481 No Such Session");
  assertEquals(first(299), "MSRP tid12345 299 OK");
  assertEquals(first(499), "MSRP tid12345 499 Failed");
  assertEquals(first(400, "why not"), "MSRP tid12345 400 why not");
});

Deno.test("writeResponse() goes to the sender, from whom we are", () => {
  const [request] = readFrames(ascii(frame("SEND")));
  if (request === undefined) throw new Error("no frame");
  const [response] = readFrames(writeResponse(request, parseMsrpUri(OURS), 200));
  assertEquals(response?.toPath, [parseMsrpUri(THEIRS)]);
  assertEquals(response?.fromPath, [parseMsrpUri(OURS)]);
});
