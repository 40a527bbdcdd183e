import { expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import type { ScmiObserved } from "#events/observed.ts";
import { loadHost } from "#inputs/load-host.ts";
import { Comparer } from "#traces/compare/compare.ts";
import { compareAnswers } from "#traces/compare/difference.ts";

const description = await loadHost("examples/two-guests/board.yaml");
if (isProblem(description)) throw new Error(description.detail);

const BASE: ScmiObserved = {
  trace: 1,
  line: 1,
  timeUs: null,
  endTimeUs: null,
  kind: "exchange",
  protocolId: 0x14,
  messageId: 0x6,
  token: 3,
  instance: null,
  channel: null,
  task: null,
  request: "00000000",
  status: 0,
  response: "00366e0100000000",
  outcome: "answered",
  errno: 0,
};

function compared(observed: readonly Partial<ScmiObserved>[], agentId: number | null = 2) {
  const comparer = Comparer.of(description as Exclude<typeof description, { code: string }>, {
    agentId: 2,
    xlcfgs: [],
  });
  if (isProblem(comparer)) throw new Error(comparer.detail);
  for (const [i, each] of observed.entries())
    comparer.take({ type: "scmi.observed", seq: i + 2, agentId, data: { ...BASE, ...each } });
  return comparer.result();
}

test("a board that does as the model does has no differences, whatever it asked before", () => {
  const set = { messageId: 5, request: `0000000000000000${"00201c00"}00000000`, response: "" };
  const found = compared([{}, set, { response: "00201c0000000000" }]);
  const none = { same: 0, different: 0 };
  expect(found).toEqual({
    ...{ played: 3, same: 3, different: 0, unanswered: 0 },
    ...{ delayed: none, notifications: none, xen: none },
    ...{ notPlayed: {}, gaps: {}, groups: [] },
  });
});

test("differences are grouped by cause, each with its first", () => {
  const found = compared([
    {},
    { line: 8, response: "0100000000000000" },
    { response: "0200000000000000" },
    { status: -3, response: "" },
    { protocolId: 0x13, messageId: 0, request: "", response: "00000400" },
  ]);
  expect(found).toMatchObject({ played: 5, same: 1, different: 4 });
  expect(found.groups).toEqual([
    {
      agentId: 2,
      message: "clock CLOCK_RATE_GET",
      cause: "fields: rate",
      count: 2,
      first: {
        seq: 3,
        line: 8,
        request: "CLOCK_RATE_GET clock 0",
        board: "SUCCESS: 1 Hz",
        model: "SUCCESS: 24 MHz",
      },
    },
    expect.objectContaining({ cause: "status: board DENIED, model SUCCESS", count: 1 }),
    expect.objectContaining({
      message: "performance PROTOCOL_VERSION",
      cause: "status: board SUCCESS, model NOT_SUPPORTED",
    }),
  ]);
});

test("what cannot be played is counted by reason, and changes nothing", () => {
  const found = compared([
    { kind: "notification", request: null, outcome: null, response: null },
    { kind: "rejected", request: null, outcome: null, status: -1 },
    { kind: "delayed", request: null, outcome: null, token: 99 },
    { request: null },
    { outcome: "not-sent", status: null, response: null, errno: null },
    { outcome: "timed-out", status: null, response: null, errno: -110 },
  ]);
  expect(found).toMatchObject({
    played: 1,
    unanswered: 1,
    notPlayed: {
      "a notification's payload is not in the trace": 1,
      "a message that Linux did not take": 1,
      "a delayed response to a command that was not played": 1,
      "its request is not in the trace": 1,
      "it was never sent": 1,
    },
  });
  const [reason] = Object.keys(compared([{}], 77).notPlayed);
  expect(reason).toMatch(/^agent 77 has no domain: /);
});

test("a request of the trace goes through the mediator, as that agent's own", () => {
  // Agent 3 may not use the GPU's clock; agent 2 neither, as no domain got a device.
  const set = { messageId: 7, request: "0100000001000000", status: -3, response: "" };
  expect(compared([set], 3)).toMatchObject({ same: 1, different: 0 });
  expect(compared([{ ...set, status: 0 }], 3).groups[0]).toMatchObject({
    agentId: 3,
    cause: "status: board SUCCESS, model DENIED",
  });
});

test.each([
  [
    "the model's answer goes on where Linux stopped reading",
    { response: "00366e01" },
    0,
    "0000000000366e0100000000",
    true,
  ],
  ["a shorter answer of the model", {}, 0, "0000000000366e01", false],
  [
    "errno alone, as the status makes it",
    { outcome: "failed", errno: -13, status: null, response: null },
    -3,
    "fdffffff",
    true,
  ],
  [
    "errno alone, of another status",
    { outcome: "failed", errno: -13, status: null, response: null },
    0,
    "00000000",
    false,
  ],
  [
    "an end without an answer in the trace",
    { outcome: "ended", errno: 0, status: null, response: null },
    0,
    "00000000",
    true,
  ],
  ["a model that does not answer", {}, null, "", false],
] as const)("%s", (_, observed, status, payload, same) => {
  expect(compareAnswers({ ...BASE, ...observed }, { status, payload })).toMatchObject({ same });
});
