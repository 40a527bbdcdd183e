import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import { openForWriting } from "#store/database.ts";
import { inProcess } from "../support/in-process.ts";
import { Recording } from "../support/recording.ts";
import { twoGuests } from "../support/two-guests.ts";

const DIRECTORY = mkdtempSync(join(tmpdir(), "scmictl-whatif-"));
const LOG = join(DIRECTORY, "host.db");
afterAll(() => rmSync(DIRECTORY, { recursive: true, force: true }));

const GRANT = '{"do":"permission.set","agentId":2,"deviceId":1,"allowed":true}';
let boot: number;
let granted: number;
let bytes: Buffer;
beforeAll(async () => {
  const db = openForWriting(LOG);
  if (isProblem(db)) throw new Error(db.detail);
  const recording = new Recording(await twoGuests(), { db });
  boot = recording.machine.seq;
  const sci = { type: "scmi_smc_multiagent", agentId: 2 };
  const request = { name: "red", sci, dtdev: [], passthrough: null, uuid: null };
  recording.do({ kind: "domain.create", request });
  recording.do({ kind: "permission.set", agentId: 2, deviceId: 1, allowed: true });
  granted = recording.machine.seq;
  const params = { flags: 0, clockId: 1, rate: 500_000_000 };
  recording.do({
    kind: "scmi",
    domain: "red",
    call: { protocol: "clock", message: "CLOCK_RATE_SET", params },
  });
  db.close();
  bytes = readFileSync(LOG);
});

async function whatif(...args: string[]) {
  const run = await inProcess(["whatif", "--db", LOG, "--at", String(boot), ...args]);
  expect(readFileSync(LOG).equals(bytes)).toBe(true);
  return run;
}

test("without the grant: the first difference first, then all of them, then the state in words", async () => {
  const { stdout, status } = await whatif("--skip", String(granted));
  expect(status).toBe(0);
  expect(stdout.split("\n").slice(0, 6)).toEqual([
    `forked after event ${boot}; played to event ${granted + 1}`,
    "outcomes: 1 same, 1 refused, 1 gone",
    "  permission.set: 0 same, 1 gone",
    "  scmi: 0 same, 1 refused",
    "first difference:",
    `  refused: event ${granted + 1}, command 4, scmi: smc.forwarded data.decoded.response.status: SUCCESS before, DENIED in the fork`,
  ]);
  expect(stdout).toContain(
    `  gone: event ${granted}, command 3, permission.set: smc.forwarded  xen: BASE_SET`,
  );
  expect(stdout).toContain("firmware.clock.1.rate is 400000000 instead of 500000000");
});

test("nothing changed: nothing differs", async () => {
  const { stdout } = await whatif();
  expect(stdout).toContain("outcomes: 3 same\n");
  expect(stdout).toContain("no command that was played as recorded comes to anything else");
  expect(stdout).toContain("the state at the end is the same");
});

test("skipped by command, changed, inserted, faulty: each as typed", async () => {
  expect((await whatif("--skip", "command:3")).stdout).toContain("1 gone");
  const denied = GRANT.replace("true", "false");
  expect((await whatif("--change", `${granted} ${denied}`)).stdout).toContain("different (changed)");
  expect((await whatif("--insert", `${granted} ${denied}`)).stdout).toContain(
    "new: inserted, permission.set",
  );
  const fault = '{"do":"firmware.fault","action":"status","value":-9,"times":1}';
  expect((await whatif("--insert", `${granted} ${fault}`)).stdout).toContain("HARDWARE_ERROR in the fork");
});

test("another board: from before its configuration, and why is said", async () => {
  const { stdout } = await whatif("--profile", "ref-rpi5", "--xen-version", "v8");
  expect(stdout).toContain(
    "forked after event 0: before the host's configuration, for the board or its rules are others",
  );
  const set = await whatif("--set", "firmware.clocks[1].rate=600000000", "--json");
  const { state } = JSON.parse(set.stdout) as { state: { path: string }[] };
  expect(state.map(({ path }) => path)).toEqual(["host.0.configuration"]);
  const enabled = await whatif("--set", "firmware.clocks[1].enabled=true");
  expect(enabled.stdout).toContain("firmware.clock.1.enabled is true instead of false");
});

test("a moment is a time too, a command has another one, and the host other rules", async () => {
  const { stdout } = await inProcess([
    "log",
    "--db",
    LOG,
    "--after",
    String(boot - 1),
    "--limit",
    "1",
    "--json",
  ]);
  const { time } = JSON.parse(stdout) as { time: string };
  const run = await inProcess([
    "whatif",
    "--db",
    LOG,
    "--at",
    time,
    "--time",
    `${granted} 2031-05-06T07:08Z`,
  ]);
  expect(run.stdout).toContain(
    `forked after event ${boot}; played to event ${granted + 1}\noutcomes: 3 same\n`,
  );
  const first = await whatif("--rules", "1", "--time", "command:3 2031-05-06T07:08:09.5+02:00");
  expect(first.stdout).toContain(
    "forked after event 0: before the host's configuration, for the board or its rules",
  );
  expect(first.stdout).toContain("host.0.ruleVersion is 1 instead of 2");
});

describe("what is not understood is refused, with what is allowed", () => {
  test.each([
    [["--skip", "the grant"], "request-invalid", "command:ID"],
    [["--skip", "1"], "request-invalid", "allowed are events"],
    [["--to", "11", "--skip", "11"], "request-invalid", "nothing is played behind event 11"],
    [["--insert", "12"], "request-invalid", "not JSON"],
    [["--insert", `command:3 ${GRANT}`], "request-invalid", "the seq of an event"],
    [["--insert", '12 {"do":"firmware.ring","agentId":2}'], "request-invalid", "firmware.ring"],
    [["--change", '12 {"do":"firmware.reset"}'], "request-invalid", "a command"],
    [["--set", "firmware"], "request-invalid", "path=value"],
    [["--set", "firmware.clock[1].rate=5"], "board-invalid", "did you mean clocks"],
    [["--set", "firmware.clocks[77].rate=5"], "board-invalid", "an index of clocks"],
    [["--set", "firmware..rate=5"], "board-invalid", "the path"],
    [["--profile", "vl"], "board-invalid", "firmware.profile"],
    [["--xen-version", "v99"], "board-invalid", "xen.version"],
    [["--rules", "7"], "request-invalid", "allowed are the versions 1, 2"],
    [["--time", "12"], "request-invalid", "a time with its zone"],
    [["--time", "noon 2031-05-06"], "request-invalid", "command:ID"],
    [["--to", "later"], "request-invalid", "a seq, or a time with its zone"],
    [["--to", "4000"], "position-out-of-range", "4000"],
  ])("%o: %s", async (args, code, says) => {
    const { status, stderr } = await whatif(...args);
    expect(status).toBe(1);
    expect(stderr).toContain(`code: ${code}`);
    expect(stderr).toContain(says);
  });
});
