import { beforeEach, describe, expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import { encodeBody, isBodyFault, readBody } from "#events/body.ts";
import type { MachineEvent } from "#events/types.ts";
import { DIVERGENCES_MAX, verify } from "#replay/verify.ts";
import { openInMemory } from "#store/database.ts";
import { LogReader, machineEvent } from "#store/log-reader.ts";
import { Random } from "../support/random.ts";
import { Recording } from "../support/recording.ts";
import { runs } from "../support/runs.ts";
import { CELLS, funcIdOf, hostWith, node } from "../support/scenario.ts";

const SMCS = 40;

/** A log with commands of many kinds: where each is, by name. */
let log: Recording;
let at: { readonly [name: string]: number };

beforeEach(() => {
  log = new Recording(hostWith());
  const place = (): number => log.machine.seq + 1;
  const red = place();
  log.do(create("red", 2, ["/soc/clocked@2000", "/soc/both@4000"]));
  const clock = place();
  log.do({
    kind: "scmi",
    domain: "red",
    call: { protocol: "clock", message: "CLOCK_RATE_SET", params: { flags: 0, clockId: 0, rate: "2000" } },
  });
  const smc = place();
  for (let i = 0; i < SMCS; i += 1) log.do(ring(i));
  const refused = place();
  log.do(create("blue", 2, []));
  const restart = place();
  log.do({ kind: "domain.restart", domain: "red" });
  log.keepSnapshot();
  const last = place();
  log.do(ring(0, 3));
  at = { boot: 1, red, clock, smc, refused, restart, last };
});

function create(name: string, agentId: number, dtdev: readonly string[]) {
  const sci = { type: "scmi_smc_multiagent", agentId };
  return {
    kind: "domain.create",
    request: { name, sci, dtdev, passthrough: true, uuid: null },
  } as const;
}

/** A guest reads its clock's rate. */
function ring(i: number, domain = 1) {
  const shmem = new Uint8Array(32);
  const view = new DataView(shmem.buffer);
  view.setUint32(0x00, i, true);
  view.setUint32(0x14, 8, true);
  view.setUint32(0x18, 0x5006, true);
  return { kind: "smc", domain, x: [BigInt(funcIdOf(2)), 0n, 0n, 0n, 0n, 0n, 0n, BigInt(i)], shmem } as const;
}

/** Seq and path of every divergence. */
function found(options = {}): [number, string][] {
  return log.verify(options).divergences.map(({ seq, path }) => [seq, path]);
}

function event(seq: number): MachineEvent {
  const row = new LogReader(log.db).row(seq);
  const body = row === undefined ? undefined : readBody(row.body);
  if (row === undefined || body === undefined || isBodyFault(body)) throw new Error(`no event ${seq}`);
  return machineEvent(seq, row.epoch, body);
}

/** Gives an event other data, as somebody would who knows how bodies are packed. */
function rewrite(seq: number, change: (data: never) => object): void {
  const old = event(seq);
  const data = { ...old.data, ...change(old.data as never) };
  log.alter("UPDATE events SET body = ? WHERE seq = ?", encodeBody({ ...old, data } as MachineEvent), seq);
}

test("a log whose dom0less domain has a partial tree verifies, and tells where that was altered", () => {
  const asked = { "xen,path": "/soc/both@4000", "xen,reg": [0, 0x1000, 0, 0x1000, 0, 0x1000] };
  log = new Recording(
    hostWith({
      chosen: { domU1: node({ compatible: "xen,domain" }) },
      partialTrees: { domU1: node({}, { passthrough: node({}, { bus: node(CELLS, { it: node(asked) }) }) }) },
    }),
  );
  expect(log.machine.state.mediator.iommu.get("/soc/both@4000")).toEqual({ domid: 1 });
  log.do({ kind: "host.reboot", cause: "reboot" });
  expect(log.verify().divergences).toEqual([]);
  rewrite(1, () => ({ partialTrees: [] }));
  expect(log.verify().divergences.length).toBeGreaterThan(0);
});

test("an untouched log verifies, in whole and in parts", () => {
  const { seq } = log.machine;
  const report = log.verify();
  expect(report).toMatchObject({ events: seq, commands: log.commands, divergences: [], divergenceCount: 0 });
  expect(report.stateHash).toBe(report.liveStateHash);
  expect(log.verify({ from: at["smc"], to: at["refused"] })).toMatchObject({
    events: SMCS + 1,
    commands: SMCS + 1,
    divergences: [],
  });
});

test("an empty log verifies to the empty state", () => {
  const report = verify(openInMemory());
  expect(report).toMatchObject({ events: 0, commands: 0, divergences: [], stateHash: "0".repeat(64) });
});

describe("what part is verified", () => {
  test("`to` is rounded up to its command's end, `from` down to its command's begin", () => {
    const { red, clock } = at as { red: number; clock: number };
    expect(log.verify({ from: red + 2, to: red + 3 })).toMatchObject({ events: clock - red, commands: 1 });
    expect(log.verify({ to: red })).toMatchObject({ events: clock - 1, commands: 2 });
  });

  test("the digests are those at its end", () => {
    const { stateHash, liveStateHash } = log.verify({ to: at["clock"] });
    expect(stateHash).toBe(liveStateHash);
    expect(stateHash).not.toBe(log.verify().stateHash);
  });

  test("divergences outside it are not told", () => {
    log.alter("UPDATE events SET agent = 77 WHERE seq = ?", at["clock"]);
    expect(found({ from: at["smc"] })).toEqual([]);
    expect(found({ to: (at["clock"] as number) - 1 })).toEqual([]);
    expect(found({ from: at["clock"], to: at["clock"] })).toEqual([[at["clock"], "columns.agent"]]);
  });

  test.each([{ from: 0 }, { from: 1000 }, { to: 0 }, { to: 1000 }, { from: -1 }])(
    "outside the log: %o",
    (options) => {
      const report = verify(log.db, options);
      expect(isProblem(report) && report.code).toBe("position-out-of-range");
    },
  );

  test("a range that ends before it begins is refused", () => {
    const report = verify(log.db, { from: 9, to: 8 });
    expect(isProblem(report) && report.code).toBe("request-invalid");
    expect(isProblem(verify(log.db, { from: 9, to: 9 }))).toBe(false);
  });

  test("progress is told on the way, and ends at all of it", () => {
    const told: number[] = [];
    log.verify({ onProgress: ({ events, eventsTotal }) => told.push(events / eventsTotal) });
    expect(told.at(-1)).toBe(1);
  });
});

describe("an altered event is told at its seq, and once", () => {
  test.each<[string, string, string]>([
    ["columns.type", "smc", "type = 'smc.refused'"],
    ["columns.epoch", "smc", "epoch = 2"],
    ["columns.commandId", "smc", "command_id = command_id + 5"],
    ["columns.domid", "smc", "domid = 9"],
    ["columns.domid", "smc", "domid = NULL"],
    ["columns.agent", "smc", "agent = NULL"],
    ["columns.time", "smc", "time = time + 3600000000"],
    ["columns.time", "smc", "time = time - 3600000000"],
    ["columns.time", "last", "time = time - 3600000000"],
    ["undecodable", "smc", "body = x'00'"],
    ["undecodable", "smc", "body = x''"],
    ["undecodable", "red", "body = substr(body, 1, length(body) - 1)"],
    ["undecodable", "red", "body = CAST(body || x'00' AS BLOB)"],
  ])("%s: %s with %s", (path, name, change) => {
    const seq = (at[name] as number) + (name === "smc" ? 5 : 0);
    log.alter(`UPDATE events SET ${change} WHERE seq = ?`, seq);
    expect(found()[0]).toEqual([seq, path]);
    const others = found().filter(([there]) => there !== seq);
    expect(others).toEqual([]);
  });

  test("a time in the middle of a command", () => {
    const seq = (at["red"] as number) + 2;
    log.alter("UPDATE events SET time = time + 1 WHERE seq = ?", seq);
    expect(found()).toEqual([[seq, "columns.time"]]);
  });

  test("a response, though it says what the firmware never answered", () => {
    const seq = (at["smc"] as number) + 7;
    rewrite(seq, ({ response }: { response: object }) => ({
      response: { ...response, payload: new Uint8Array(12).fill(7) },
    }));
    const [divergence] = log.verify().divergences;
    expect(divergence).toEqual({
      seq,
      path: "data.response.payload",
      recorded: "070707070707070707070707",
      replayed: "00000000d007000000000000",
    });
    expect(found()).toHaveLength(1);
  });

  test("effects: the state stays the one that the digests speak for", () => {
    const seq = at["clock"] as number;
    rewrite(seq, () => ({ effects: [{ table: "clock", row: 0, column: "rate", value: 1 }] }));
    expect(found()).toEqual([[seq, "data.effects.0.value"]]);
    expect(log.verify().stateHash).toBe(log.verify().liveStateHash);
  });

  test("effects on what there is not", () => {
    const seq = at["clock"] as number;
    rewrite(seq, () => ({ effects: [{ table: "nothing", row: 0, column: "rate", value: 1 }] }));
    expect(found()).toEqual([
      [seq, "data.effects.0.path"],
      [seq, "data.effects.0.value"],
    ]);
  });

  test("what a guest asked: its answer is no longer the one", () => {
    const seq = (at["smc"] as number) + 3;
    rewrite(seq, ({ writes }: { writes: readonly { bytes: Uint8Array }[] }) => {
      const bytes = writes[0]?.bytes.slice() ?? new Uint8Array(0);
      bytes[0x1c] = 9;
      return { writes: [{ offset: 0, bytes }] };
    });
    expect(found().every(([there]) => there === seq)).toBe(true);
    expect(found()).toContainEqual([seq, "data.response.payload"]);
  });

  test("registers that nobody looks at are still in the log as they were", () => {
    const seq = at["refused"] as number;
    rewrite(seq, () => ({ message: "something else" }));
    expect(log.verify().divergences).toMatchObject([
      { seq, path: "data.message", recorded: "something else" },
    ]);
  });

  test("the board itself", () => {
    rewrite(1, ({ board }: { board: { firmware: object } }) => ({
      board: { ...board, firmware: { ...board.firmware, vendor: "evil" } },
    }));
    expect(found()).toEqual([[1, "digest"]]);
  });

  test("a body that says the same in other words", () => {
    const seq = at["refused"] as number;
    const { body } = new LogReader(log.db).row(seq) as { body: Uint8Array };
    const spaced = Buffer.concat([body, Buffer.from(" ")]);
    spaced.writeUInt32LE(spaced.length, 0);
    log.alter("UPDATE events SET body = ? WHERE seq = ?", spaced, seq);
    expect(found()).toEqual([[seq, "body"]]);
  });
});

describe("deleted rows", () => {
  test.each(["boot", "red", "clock", "smc", "refused", "restart", "last"])(
    "the first event of %s",
    (name) => {
      log.alter("DELETE FROM events WHERE seq = ?", at[name]);
      expect(found()[0]).toEqual([at[name], "missing"]);
    },
  );

  test("an event in the middle of a command is told with what it should say", () => {
    const seq = (at["red"] as number) + 1;
    log.alter("DELETE FROM events WHERE seq = ?", seq);
    expect(log.verify().divergences).toMatchObject([
      { seq, path: "missing", recorded: null, replayed: { type: "smc.forwarded" } },
    ]);
  });

  test("the row of a command", () => {
    const id = (log.db.prepare("SELECT command_id FROM events WHERE seq = ?").pluck().get(at["clock"]) ??
      0) as number;
    log.alter("DELETE FROM commands WHERE id = ?", id);
    expect(found()).toEqual([[at["clock"], "missing"]]);
    expect(log.verify().divergences[0]?.replayed).toBe(`command ${id}`);
  });

  test("the row of the last command", () => {
    log.alter("DELETE FROM commands WHERE id = (SELECT max(id) FROM commands)");
    expect(found()).toEqual([[at["last"], "missing"]]);
  });

  test("every event", () => {
    log.alter("DELETE FROM events");
    expect(found().length).toBeGreaterThan(0);
  });
});

describe("rows that were added", () => {
  test("an event behind the last command", () => {
    log.alter(`
      INSERT INTO events (seq, time, type, epoch, command_id, domid, agent, body)
      SELECT seq + 1, time, type, epoch, command_id + 1, domid, agent, body FROM events ORDER BY seq DESC LIMIT 1
    `);
    expect(found()[0]).toEqual([(at["last"] as number) + 1, "missing"]);
  });

  test("a command without events", () => {
    log.alter(`
      INSERT INTO commands (id, kind, input, actor, source, first_seq, last_seq, digest, rule_version, program)
      SELECT id + 1, kind, input, actor, source, last_seq + 1, last_seq + 1, digest, rule_version, program
      FROM commands ORDER BY id DESC LIMIT 1
    `);
    expect(found()[0]?.[0]).toBe((at["last"] as number) + 1);
  });
});

describe("an altered command is told at its first event", () => {
  const commandAt = (seq: number) => `id = (SELECT command_id FROM events WHERE seq = ${seq})`;

  test.each<[string, string, string, string]>([
    ["digest", "smc", "digest = zeroblob(32)", "digest"],
    ["a digest that is none", "smc", "digest = x'0102'", "digest"],
    ["the digest of the last", "last", "digest = zeroblob(32)", "digest"],
    ["unknown kind", "clock", "kind = 'clock.set'", "command.kind"],
    ["no input", "clock", "input = NULL", "command.input"],
    ["input that is no JSON", "clock", "input = '{'", "command.input"],
    ["input of another shape", "clock", "input = '{}'", "command.input"],
    ["input that nobody needs", "smc", "input = '{}'", "command.input"],
    ["rules", "clock", "rule_version = 9", "command.ruleVersion"],
    ["first seq", "smc", "first_seq = first_seq - 1", "command.firstSeq"],
    ["first seq beyond the log", "smc", "first_seq = 1000000000000", "command.firstSeq"],
    ["last seq", "smc", "last_seq = last_seq + 1", "command.lastSeq"],
    ["last seq of many events", "red", "last_seq = last_seq - 2", "command.lastSeq"],
    ["last seq beyond the log", "last", "last_seq = 1000000000000", "command.lastSeq"],
  ])("%s", (_, name, change, path) => {
    const seq = at[name] as number;
    log.alter(`UPDATE commands SET ${change} WHERE ${commandAt(seq)}`);
    expect(found()).toEqual([[seq, path]]);
  });

  test("another input that can be decided: its events differ, field by field", () => {
    const seq = at["clock"] as number;
    log.alter(`UPDATE commands SET input = replace(input, '2000', '1000') WHERE ${commandAt(seq)}`);
    const { divergences } = log.verify();
    expect(divergences.every((divergence) => divergence.seq === seq)).toBe(true);
    expect(divergences.map(({ path }) => path)).toContain("data.request.payload");
  });

  test("another input of a command that others build on: told at that command, not at every later one", () => {
    const seq = at["red"] as number;
    log.alter(`UPDATE commands SET input = replace(input, '"red"', '"grey"') WHERE ${commandAt(seq)}`);
    const { divergences } = log.verify();
    expect(divergences.every((divergence) => divergence.seq === seq)).toBe(true);
    expect(divergences[0]).toMatchObject({ path: "data.name", recorded: "red", replayed: "grey" });
  });

  test("an input that leads to fewer events", () => {
    const seq = at["red"] as number;
    log.alter(
      `UPDATE commands SET input = replace(input, '/soc/both@4000', '/soc/none') WHERE ${commandAt(seq)}`,
    );
    expect(found().every(([there]) => there >= seq && there < (at["clock"] as number))).toBe(true);
    expect(found().map(([, path]) => path)).toContain("count");
  });
});

describe("snapshots", () => {
  const seqOf = () => log.db.prepare("SELECT seq FROM snapshots").pluck().get() as number;

  test.each<[string, string, (seq: number) => [number, string]]>([
    ["digest", "digest = zeroblob(32)", (seq) => [seq, "snapshot.digest"]],
    ["command", "command_id = 1", (seq) => [seq, "snapshot.commandId"]],
    ["place", "seq = seq - 2", (seq) => [seq - 2, "snapshot.seq"]],
    ["state that is none", "state = '{'", (seq) => [seq, "snapshot.state"]],
    [
      "state",
      "state = replace(state, '\"rate\":2000', '\"rate\":1000')",
      (seq) => [seq, expect.stringContaining("snapshot.state.tables") as unknown as string],
    ],
  ])("an altered %s is told, and neither verify nor rebuild builds on it", (_, change, expected) => {
    const seq = seqOf();
    const live = log.verify().stateHash;
    log.alter(`UPDATE snapshots SET ${change}`);
    expect(found()).toEqual([expected(seq)]);
    const later = log.verify({ from: at["last"] });
    expect(later.divergences).toHaveLength(1);
    expect(later.divergences[0]?.path).toMatch(/^snapshot\./);
    expect(later.stateHash).toBe(live);
    expect(Buffer.from(log.rebuilt().digest()).toString("hex")).toBe(live);
  });
});

test("all divergences are counted, the first are listed", () => {
  log.alter("UPDATE events SET domid = 300, agent = 300, epoch = 300 WHERE type = 'smc.forwarded'");
  const { divergences, divergenceCount } = log.verify();
  expect(divergences).toHaveLength(DIVERGENCES_MAX);
  expect(divergenceCount).toBeGreaterThan(DIVERGENCES_MAX);
});

test("a value that is huge is cut", () => {
  const { deviceTree } = (event(1) as MachineEvent<"host.configured">).data;
  rewrite(1, () => ({ deviceTree: Buffer.concat([deviceTree, Buffer.alloc(20_000)]) }));
  const { divergences } = log.verify();
  expect(JSON.stringify(divergences).length).toBeLessThan(200_000);
});

describe("rules that changed", () => {
  test("the log's own events are followed, and each command that would come out otherwise is told", () => {
    // As if an older program had let the clock run at another rate than it was asked for.
    const seq = at["clock"] as number;
    const effects = [{ table: "clock", row: 0, column: "rate", value: 1234 }];
    const other = new Recording(hostWith());
    other.do(create("red", 2, ["/soc/clocked@2000", "/soc/both@4000"]));
    expect(other.machine.seq).toBe(seq - 1);
    const before = other.machine.checkpoint();
    other.machine.apply({ ...event(seq), data: { ...event(seq).data, effects } } as MachineEvent);
    other.machine.endCommand(before.mark);
    rewrite(seq, () => ({ effects }));
    log.alter(
      "UPDATE commands SET digest = ? WHERE id = (SELECT command_id FROM events WHERE seq = ?)",
      other.machine.digest(),
      seq,
    );
    const { divergences } = log.verify();
    expect(divergences[0]).toEqual({ seq, path: "data.effects.0.value", recorded: 1234, replayed: 2000 });
    // From here on the guest would read 1234.
    expect(divergences[1]).toMatchObject({ seq: at["smc"], path: "data.response.payload" });
  });
});

/** Columns of both tables that verify vouches for. Who asked and why is nobody's to decide again. */
const COLUMNS = {
  events: ["time", "type", "epoch", "command_id", "domid", "agent", "body"],
  commands: ["kind", "input", "first_seq", "last_seq", "digest", "rule_version"],
} as const;

const MANGLINGS = runs(60, 10_000);

test("whatever is altered in one row is told at that row's command, and nothing ever throws", () => {
  const random = new Random(4);
  for (let i = 0; i < MANGLINGS; i += 1) {
    const table = random.pick(["events", "commands"] as const);
    const key = table === "events" ? "seq" : "id";
    const row = 1 + random.below(table === "events" ? log.machine.seq : log.commands);
    const column = random.pick(COLUMNS[table]);
    const command = rangeOf(table, row);
    log.db.exec("SAVEPOINT untouched");
    const select = `SELECT ${column} AS value FROM ${table} WHERE ${key} = ?`;
    const { value } = log.db.prepare(select).get(row) as { value: unknown };
    const other = mangled(random, value, column);
    const isDeleted = random.chance(5);
    if (isDeleted) log.alter(`DELETE FROM ${table} WHERE ${key} = ?`, row);
    else if (other !== undefined) log.alter(`UPDATE ${table} SET ${column} = ? WHERE ${key} = ?`, other, row);
    const { divergences, divergenceCount } = log.verify();
    log.db.exec("ROLLBACK TO untouched; RELEASE untouched");
    const what = `${isDeleted ? "deleted" : ""} ${table}.${column} of ${row}: ${value} now ${other}`;
    if (divergenceCount === 0) {
      // Only registers that firmware gives no meaning can be altered so that nothing else follows.
      const isSame = !isDeleted && (other === undefined || String(other) === String(value));
      expect(isSame || isBodyOfSmc(value), what).toBe(true);
    } else {
      const { seq } = divergences[0] as { seq: number };
      expect(seq, what).toBeGreaterThanOrEqual(command.first);
      expect(seq, what).toBeLessThanOrEqual(command.last);
    }
  }
  expect(log.verify().divergenceCount).toBe(0);
}, 600_000);

/** Another value of the same kind; undefined: there is none to be had. */
function mangled(random: Random, value: unknown, column: string): unknown {
  if (value instanceof Uint8Array) {
    const bytes = Buffer.from(value);
    if (random.chance(20)) return bytes.subarray(0, random.below(bytes.length));
    const at = random.below(bytes.length);
    bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
    return bytes;
  }
  // A time that stays between its neighbours' is nobody's to know better.
  if (column === "time") return (value as number) - 3_600_000_000;
  if (typeof value === "number") return value + random.pick([-1, 1, 1000, 2 ** 40]);
  if (column === "domid" || column === "agent") return random.below(9);
  if (typeof value === "string" && value.length > 0) {
    const at = random.below(value.length);
    return value.slice(0, at) + random.pick(["", "0", "}", "x"]) + value.slice(at + 1);
  }
  return undefined;
}

/** The events of the command that a row belongs to. */
function rangeOf(table: "events" | "commands", row: number): { first: number; last: number } {
  const id = table === "commands" ? "?" : "(SELECT command_id FROM events WHERE seq = ?)";
  const range = log.db.prepare(`SELECT first_seq AS first, last_seq AS last FROM commands WHERE id = ${id}`);
  return range.get(row) as { first: number; last: number };
}

function isBodyOfSmc(value: unknown): boolean {
  return value instanceof Uint8Array && (value[4] === 12 || value[4] === 13);
}
