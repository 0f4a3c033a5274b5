import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { SottoError } from "../../../lib/base/errors.ts";
import type { MsrpSession } from "../../../lib/session/msrp_endpoint.ts";
import { RoomMember, roomSender } from "../../../lib/session/room_member.ts";

const ROOM = { isFocus: true, chatroom: ["nickname", "private-messages"] };

function answering(code: number): MsrpSession {
  return {
    useNickname: () => Promise.resolve({ code, comment: "so" }),
  } as unknown as MsrpSession;
}

Deno.test("RoomMember.useNickname() says what the room answered", async () => {
  const member = new RoomMember();
  assertEquals(await member.useNickname(ROOM, answering(200), "Alice"), {
    status: "accepted",
    code: 200,
    reason: "so",
  });
  for (const code of [0, 403, 408, 424, 425]) {
    const { status } = await member.useNickname(ROOM, answering(code), "Alice");
    assertEquals(status, "refused");
  }
});

Deno.test("RoomMember asks nothing of who is no conference, or has no such thing", async () => {
  const member = new RoomMember();
  for (
    const facts of [
      { isFocus: false, chatroom: ROOM.chatroom },
      { isFocus: true, chatroom: undefined },
      { isFocus: true, chatroom: [] },
    ]
  ) {
    const refused = await assertRejects(
      () => member.useNickname(facts, answering(200), "Alice"),
      SottoError,
    );
    assertEquals(refused.code, "session/no-room");
    assertThrows(() => member.address(facts, "id-1", "bob@example.com"), SottoError);
  }
  assertEquals(member.recipientOf("id-1"), undefined);
});

Deno.test("RoomMember remembers whom a message is for until its fate is known, and not more of them than stated", () => {
  const member = new RoomMember();
  for (let count = 0; count < 1_024; count++) {
    member.address(ROOM, `id-${count}`, "bob@example.com");
  }
  assertEquals(member.recipientOf("id-7"), "bob@example.com");
  const full = assertThrows(() => member.address(ROOM, "more", "bob@example.com"), SottoError);
  assertEquals(full.code, "session/queue-full");
  member.forget("id-7");
  assertEquals(member.recipientOf("id-7"), undefined);
  member.address(ROOM, "more", "carol@example.com");
  assertEquals(member.recipientOf("more"), "carol@example.com");
  assertEquals(member.recipientOf(undefined), undefined);
});

Deno.test("roomSender() reads who wrote it, and whether it is for us alone", () => {
  const room = "conference@example.com";
  const from = "sip:bob@Example.com:5070";
  assertEquals(roomSender({ from, to: ["sip:conference@example.com:5060"] }, room), {
    from: "bob@example.com",
  });
  assertEquals(roomSender({ from, to: ["sip:alice@example.com"] }, room), {
    from: "bob@example.com",
    private: true,
  });
  assertEquals(roomSender({}, room), {});
});
