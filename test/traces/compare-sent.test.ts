import { describe, expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import type { ScmiObserved } from "#events/observed.ts";
import { Comparer } from "#traces/compare/compare.ts";
import { talking } from "../support/talking.ts";

const description = await talking();

const CLOCK = 0x14;
const RATE_SET = 5;
const RATE_NOTIFY = 9;
const RATE_CHANGED = 0;
const FAST = "00366e0100000000";
const SLOW = "00201c0000000000";

/** A command of the trace with its answer. */
function command(
  messageId: number,
  request: string,
  more: Partial<ScmiObserved> = {},
): Partial<ScmiObserved> {
  return {
    kind: "exchange",
    messageId,
    request,
    status: 0,
    response: "",
    outcome: "answered",
    errno: 0,
    ...more,
  };
}

/** Asks for another rate of clock 0, asynchronously. */
function setLater(rate: string, token: number): Partial<ScmiObserved> {
  return command(RATE_SET, `0100000000000000${rate}`, { token });
}

function delayed(rate: string, token: number, more: Partial<ScmiObserved> = {}): Partial<ScmiObserved> {
  return { kind: "delayed", messageId: RATE_SET, token, status: 0, response: `00000000${rate}`, ...more };
}

function changed(by: number, rate: string): Partial<ScmiObserved> {
  const response = `${by.toString(16).padStart(2, "0")}00000000000000${rate}`;
  return { kind: "notification", messageId: RATE_CHANGED, status: null, response };
}

const LISTEN = command(RATE_NOTIFY, "0000000001000000");

/** @param traces what each agent's trace has, one after the other */
function compared(
  traces:
    | Readonly<Record<number, readonly Partial<ScmiObserved>[]>>
    | readonly (readonly [number, readonly Partial<ScmiObserved>[]])[],
  host = description,
) {
  const comparer = Comparer.of(host, { agentId: null, xlcfgs: [] });
  if (isProblem(comparer)) throw new Error(comparer.detail);
  let seq = 1;
  for (const [agent, lines] of Array.isArray(traces) ? traces : Object.entries(traces)) {
    const trace = seq;
    for (const [i, line] of lines.entries()) {
      seq += 1;
      const observed: ScmiObserved = {
        ...{ trace, line: i + 1, timeUs: null, endTimeUs: null, kind: "exchange", protocolId: CLOCK },
        ...{ messageId: 0, token: 0, instance: null, channel: null, task: null, request: null },
        ...{ status: null, response: null, outcome: null, errno: null, ...line },
      };
      comparer.take({ type: "scmi.observed", seq, agentId: Number(agent), data: observed });
    }
    seq += 1;
  }
  return comparer.result();
}

describe("delayed responses", () => {
  test("an asynchronous command is done when the trace has its delayed response", () => {
    const get = (response: string) => command(6, "00000000", { response });
    const found = compared({ 2: [setLater(SLOW, 1), get(FAST), delayed(SLOW, 1), get(SLOW)] });
    expect(found).toMatchObject({ played: 3, same: 3, delayed: { same: 1, different: 0 }, groups: [] });
    expect(found.notPlayed).toEqual({});
  });

  test("what a delayed response says differently is told by its fields, or its status", () => {
    const lines = [setLater(SLOW, 1), delayed(FAST, 1), setLater(SLOW, 2), delayed("", 2, { status: -10 })];
    const { delayed: counted, groups } = compared({ 2: lines });
    expect(counted).toEqual({ same: 0, different: 2 });
    expect(groups).toMatchObject([
      { message: "clock CLOCK_RATE_SET_COMPLETE", cause: "fields: rate", first: { seq: 3, line: 2 } },
      {
        cause: "status: board PROTOCOL_ERROR, model SUCCESS",
        first: { model: expect.stringContaining("SUCCESS") },
      },
    ]);
  });

  test("a token that is used again means the later command, and orders are the trace's", () => {
    const lines = [
      setLater(SLOW, 1),
      setLater(FAST, 2),
      delayed(FAST, 2),
      delayed(SLOW, 1),
      setLater(SLOW, 1),
      delayed(SLOW, 1),
    ];
    expect(compared({ 2: lines })).toMatchObject({ delayed: { same: 3, different: 0 } });
  });

  test("where the trace lost the ends, the model makes room as the board did", () => {
    const lost = Array.from({ length: 9 }, (_, i) => setLater(i % 2 === 0 ? SLOW : FAST, i));
    const found = compared({ 2: [...lost, delayed(SLOW, 8)] });
    expect(found).toMatchObject({ played: 9, same: 9, delayed: { same: 1, different: 0 }, groups: [] });
    expect(Object.values(found.notPlayed)).toEqual([8]);
  });

  test("a model that does it at once, or never has to, is told so", () => {
    const atOnce = [command(RATE_SET, `0000000000000000${SLOW}`, { token: 4 }), delayed(SLOW, 4)];
    expect(compared({ 2: atOnce }).groups).toMatchObject([
      {
        cause: "the model does it at once",
        first: { board: expect.stringContaining("1843.2 kHz"), model: "no delayed response" },
      },
    ]);
    expect(compared({ 2: [setLater(SLOW, 1)] }).notPlayed).toEqual({
      "the end of an asynchronous command: its delayed response is not in the trace": 1,
    });
    expect(
      compared({ 2: [setLater(SLOW, 1), delayed(SLOW, 1, { status: null, response: null })] }).notPlayed,
    ).toEqual({
      "a delayed response's payload is not in the trace": 1,
    });
  });
});

describe("notifications", () => {
  const set = (rate: string) => command(RATE_SET, `0000000000000000${rate}`);

  test("the model raises what the board told of, in whatever order the trace has it", () => {
    const lines = [LISTEN, set(SLOW), set(FAST), changed(2, FAST), changed(2, SLOW)];
    expect(compared({ 2: lines })).toMatchObject({
      notifications: { same: 2, different: 0 },
      notPlayed: {},
      groups: [],
    });
  });

  test("what another agent's command raised is found, though its trace comes later", () => {
    const traces = { 2: [LISTEN, changed(3, SLOW)], 3: [set(SLOW)] };
    expect(compared(traces)).toMatchObject({ notifications: { same: 1, different: 0 }, groups: [] });
    expect(compared({ 2: traces[2] }).notPlayed).toEqual({
      "a notification of what agent 3 did, of which nothing is played": 1,
    });
  });

  test("differing, missing and additional ones are differences, with what caused them", () => {
    const { notifications, groups } = compared({
      2: [LISTEN, set(SLOW), changed(2, "0300000000000000"), set(FAST)],
      3: [LISTEN, changed(2, "0100000000000000"), changed(3, SLOW), set("0200000000000000")],
    });
    expect(notifications).toEqual({ same: 0, different: 4 });
    expect(groups.filter(({ message }) => message === "clock CLOCK_RATE_CHANGED")).toMatchObject([
      {
        agentId: 2,
        cause: "fields: rate",
        first: { seq: 4, line: 3, request: expect.stringMatching(/^because of event 3: CLOCK_RATE_SET/) },
      },
      { agentId: 2, cause: "the board does not tell of it", first: { seq: 5, board: "nothing" } },
      { agentId: 3, cause: "the model does not tell of it", count: 2, first: { model: "nothing" } },
    ]);
  });

  test("of an agent without a trace nobody asks what it was told", () => {
    const listener = compared([
      [3, [LISTEN]],
      [2, [set(SLOW)]],
    ]);
    expect(listener.groups).toMatchObject([{ agentId: 3, cause: "the board does not tell of it" }]);
    expect(compared({ 2: [set(SLOW)] }).groups).toEqual([]);
  });

  test("a delayed command raises its notification when it is done", () => {
    const lines = [LISTEN, setLater(SLOW, 1), changed(2, SLOW), delayed(SLOW, 1)];
    expect(compared({ 2: lines })).toMatchObject({
      notifications: { same: 1 },
      delayed: { same: 1 },
      groups: [],
    });
  });
});

test("gaps of the traces are told with the differences that they may have caused", () => {
  const comparer = Comparer.of(description, { agentId: 2, xlcfgs: [] });
  if (isProblem(comparer)) throw new Error(comparer.detail);
  const imported = { source: "ftrace", file: "a", bytes: 1, digest: "", lines: 1, faults: [] } as const;
  const begin = (counts: Record<string, number>) =>
    comparer.take({ type: "trace.imported", seq: 1, agentId: null, data: { ...imported, counts } });
  begin({ answered: 3, lost: 2 });
  begin({ lost: 1, damaged: 1, "other-lines": 7 });
  expect(comparer.result().gaps).toEqual({ lost: 3, damaged: 1 });
});
