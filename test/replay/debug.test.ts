import { beforeAll, describe, expect, test } from "vitest";
import { toHex } from "#base/hex.ts";
import { isProblem } from "#base/problem.ts";
import { dataJson } from "#events/logged.ts";
import type { MachineEvent } from "#events/types.ts";
import { Machine } from "#machine/machine.ts";
import { digestOf } from "#machine/state/digest.ts";
import { type Answer, DebugSession } from "#replay/debug/session.ts";
import { compileExpression } from "#replay/expression/compile.ts";
import { sha256 } from "#replay/hash.ts";
import { isDamaged, LogReader } from "#store/log-reader.ts";
import { Random } from "../support/random.ts";
import { randomCommand } from "../support/random-commands.ts";
import { Recording } from "../support/recording.ts";
import { twoGuests } from "../support/two-guests.ts";

const WORDS = {
  commands: ["CLOCK_RATE_SET", "BASE_SET_DEVICE_PERMISSIONS", "PROTOCOL_VERSION"],
  statuses: ["SUCCESS", "DENIED", "NOT_FOUND"],
  timeUs: (text: string) => (/^at \d+$/.test(text) ? Number(text.slice(3)) : null),
};

/** A log with snapshots in it, its events, and the state's digest after each as folding from the start gives it. */
let log: Recording;
let host: Awaited<ReturnType<typeof twoGuests>>;
const events: MachineEvent[] = [];
const digests: string[] = [];
let head = 0;

beforeAll(async () => {
  // A firmware that cannot reset agents: what a domain was granted is left behind.
  host = await twoGuests({
    supports: {
      discoverAgent: true,
      setDevicePermissions: true,
      setProtocolPermissions: false,
      resetAgentConfiguration: false,
    },
  });
  log = new Recording(host);
  const random = new Random(11);
  for (let i = 0; i < 250; i += 1) {
    log.do(randomCommand(random, log.machine.state, [host]));
    if (i % 50 === 49) log.keepSnapshot();
  }
  const machine = new Machine(sha256);
  const digest = () => digests.push(toHex(digestOf(machine.state, sha256)));
  digest();
  for (const event of new LogReader(log.db).events(0, 1_000_000)) {
    if (isDamaged(event)) throw new Error(event.fault);
    events.push(event);
    machine.apply(event);
    digest();
  }
  head = events.length;
});

/** @param kept events that it can take back at once; few, so that it has to rebuild and to forget */
function session(kept?: number): DebugSession {
  return new DebugSession(log.db, WORDS, kept);
}

function done(on: DebugSession, line: string): Answer {
  const answer = on.command(line);
  if (isProblem(answer)) throw new Error(`${line}: ${answer.detail}`);
  return answer;
}

/** Every event at which a session stops, going on from the start or back from the end, in the log's order. */
function stopsOf(lines: readonly string[], way: "continue" | "rc"): number[] {
  const on = session(20);
  for (const line of lines) done(on, line);
  if (way === "rc") done(on, `goto ${head}`);
  const seqs: number[] = [];
  for (;;) {
    const { json } = done(on, way);
    if ((json["hits"] as unknown[]).length === 0) break;
    seqs.push(on.at);
  }
  expect(on.at).toBe(way === "rc" ? 0 : head);
  return way === "rc" ? seqs.reverse() : seqs;
}

describe("wherever it goes, the state is the one that folding from the start gives", () => {
  test.each([
    [1, undefined],
    [2, undefined],
    [3, 7],
    [4, 16],
    [5, 1],
  ])("a random walk, seed %i, keeping %i", (seed, kept) => {
    const random = new Random(seed);
    const on = session(kept);
    for (let i = 0; i < 120; i += 1) {
      const line = random.pick([
        "step",
        "back",
        "b",
        `step ${1 + random.below(40)}`,
        `back ${1 + random.below(40)}`,
        `goto ${random.below(head + 1)}`,
      ]);
      done(on, line);
      expect(on.stateHash, `${line} to ${on.at}`).toBe(digests[on.at]);
    }
  });

  test.each([undefined, 10])("back from the end to the beginning, event by event, keeping %i", (kept) => {
    const on = session(kept);
    done(on, `goto ${head}`);
    for (let at = head; at > 0; at -= 1) {
      done(on, "back");
      expect(on.at).toBe(at - 1);
      expect(on.stateHash).toBe(digests[at - 1]);
    }
    expect(done(on, "back").text).toContain("before the first of");
  });

  test("a time is the moment of the last event that is not after it", () => {
    const on = session();
    const row = new LogReader(log.db).row(40);
    done(on, `goto at ${row?.time}`);
    expect(new LogReader(log.db).row(on.at)?.time).toBe(row?.time);
    expect(new LogReader(log.db).row(on.at + 1)?.time).not.toBe(row?.time);
  });
});

describe("a breakpoint stops at the events that a filter over the log finds, forward and backward", () => {
  const decoded = (event: MachineEvent) =>
    event.type === "smc.forwarded"
      ? (dataJson(event) as { decoded: { message: string; response: { status?: string } | null } | null })
          .decoded
      : null;
  test.each<[string, (event: MachineEvent) => boolean]>([
    ["break type smc.refused", ({ type }) => type === "smc.refused"],
    ["break domain 1", ({ domid }) => domid === 1],
    ["br agent 2", ({ agentId }) => agentId === 2],
    ["break command PROTOCOL_VERSION", (event) => decoded(event)?.message === "PROTOCOL_VERSION"],
    [
      "break command base_set_device_permissions",
      (event) => decoded(event)?.message === "BASE_SET_DEVICE_PERMISSIONS",
    ],
    ["break status DENIED", (event) => decoded(event)?.response?.status === "DENIED"],
    ["break type smc.forwarded agent 2", ({ type, agentId }) => type === "smc.forwarded" && agentId === 2],
  ])("%s", (line, matches) => {
    const expected = events.filter(matches).map(({ seq }) => seq);
    expect(expected.length).toBeGreaterThan(0);
    expect(stopsOf([line], "continue")).toEqual(expected);
    expect(stopsOf([line], "rc")).toEqual(expected);
    // A watch beside it takes the way with the state along.
    expect(stopsOf([line, "watch count(host) > 5"], "continue")).toEqual(expected);
    expect(stopsOf([line, "watch count(host) > 5"], "rc")).toEqual(expected);
  });
});

describe("a watch stops where its value changes, forward and backward", () => {
  test.each([
    ["watch mediator.domain", "mediator.domain"],
    ["w count(mediator.domain)", "count(mediator.domain)"],
    ["watch allowed(2, 1)", "allowed(2, 1)"],
    ["watch finding permission-left-behind", 'finding("permission-left-behind")'],
    ["watch findings", "findings()"],
  ])("%s", (line, text) => {
    const expression = compileExpression(text);
    if (isProblem(expression)) throw new Error(expression.detail);
    const machine = new Machine(sha256);
    const value = () => JSON.stringify(expression.value(machine.state));
    let before = value();
    const expected = events.flatMap((event) => {
      machine.apply(event);
      const [was, is] = [before, value()];
      before = is;
      return was === is ? [] : [event.seq];
    });
    expect(expected.length).toBeGreaterThan(0);
    expect(stopsOf([line], "continue")).toEqual(expected);
    expect(stopsOf([line], "rc")).toEqual(expected);
  });

  test("it tells what it was and is, whichever way it came", () => {
    const on = session();
    done(on, "watch host[0].epoch");
    const forward = done(on, "continue");
    expect(forward.text).toContain("watch 1: host[0].epoch was null, is 0");
    done(on, "goto 3");
    expect(done(on, "rc").text).toContain("watch 1: host[0].epoch was 0, is 1");
    expect(on.at).toBe(2);
  });
});

test("diff tells each cell that the last event changed, and step and back tell the same", () => {
  const on = session();
  done(on, "goto 2");
  const first = done(on, "diff");
  expect(first.text).toContain("host[0].epoch: 0 → 1");
  done(on, "step 5");
  done(on, "back 5");
  expect(done(on, "diff")).toEqual(first);
  // At a snapshot's own event the journal has to be come by again.
  const { seq } = log.db.prepare<[], { seq: number }>("SELECT min(seq) AS seq FROM snapshots").get() ?? {
    seq: 0,
  };
  const fresh = session();
  done(fresh, `goto ${head}`);
  done(fresh, `goto ${seq}`);
  done(on, `goto ${seq}`);
  expect(done(fresh, "diff")).toEqual(done(on, "diff"));
});

test("event, print, state and where show the moment", () => {
  const on = session();
  expect(done(on, "event").json["event"]).toBeNull();
  const seq = events.find(({ type }) => type === "smc.forwarded")?.seq;
  done(on, `goto ${seq}`);
  expect(done(on, "e").text).toMatch(/smc\.forwarded.*\n {2}decoded +\{"protocol":/);
  expect(done(on, "print host[0].epoch").text).toBe("1");
  expect(done(on, "p /host/0/epoch").text).toBe("1");
  expect(done(on, "p /host/1/epoch").text).toBe("null");
  expect(done(on, "state").json).toMatchObject({ at: seq, stateHash: digests[seq as number] });
  expect(done(on, "where").text).toContain(`after event ${seq} of ${head}`);
});

test("what stops can be listed and deleted", () => {
  const on = session();
  done(on, "break domain 0");
  done(on, "watch violations");
  expect(done(on, "breaks").text).toBe("break 1: domain 0\nwatch 2: violations");
  expect(done(on, "delete 1").text).toBe("watch 2: violations");
  expect(done(on, "d").text).toBe("nothing stops");
});

describe("what it cannot do it refuses, and stays where it is", () => {
  test.each([
    ["", "debug-command-unknown", "an empty line"],
    ["jump 3", "debug-command-unknown", "step, back, continue"],
    ["step 0", "debug-argument-invalid", "from 1"],
    ["step x", "debug-argument-invalid", "from 1"],
    ["where now", "debug-argument-invalid", "nothing"],
    ["goto 999999", "position-out-of-range", "999999"],
    ["goto yesterday", "debug-argument-invalid", "a time with its zone"],
    ["break", "debug-argument-invalid", "pairs"],
    ["break type smc.refusd", "debug-argument-invalid", "smc.refused"],
    ["break colour red", "debug-argument-invalid", "type, domain, agent"],
    ["break domain red", "debug-argument-invalid", "a domid"],
    ["break agent 1 agent 2", "debug-argument-invalid", '"agent" twice'],
    ["break type \u001b[2J", "debug-argument-invalid", '"\\u001b[2J"'],
    ["watch finding \u001b[2J", "debug-argument-invalid", '"\\u001b[2J"'],
    ["break command CLOCK_SET_RATE", "debug-argument-invalid", "CLOCK_RATE_SET"],
    ["break status NO", "debug-argument-invalid", "DENIED"],
    ["watch", "debug-argument-invalid", "an expression"],
    ["watch finding nothing", "debug-argument-invalid", "permission-left-behind"],
    ["watch nowhere[1]", "expression-invalid", "mediator.domain"],
    ["print 1 +", "expression-invalid", "character 3"],
    ["delete 7", "debug-argument-invalid", "there is none"],
  ])("%s", (line, code, words) => {
    const on = session();
    done(on, "goto 5");
    const answer = on.command(line);
    expect(isProblem(answer) && [answer.code, answer.detail]).toEqual([code, expect.stringContaining(words)]);
    expect(isProblem(answer) && answer.hint).not.toBe("");
    expect(on.at).toBe(5);
    expect(on.stateHash).toBe(digests[5]);
  });

  test("an event that cannot be read: it stands before it, and goes back from there", () => {
    const damaged = new Recording(host);
    damaged.alter("UPDATE events SET body = x'00' WHERE seq = 4");
    const on = new DebugSession(damaged.db, WORDS);
    const answer = on.command("step 5");
    expect(isProblem(answer) && [answer.code, answer.detail]).toEqual([
      "log-damaged",
      expect.stringContaining("event 4"),
    ]);
    expect(on.at).toBe(3);
    done(on, "back");
    expect(on.at).toBe(2);
  });
});

test("completion knows commands, types, messages, tables and functions", () => {
  const on = session();
  expect(on.complete("rev")).toEqual([["reverse-continue"], "rev"]);
  expect(on.complete("break ty")).toEqual([["type"], "ty"]);
  expect(on.complete("break type smc.r")).toEqual([["smc.refused"], "smc.r"]);
  expect(on.complete("break type smc.refused ag")).toEqual([["agent"], "ag"]);
  expect(on.complete("br command CLOCK")).toEqual([["CLOCK_RATE_SET"], "CLOCK"]);
  expect(on.complete("watch finding permission-l")[0]).toEqual(["permission-left-behind"]);
  expect(on.complete("print mediator.dom")[0]).toContain("mediator.domain");
  expect(on.complete("p allo")[0]).toEqual(["allowed("]);
});
