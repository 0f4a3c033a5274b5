/** Names of dialogs. */
import { assertEquals } from "@std/assert";
import {
  dialogIdOfRequest,
  dialogIdOfResponse,
  dialogKey,
} from "../../../../lib/sip/dialog/dialog_id.ts";
import { request, response } from "../../../helpers/sip_messages.ts";

Deno.test("dialogIdOfResponse() sees the caller's side, dialogIdOfRequest() the callee's", () => {
  assertEquals(dialogIdOfResponse(response(200, "INVITE")), {
    callId: "1@example.com",
    localTag: "a",
    remoteTag: "b",
  });
  assertEquals(dialogIdOfRequest(request("INVITE")), undefined);
  const inside = request("BYE");
  const headers = inside.headers.map((it) =>
    it.name === "To" ? { ...it, value: `${it.value};tag=b` } : it
  );
  assertEquals(dialogIdOfRequest({ ...inside, headers }), {
    callId: "1@example.com",
    localTag: "b",
    remoteTag: "a",
  });
});

Deno.test("dialogKey() differs with every part", () => {
  const id = { callId: "c", localTag: "l", remoteTag: "r" };
  const keys = [id, { ...id, callId: "x" }, { ...id, localTag: "x" }, { ...id, remoteTag: "x" }];
  assertEquals(new Set(keys.map(dialogKey)).size, 4);
});
