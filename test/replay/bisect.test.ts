import { beforeAll, describe, expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import { Machine } from "#machine/machine.ts";
import { type BisectReport, bisect } from "#replay/bisect.ts";
import { compileExpression } from "#replay/expression/compile.ts";
import { sha256 } from "#replay/hash.ts";
import { isDamaged, LogReader } from "#store/log-reader.ts";
import { Random } from "../support/random.ts";
import { randomCommand } from "../support/random-commands.ts";
import { Recording } from "../support/recording.ts";
import { twoGuests } from "../support/two-guests.ts";

let host: Awaited<ReturnType<typeof twoGuests>>;
beforeAll(async () => {
  host = await twoGuests();
});

function found(recording: Recording, good: number, bad: number, text: string): BisectReport {
  const report = bisect(recording.db, { good, bad, expect: text });
  if (isProblem(report)) throw new Error(report.detail);
  return report;
}

function withPermissions(...changes: readonly boolean[]): {
  readonly recording: Recording;
  readonly seqs: readonly number[];
} {
  const recording = new Recording(host);
  const seqs = changes.map((allowed) => {
    const { events } = recording.do({ kind: "permission.set", agentId: 2, deviceId: 1, allowed });
    return events[0]?.seq as number;
  });
  return { recording, seqs };
}

test("the event that granted what should not be is named", () => {
  const { recording, seqs } = withPermissions(false, true);
  const report = found(recording, 8, recording.machine.seq, "not allowed(2, 1)");
  expect(report).toMatchObject({ firstSeq: seqs[1], flipCount: 1, flips: [{ seq: seqs[1], holds: false }] });
});

test("every change is told where there are several", () => {
  const { recording, seqs } = withPermissions(true, false, true);
  const report = found(recording, 8, recording.machine.seq, "not allowed(2, 1)");
  expect(report.flips).toEqual(seqs.map((seq, i) => ({ seq, holds: i === 1 })));
  expect(report.firstSeq).toBe(seqs[0]);
});

test("the good moment may be the later one", () => {
  const { recording, seqs } = withPermissions(true);
  expect(found(recording, recording.machine.seq, 8, "allowed(2, 1)")).toMatchObject({
    firstSeq: seqs[0],
    flips: [{ seq: seqs[0], holds: true }],
  });
});

test("it looks at the moment before the first event too", () => {
  const { recording } = withPermissions();
  expect(found(recording, 0, recording.machine.seq, "host[0].epoch != 1").firstSeq).toBe(2);
});

test("an event that is missing is named, wherever it is", () => {
  const { recording } = withPermissions(false, true, false, true);
  const bad = recording.machine.seq;
  recording.alter("DELETE FROM events WHERE seq = 10");
  const refusal = bisect(recording.db, { good: 8, bad, expect: "not allowed(2, 1)" });
  expect(refusal).toMatchObject({
    code: "log-damaged",
    detail: expect.stringContaining("event 10 is missing"),
  });
});

describe("what cannot be answered says why", () => {
  test.each([
    [8, 9999, "true", "position-out-of-range"],
    [8, 10, "fals", "expression-invalid"],
    [8, 10, "allowed(2, 1)", "bisect-unfit"],
    [8, 10, "not allowed(2, 1)", "bisect-unfit"],
    [8, 8, "true", "bisect-unfit"],
  ])("good %i, bad %i, %s: %s", (good, bad, text, code) => {
    const { recording } = withPermissions(true, false);
    const report = bisect(recording.db, { good, bad, expect: text });
    expect(isProblem(report) && report.code).toBe(code);
  });
});

test("in random logs it finds what asking after each single event finds", () => {
  const texts = [
    "not allowed(2, 1)",
    "count(mediator.domain) < 3",
    "findings() == 0",
    'not exists(domain("a"))',
    "host[0].epoch < 2",
  ];
  for (let seed = 1; seed <= 6; seed += 1) {
    const random = new Random(seed);
    const recording = new Recording(host);
    for (let i = 0; i < 150; i += 1) recording.do(randomCommand(random, recording.machine.state, [host]));
    const expressions = texts.map((text) => {
      const expression = compileExpression(text);
      if (isProblem(expression)) throw new Error(expression.detail);
      return expression;
    });
    const machine = new Machine(sha256);
    const asked = [expressions.map((expression) => expression.holds(machine.state))];
    for (const event of new LogReader(recording.db).events(0, 1_000_000)) {
      if (isDamaged(event)) throw new Error(event.fault);
      machine.apply(event);
      asked.push(expressions.map((expression) => expression.holds(machine.state)));
    }
    for (const [i, text] of texts.entries()) {
      const holds = asked.map((answers) => answers[i] as boolean);
      const good = holds.indexOf(true);
      const bad = holds.lastIndexOf(false);
      if (good === -1 || bad < good) continue;
      const flips = holds.flatMap((now, seq) =>
        seq > good && seq <= bad && now !== holds[seq - 1] ? [{ seq, holds: now }] : [],
      );
      expect(found(recording, good, bad, text).flips, `seed ${seed}: ${text}`).toEqual(flips);
    }
  }
});
