import { assertEquals, assertRejects } from "@std/assert";
import { EngineProcess } from "../../../../tools/bench/engine_process.ts";

const INTRODUCTION = { engine: "echo", version: "1", works: ["a"] };

/** An engine of a few lines of shell. */
function shell(script: string): Promise<EngineProcess> {
  return EngineProcess.start("/bin/sh", ["-c", script]);
}

const HELLO = `echo '${JSON.stringify({ engines: [INTRODUCTION] })}'`;

Deno.test("EngineProcess hands over a work and brings its samples", async () => {
  await using engine = await shell(
    `${HELLO}; read work budget batch; echo "{\\"ms\\":[$budget,$batch]}"; read rest`,
  );
  assertEquals(engine.introductions, [INTRODUCTION]);
  assertEquals(await engine.run("a", 300, 10), [300, 10]);
});

Deno.test("EngineProcess tells what an engine says of itself when it does not start", async () => {
  await assertRejects(
    () => shell("echo 'no such library' >&2; exit 127"),
    Error,
    "no such library",
  );
});

Deno.test("EngineProcess.run() fails where the engine does", async () => {
  await using engine = await shell(
    `${HELLO}; read line; echo '{"error":"no such work"}'; read rest`,
  );
  await assertRejects(() => engine.run("b", 1, 1), Error, "b: no such work");
});

Deno.test("EngineProcess.run() does not wait for an engine that has died", async () => {
  await using engine = await shell(`${HELLO}; read line; exit 3`);
  await assertRejects(() => engine.run("a", 1, 1), Error, "the engine ended");
});
