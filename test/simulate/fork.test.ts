import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import { Control } from "#control/control.ts";
import type { Command } from "#machine/commands/commands.ts";
import { Simulation } from "#simulate/simulation.ts";
import { openForReading } from "#store/database.ts";
import { script, scriptOn } from "../support/script.ts";
import { twoGuests } from "../support/two-guests.ts";

const RED = { name: "red", sci: { type: "scmi_smc_multiagent", agentId: 2 }, dtdev: ["/soc/gpu@20000000"] };

let folder: string;
let file: string;
/** Last seq of the boot, of red's creation, and of its end. */
let seqs: { booted: number; created: number; destroyed: number };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "simulate-"));
  file = join(folder, "host.db");
  const clock = () => 1_700_000_000_000_000;
  const control = await Control.open({
    file,
    description: await twoGuests(),
    newBoard: false,
    clock,
    program: "test",
  });
  if (isProblem(control)) throw new Error(control.detail);
  const requester = { actor: "tester", source: "rest", reason: null, request: null } as const;
  const submit = async (command: Command) => {
    await control.submit(command, requester);
    return control.headSeq;
  };
  const booted = control.headSeq;
  const created = await submit({ kind: "domain.create", request: { ...RED, passthrough: null, uuid: null } });
  const destroyed = await submit({ kind: "domain.destroy", domain: "red" });
  seqs = { booted, created, destroyed };
  await control.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

function fork(at: number | null) {
  const db = openForReading(file);
  if (isProblem(db)) throw new Error(db.detail);
  const simulation = Simulation.fork(db, file, at, "test");
  db.close();
  return simulation;
}

test("a fork goes on where the log was: its state, its next seq, its time and command id", async () => {
  const before = readFileSync(file);
  const atHead = scriptOn(fork(null)).do({ do: "domain.create", ...RED });
  expect(atHead).toMatchObject({ ok: true, result: { domid: 2 } });
  expect(atHead.events[0]).toMatchObject({
    seq: seqs.destroyed + 1,
    commandId: 4,
    time: "2023-11-14T22:13:20.000001Z",
  });
  expect(readFileSync(file)).toEqual(before);
});

test("a moment inside a command is rounded up to its end", () => {
  for (const at of [seqs.booted + 1, seqs.created]) {
    const answer = scriptOn(fork(at)).do({ do: "domain.destroy", domid: "red" });
    expect(answer).toMatchObject({ ok: true, result: { devices: [{ path: "/soc/gpu@20000000" }] } });
    expect(answer.events[0].seq).toBe(seqs.created + 1);
  }
  expect(scriptOn(fork(1)).do({ do: "domain.destroy", domid: "red" }).problem.code).toBe("domain-not-found");
});

test("a fork answers as the machine that it was forked from would have", async () => {
  const lived = script(await twoGuests());
  lived.do({ do: "domain.create", ...RED });
  const there = lived.do({ do: "domain.destroy", domid: 1 });
  const forked = scriptOn(fork(seqs.created)).do({ do: "domain.destroy", domid: 1 });
  expect(forked.result).toEqual(there.result);
  expect(forked.channels).toEqual(there.channels);
  expect(forked.permissions).toEqual(there.permissions);
  expect(forked.events.map(({ data }) => data)).toEqual(there.events.map(({ data }) => data));
});

test.each([0, 100_000])("there is no event %d", (at) => {
  const refused = fork(at);
  expect(isProblem(refused) && refused.code).toBe("seq-not-found");
});
