import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { observedOf, readFtrace } from "../support/traces.ts";

const BEGIN = "scmi_xfer_begin: pt=14 msg_id=06 seq=001A transfer_id=1A poll=1";
const CMND = "scmi_msg_dump: id=0 ch=10 pt=14 t=CMND msg_id=06 seq=001A s=0 pyld=05000000";
const WAIT = "scmi_xfer_response_wait: pt=14 msg_id=06 seq=001A transfer_id=1A tmo_ms=30 poll=1";
const RESP = "scmi_msg_dump: id=0 ch=10 pt=14 t=RESP msg_id=06 seq=001A s=0 pyld=5505ca1f00000000";
const END = "scmi_xfer_end: pt=14 msg_id=06 seq=001A transfer_id=1A s=0";

/** The only record of a text. */
function only(text: string) {
  const { records } = readFtrace(text);
  expect(records).toHaveLength(1);
  return records[0];
}

function observed(...lines: string[]) {
  return observedOf(readFtrace(`${lines.join("\n")}\n`).records);
}

describe("every format of the kernel", () => {
  const key = { protocolId: 0x14, messageId: 0x10, token: 26 };
  test.each([
    [
      "A",
      "scmi_xfer_begin: transfer_id=26 msg_id=16 protocol_id=20 seq=26 poll=0",
      { event: "begin", transferId: 26, poll: false },
    ],
    [
      "A",
      "scmi_xfer_response_wait: transfer_id=26 msg_id=16 protocol_id=20 seq=26 tmo_ms=30 poll=1",
      { event: "wait", timeoutMs: 30, poll: true },
    ],
    [
      "A",
      "scmi_xfer_end: transfer_id=26 msg_id=16 protocol_id=20 seq=26 status=-95",
      { event: "end", errno: -95 },
    ],
    [
      "A",
      "scmi_rx_done: transfer_id=26 msg_id=16 protocol_id=20 seq=26 msg_type=2",
      { event: "rx-done", messageType: 2 },
    ],
    [
      "B",
      "scmi_xfer_begin: pt=14 msg_id=10 seq=001A transfer_id=12AB poll=1",
      { event: "begin", transferId: 0x12ab, inflight: null },
    ],
    [
      "B",
      "scmi_xfer_response_wait: pt=14 msg_id=10 seq=001A transfer_id=1A tmo_ms=100 poll=0",
      { event: "wait", timeoutMs: 100, poll: false },
    ],
    ["B", "scmi_xfer_end: pt=14 msg_id=10 seq=001A transfer_id=1A s=-110", { event: "end", errno: -110 }],
    [
      "B",
      "scmi_rx_done: pt=14 msg_id=10 seq=001A transfer_id=1A msg_type=3",
      { event: "rx-done", messageType: 3 },
    ],
    [
      "B",
      "scmi_msg_dump: pt=14 t=RESP msg_id=10 seq=001A s=-4 pyld=",
      { kind: "response", status: -4, payload: "", instance: null },
    ],
    [
      "C",
      "scmi_msg_dump: id=1 ch=14 pt=14 t=DLYD msg_id=10 seq=001A s=0 pyld=0AFF",
      { kind: "delayed", payload: "0aff", instance: 1, channel: 0x14 },
    ],
    [
      "C",
      "scmi_msg_dump: id=0 ch=10 pt=14 t=cmnd msg_id=10 seq=001A s=0 pyld=00",
      { kind: "command", tag: "cmnd" },
    ],
    ["C", "scmi_msg_dump: id=0 ch=10 pt=14 t=NOTI msg_id=10 seq=001A s=0 pyld=00", { kind: "notification" }],
    [
      "C",
      "scmi_msg_dump: id=0 ch=10 pt=14 t=!RES msg_id=10 seq=001A s=-1 pyld=",
      { kind: "rejected", status: -1 },
    ],
    [
      "C",
      "scmi_msg_dump: id=0 ch=10 pt=14 t=!UNKN msg_id=10 seq=001A s=-3 pyld=",
      { kind: "rejected", tag: "!UNKN" },
    ],
    [
      "E",
      "scmi_xfer_begin: pt=14 msg_id=10 seq=001A transfer_id=1A poll=1 inflight=2",
      { event: "begin", inflight: 2 },
    ],
    [
      "E",
      "scmi_xfer_end: pt=14 msg_id=10 seq=001A transfer_id=1A s=0 inflight=1",
      { event: "end", inflight: 1 },
    ],
  ])("%s: %s", (format, text, expected) => {
    expect(only(`[    0.000001] ${text}\n`)).toMatchObject({ format, ...key, ...expected });
  });

  test.each([
    "scmi_fc_call: pt=13 msg_id=05 res_id:3 vals=100:200",
    "scmi_fc_call: pt=13 msg_id=05 res_id:3 vals=100:200 sub_id:4",
    "scmi_fc_call: [0x13]:[0x05]:[00000003]:100:200",
  ])("%s", (text) => {
    expect(only(text)).toMatchObject({ protocolId: 0x13, messageId: 5, resourceId: 3, values: [100, 200] });
  });
});

describe("whatever stands before an event", () => {
  test.each([
    [
      "the trace file",
      "     kworker/0:1-23      [002] d..2.    12.345678: ",
      { timeUs: 12_345_678, cpu: 2, task: "kworker/0:1-23" },
    ],
    [
      "with thread groups",
      "          <idle>-0       (-----) [000] d.h1  1234.000001: ",
      { timeUs: 1_234_000_001, cpu: 0, task: "<idle>-0" },
    ],
    ["latency-format", "  modprobe-99      1d..2.  103us+: ", { timeUs: 103, cpu: 1, task: "modprobe-99" }],
    [
      "trace-cmd report",
      "       my task-77    [003]    12.345678901: ",
      { timeUs: 12_345_678, cpu: 3, task: "my task-77" },
    ],
    [
      "another clock",
      "            bash-1234    [000] ..... 987654321: ",
      { timeUs: null, cpu: 0, task: "bash-1234" },
    ],
    ["tp_printk", "[    0.588212] ", { timeUs: 588_212, cpu: null, task: null }],
    ["tp_printk with callers", "<6>[   10.000002][    T1] ", { timeUs: 10_000_002, cpu: null, task: null }],
    [
      "a guest's line on Xen's console",
      "(XEN) DOM1: [    0.5000001] ",
      { timeUs: 500_000, cpu: null, task: null },
    ],
    [
      "a journal",
      "Nov 20 21:48:01 board kernel: [    3.000004] ",
      { timeUs: 3_000_004, cpu: null, task: null },
    ],
    [
      "a terminal's own times",
      "[2026-11-20 21:48:01] [    3.000004] ",
      { timeUs: 3_000_004, cpu: null, task: null },
    ],
    ["nothing", "", { timeUs: null, cpu: null, task: null }],
  ])("%s", (_, before, expected) => {
    expect(only(`${before}${BEGIN}\n`)).toMatchObject({ event: "begin", token: 26, ...expected });
  });

  test("trace-cmd pads names; a console ends lines with CR LF and colours them", () => {
    const text = `bash-1 [000] 1.000000: scmi_xfer_end:        pt=14 msg_id=06 seq=001A transfer_id=1A s=0\r\n\u001b[0;32m${BEGIN}\u001b[0m\r\n`;
    expect(readFtrace(text).records.map(({ event }) => event)).toEqual(["end", "begin"]);
  });
});

describe("what is no event", () => {
  test("headers and other lines are passed over and counted, losses are added up", () => {
    const text = [
      "# tracer: nop",
      "# entries-in-buffer/entries-written: 5/12   #P:4",
      "CPU:1 [LOST 30 EVENTS]",
      "CPU:2 [4 EVENTS DROPPED]",
      "[    0.573838] scmi_protocol scmi_dev.1: Enabled polling mode TX channel - prot_id:16",
      BEGIN,
    ];
    expect(readFtrace(`${text.join("\n")}\n`)).toMatchObject({
      lines: 6,
      otherLines: 5,
      lost: 41,
      damaged: 0,
    });
  });

  test.each([
    ["a number that is cut", "[ 0.1] scmi_xfer_begin: pt=14 msg_id=06 seq=001A transf"],
    ["half a byte", `${CMND}0`],
    ["a value too large", "scmi_xfer_begin: pt=114 msg_id=06 seq=001A transfer_id=1A poll=1"],
    ["an unknown tag", "scmi_msg_dump: pt=14 t=XXXX msg_id=06 seq=001A s=0 pyld="],
    ["a name that is cut", "[    0.1] scmi_xfer_be"],
    ["a name whose start is lost", "fer_begin xfer_begin: pt=14 msg_id=06"],
  ])("%s is told", (_, text) => {
    expect(readFtrace(`${text}\n`)).toMatchObject({ records: [], damaged: 1, faults: [{ line: 1 }] });
  });

  test("of an event that another interrupted, the other is read", () => {
    const found = readFtrace(`[    0.1] scmi_xfer_begin: pt=14 msg[    0.2] ${END}\n`);
    expect(found).toMatchObject({ damaged: 1, records: [{ event: "end" }] });
  });

  test("a log that the console prints again counts once", () => {
    const once = [`[    1.000001] ${BEGIN}`, `[    1.000002] ${END}`].join("\n");
    expect(readFtrace(`${once}\nlogin: root\n${once}\n`)).toMatchObject({
      records: { length: 2 },
      repeated: 2,
    });
  });

  test("a text that stops within a line says so", () => {
    expect(readFtrace(`${BEGIN}\n${RESP.slice(0, -2)}`).endsWithinLine).toBe(true);
    expect(readFtrace(`${BEGIN}\n`).endsWithinLine).toBe(false);
  });
});

describe("exchanges", () => {
  test("a command by polling", () => {
    expect(observed(BEGIN, CMND, WAIT, RESP, END)).toEqual([
      expect.objectContaining({
        kind: "exchange",
        line: 1,
        protocolId: 0x14,
        messageId: 6,
        token: 26,
        instance: 0,
        channel: 0x10,
        request: "05000000",
        response: { status: 0, payload: "5505ca1f00000000" },
        outcome: "answered",
        errno: 0,
        poll: true,
      }),
    ]);
  });

  test("dumps alone are exchanges too, and a token is used again", () => {
    const again = CMND.replace("pyld=05", "pyld=07");
    expect(observed(CMND, RESP, again)).toMatchObject([
      { request: "05000000", outcome: "answered", errno: null },
      { request: "07000000", response: null, outcome: "open" },
    ]);
  });

  test("an interrupt, a delayed response and a notification", () => {
    const rx = (type: number) => `scmi_rx_done: pt=14 msg_id=06 seq=001A transfer_id=1A msg_type=${type}`;
    const noti = "scmi_msg_dump: id=0 ch=10 pt=15 t=NOTI msg_id=00 seq=0000 s=0 pyld=0102";
    const notified = "scmi_rx_done: pt=15 msg_id=00 seq=0000 transfer_id=0 msg_type=3";
    const lines = [BEGIN, CMND, WAIT, RESP, rx(0), END, RESP.replace("RESP", "DLYD"), rx(2), noti, notified];
    expect(observed(...lines)).toMatchObject([
      { kind: "exchange", outcome: "answered" },
      { kind: "delayed", line: 7, status: 0, payload: "5505ca1f00000000" },
      { kind: "notification", line: 9, status: null, payload: "0102" },
    ]);
    expect(observed(notified)).toMatchObject([{ kind: "notification", payload: null }]);
  });

  test.each([
    ["timed-out", [BEGIN, CMND, WAIT, END.replace("s=0", "s=-110")], -110],
    ["failed", [BEGIN, CMND, WAIT, END.replace("s=0", "s=-71")], -71],
    ["ended", [BEGIN, WAIT, END], 0],
    ["open", [BEGIN, CMND, WAIT], null],
    ["open", [BEGIN], null],
  ])("%s", (outcome, lines, errno) => {
    expect(observed(...lines)).toMatchObject([{ outcome, errno }]);
  });

  test("a command that its transport refused is begun only", () => {
    const next = BEGIN.replaceAll("1A", "1B");
    expect(observed(BEGIN, next, END.replaceAll("1A", "1B"))).toMatchObject([
      { token: 26, outcome: "not-sent" },
      { token: 27, outcome: "ended" },
    ]);
  });

  test("two processors at once", () => {
    const other = (text: string) => text.replaceAll("001A", "001B").replaceAll("id=1A", "id=1B");
    const lines = [
      BEGIN,
      other(BEGIN),
      other(CMND),
      CMND,
      WAIT,
      other(WAIT),
      other(RESP),
      other(END),
      RESP,
      END,
    ];
    expect(observed(...lines)).toMatchObject([
      { token: 26, outcome: "answered", errno: 0 },
      { token: 27, outcome: "answered", errno: 0 },
    ]);
  });

  test("parts of two exchanges are never put together where the first lost its end", () => {
    const later = BEGIN.replace("transfer_id=1A", "transfer_id=41A");
    const found = observed(BEGIN, CMND, WAIT, later, RESP, END.replace("transfer_id=1A", "transfer_id=41A"));
    expect(found).toMatchObject([
      { request: "05000000", response: null, outcome: "open" },
      { request: null, response: { status: 0 }, outcome: "answered" },
    ]);
  });

  test("the end of another transfer is another command's, though message and token are the same", () => {
    const late = END.replace("transfer_id=1A", "transfer_id=41A");
    expect(observed(BEGIN, CMND, WAIT, late)).toMatchObject([
      { request: "05000000", outcome: "open", errno: null },
      { request: null, outcome: "ended", errno: 0 },
    ]);
  });

  test("two instances with the same message and token are two exchanges", () => {
    const second = (text: string) => text.replace("id=0 ch", "id=1 ch");
    const found = observed(
      BEGIN,
      BEGIN,
      CMND,
      second(CMND),
      second(RESP.replace("pyld=55", "pyld=66")),
      RESP,
    );
    expect(found).toMatchObject([
      { instance: 0, response: { payload: "5505ca1f00000000" } },
      { instance: 1, response: { payload: "6605ca1f00000000" } },
    ]);
  });
});

/** Lines that a real console could have, whole and mangled. */
const noise = fc.oneof(
  fc.constantFrom(BEGIN, CMND, WAIT, RESP, END),
  fc.string({ maxLength: 60 }),
  fc
    .tuple(
      fc.constantFrom(BEGIN, CMND, WAIT, RESP, END),
      fc.nat(80),
      fc.string({ unit: "binary", maxLength: 5 }),
    )
    .map(([line, at, dirt]) => line.slice(0, at) + dirt + line.slice(at + dirt.length)),
);

test("any noise is read to its end: every line is an event, something else, or told", () => {
  fc.assert(
    fc.property(fc.array(noise, { maxLength: 30 }), (lines) => {
      const text = lines.join("\n");
      const { records, lines: count, otherLines, damaged } = readFtrace(text);
      expect(otherLines).toBeLessThanOrEqual(count);
      expect(records.length + otherLines + damaged).toBeGreaterThanOrEqual(count);
      const found = observedOf(records);
      // Every dump of a message is in what was observed, once.
      const payloads = found.flatMap((each) =>
        each.kind === "exchange" ? [each.request, each.response] : [each.tag],
      );
      const dumps = records.filter(({ event }) => event === "dump");
      expect(payloads.filter((each) => each !== null)).toHaveLength(dumps.length);
    }),
    { numRuns: 300 },
  );
});

test("cut anywhere, what is whole of it is read the same", () => {
  const text = [BEGIN, CMND, WAIT, RESP, END].map((line, i) => `[    0.00000${i}] ${line}`).join("\n");
  const whole = readFtrace(`${text}\n`).records;
  for (let at = 0; at <= text.length; at += 1) {
    const { records } = readFtrace(text.slice(0, at));
    const lines = text.slice(0, at).split("\n").length;
    expect(records.slice(0, lines - 1)).toEqual(whole.slice(0, lines - 1));
  }
});

test("a line without an end is read in linear time", () => {
  const long = `${"[".repeat(200_000)} ${BEGIN} ${"inflight=1 ".repeat(50_000)}`;
  const many = `${BEGIN} `.repeat(3000);
  expect(readFtrace(long).damaged).toBe(1);
  expect(readFtrace(many).records.length).toBe(3000);
});
