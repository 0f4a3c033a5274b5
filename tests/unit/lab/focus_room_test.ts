import { assertEquals, assertThrows } from "@std/assert";
import { decodeUtf8Lossy, utf8 } from "../../../lib/base/bytes.ts";
import { parseContentType, parseCpim, writeCpim } from "../../../lib/im/mod.ts";
import { FocusRoom, type RoomDelivery, type RoomParticipant } from "../../../lib/lab/focus_room.ts";

const ROOM = "conference@example.com";
const NOW = Date.UTC(2026, 1, 3);

function guest(name: string, more: Partial<RoomParticipant> = {}): RoomParticipant {
  return {
    aor: `${name}@example.com`,
    isAnonymous: false,
    chatroom: () => ["nickname", "private-messages"],
    accepts: (type) => type.startsWith("text/"),
    ...more,
  };
}

/** A CPIM message; `to` may be several. */
function said(
  from: string,
  text: string,
  { to = [ROOM], type = "text/plain" }: { to?: readonly string[]; type?: string } = {},
): Uint8Array {
  return writeCpim({
    from: { uri: `sip:${from}@example.com` },
    to: to.map((it) => ({ uri: `sip:${it}` })),
    contentType: parseContentType(type),
    body: utf8(text),
  });
}

/** Who gets what. */
function told(deliveries: readonly RoomDelivery[]): [number, string][] {
  return deliveries.map(({ to, body }) => [to, decodeUtf8Lossy(parseCpim(body).body)]);
}

/** A room with people in it; ids are 1, 2, 3 in order. */
function roomWith(...guests: readonly RoomParticipant[]): FocusRoom {
  const room = new FocusRoom(ROOM);
  for (const it of guests) room.join(it, NOW);
  return room;
}

Deno.test("FocusRoom.join() welcomes, tells the others, and warns who knows nothing of rooms", () => {
  const room = new FocusRoom(ROOM);
  assertEquals(told(room.join(guest("alice"), NOW).deliveries), [
    [1, `welcome to ${ROOM}; nobody else is here`],
  ]);
  const old = guest("bob", { chatroom: () => undefined });
  assertEquals(told(room.join(old, NOW).deliveries), [
    [
      2,
      `welcome to ${ROOM}; here: alice@example.com; this is a conference: everybody in it gets what you write`,
    ],
    [1, "bob@example.com joined"],
  ]);
  assertEquals(told(room.leave(2, NOW)), [[1, "bob@example.com left"]]);
  assertEquals(room.leave(2, NOW), []);
  assertEquals([room.isEmpty, room.roster], [false, ["alice@example.com"]]);
});

Deno.test("FocusRoom speaks from the room to the room, with the time", () => {
  const [delivery] = new FocusRoom(ROOM).join(guest("alice"), NOW).deliveries;
  const message = parseCpim(delivery?.body ?? new Uint8Array());
  assertEquals(message.from?.uri, `sip:${ROOM}`);
  assertEquals(message.to.map((it) => it.uri), [`sip:${ROOM}`]);
  assertEquals(message.dateTime, "2026-02-03T00:00:00.000Z");
});

Deno.test("FocusRoom takes no more than its limit", () => {
  const room = new FocusRoom(ROOM, { participants: 1 });
  room.join(guest("alice"), NOW);
  assertEquals(room.isFull, true);
  assertThrows(() => room.join(guest("bob"), NOW), RangeError);
});

Deno.test("FocusRoom.judge() refuses by what is in the message", () => {
  const mute = guest("carol", { chatroom: () => ["nickname"] });
  const room = roomWith(guest("alice"), guest("bob"), mute);
  const judged = (body: Uint8Array): number | undefined => room.judge("alice@example.com", body);
  assertEquals(judged(said("alice", "hello")), undefined);
  assertEquals(judged(said("alice", "psst", { to: ["bob@example.com"] })), undefined);
  assertEquals(judged(utf8("no cpim")), 400);
  assertEquals(judged(said("bob", "not mine")), 403);
  assertEquals(judged(said("alice", "x", { to: [ROOM, "bob@example.com"] })), 403);
  assertEquals(judged(said("alice", "x", { to: ["dave@example.com"] })), 404);
  assertEquals(judged(said("alice", "x", { to: [] })), 404);
  assertEquals(judged(said("alice", "x", { to: ["carol@example.com"] })), 428);
  for (const otr of ["?OTRv23?", "?OTR:AAMC=.", "?OTR Error: no"]) {
    assertEquals(judged(said("alice", otr)), 403, otr);
  }
  assertEquals(judged(said("alice", "what is ?OTR good for")), undefined);
});

Deno.test("FocusRoom.forward() copies to all others what they take, octet by octet", () => {
  const plain = guest("carol", { accepts: (type) => type.startsWith("text/plain") });
  const room = roomWith(guest("alice"), guest("bob"), plain);
  const body = said("alice", "hello");
  assertEquals(room.forward(1, body), [{ to: 2, body }, { to: 3, body }]);
  const html = said("alice", "<b>", { type: "text/html" });
  assertEquals(room.forward(1, html).map((it) => it.to), [2]);
});

Deno.test("FocusRoom.forward() takes a private message to every place where its reader is, and nowhere else", () => {
  const deaf = guest("bob", { chatroom: () => [] });
  const room = roomWith(guest("alice"), guest("bob"), guest("carol"), guest("bob"), deaf);
  const body = said("alice", "psst", { to: ["bob@example.com"] });
  assertEquals(room.forward(1, body).map((it) => it.to), [2, 4]);
});

Deno.test("FocusRoom.reserve(): one name, one person", () => {
  const nobody = guest("anonymous", { isAnonymous: true });
  const room = roomWith(guest("alice"), guest("bob"), guest("alice"), nobody, nobody);
  const code = (id: number, nickname: string): number => room.reserve(id, nickname, NOW).code;
  assertEquals(code(1, "The Cat"), 200);
  assertEquals(code(2, "the  cat"), 425, "another person, the same name");
  assertEquals(code(3, "the cat"), 200, "the same person in another place");
  assertEquals(code(4, "Ghost"), 200);
  assertEquals(code(5, "ghost"), 425, "nobody is not the same as nobody");
  assertEquals(code(2, "alice@example.com"), 425, "somebody's address");
  assertEquals(code(2, ROOM), 425, "reserved");
  assertEquals(code(2, "\u200b"), 424);
  assertEquals(code(9, "x"), 403);
});

Deno.test("FocusRoom.reserve() changes names only with a 200, and says so to everybody once", () => {
  const room = roomWith(guest("alice"), guest("bob"));
  const says = (id: number, nickname: string) => told(room.reserve(id, nickname, NOW).deliveries);
  assertEquals(says(1, "Al"), [
    [1, "alice@example.com is now known as Al"],
    [2, "alice@example.com is now known as Al"],
  ]);
  assertEquals(says(1, "Al"), []);
  assertEquals(says(2, "al"), []);
  assertEquals(room.roster, ["Al (alice@example.com)", "bob@example.com"]);
  room.leave(1, NOW);
  assertEquals(room.reserve(2, "al", NOW).code, 200, "free again");
});
