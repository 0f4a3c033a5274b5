import { assertEquals } from "@std/assert";
import { NO_ACCESS } from "../../../../cli/options/access.ts";
import { type DoctorRequest, printCheck, runDoctor } from "../../../../cli/doctor/run_doctor.ts";
import { testContext } from "../../../helpers/session_flags.ts";
import { TemporaryFolder } from "../../../helpers/temporary_folder.ts";

const REQUEST: DoctorRequest = {
  listen: [{ host: "127.0.0.1", port: 0, transports: ["udp"] }],
  target: undefined,
  calls: false,
  transport: undefined,
  tlsCa: undefined,
  tlsInsecure: false,
  timeout: 1000,
  access: NO_ACCESS,
};

Deno.test("printCheck() puts what to do under what is wrong", () => {
  const people = testContext();
  printCheck(people.printer, { name: "a", status: "ok", detail: "fine" });
  printCheck(people.printer, { name: "b", status: "failed", detail: "bad", hint: "mend it" });
  assertEquals(
    people.stdout.text,
    "ok      a                     fine\n" +
      "FAILED  b                     bad\n" +
      "                              -> mend it\n",
  );
  const script = testContext({ json: true });
  printCheck(script.printer, { name: "b", status: "failed", hint: "mend it", isOptional: true });
  assertEquals(
    script.stdout.text,
    '{"type":"check","name":"b","status":"failed","hint":"mend it"}\n',
  );
});

Deno.test("runDoctor() ends with 1 for what is needed, and not for what is optional", async () => {
  await using folder = await TemporaryFolder.make();
  const statuses: number[] = [];
  const run = async () => {
    const context = {
      ...testContext({ home: folder.path }),
      exit: (it: number) => statuses.push(it),
    };
    await runDoctor(context, REQUEST);
  };
  await Deno.chmod(folder.path, 0o700);
  await Deno.writeTextFile(folder.file("config.toml"), "[otr]\nunknown = 1\n", { mode: 0o600 });
  await run();
  assertEquals(statuses, []);
  await Deno.writeTextFile(folder.file("config.toml"), "[otr\n");
  await run();
  assertEquals(statuses, [1]);
});
