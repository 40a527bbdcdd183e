import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { observedIn, readFtrace, readXenLog } from "../support/traces.ts";

/** The lines of a command whose request and response are its number, so that parts of two are told apart. */
function command(n: number, tokens = 1024): string[] {
  const key = `pt=14 msg_id=06 seq=${hex(n % tokens, 4)}`;
  const bytes = hex(n, 8);
  return [
    `scmi_xfer_begin: ${key} transfer_id=${hex(n, 1)} poll=1`,
    `scmi_msg_dump: pt=14 t=CMND msg_id=06 seq=${hex(n % tokens, 4)} s=0 pyld=${bytes}`,
    `scmi_xfer_response_wait: ${key} transfer_id=${hex(n, 1)} tmo_ms=30 poll=1`,
    `scmi_msg_dump: pt=14 t=RESP msg_id=06 seq=${hex(n % tokens, 4)} s=0 pyld=${bytes}`,
    `scmi_xfer_end: ${key} transfer_id=${hex(n, 1)} s=0`,
  ];
}

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, "0");
}

/** Commands whose request and response are not the same command's, as far as either is whole. */
function mixed(text: string) {
  return observedIn(text).filter((each) => {
    if (each.kind !== "exchange" || each.request === null || each.response === null) return false;
    const { request, response } = each;
    return !request.startsWith(response.payload) && !response.payload.startsWith(request);
  });
}

/** Commands on several processors at once, in any order that leaves each one's lines in theirs. */
const interleaved = fc
  .array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 4 })
  .chain((counts) => {
    let n = 0;
    const processors = counts.map((count) =>
      Array.from({ length: count }, () => {
        n += 1;
        return command(n);
      }).flat(),
    );
    const turns = processors.flatMap((lines, cpu) => lines.map(() => cpu));
    return fc.shuffledSubarray(turns, { minLength: turns.length, maxLength: turns.length }).map((order) => {
      const left = processors.map((lines) => [...lines]);
      return { count: n, lines: order.map((cpu, i) => stamped(left[cpu]?.shift() ?? "", cpu, i)) };
    });
  });

function stamped(event: string, cpu: number, i: number): string {
  return `     kworker/${cpu}:1-${20 + cpu}      [00${cpu}] d..2. ${(1 + i / 1000).toFixed(6)}: ${event}`;
}

test("commands of several processors are put together, however their lines follow each other", () => {
  fc.assert(
    fc.property(interleaved, ({ count, lines }) => {
      const found = observedIn(`${lines.join("\n")}\n`);
      expect(found).toHaveLength(count);
      expect(found.every((each) => each.kind === "exchange" && each.outcome === "answered")).toBe(true);
      expect(mixed(lines.join("\n"))).toEqual([]);
      const lineNumbers = found.map(({ line }) => line);
      expect(lineNumbers).toEqual([...lineNumbers].sort((a, b) => a - b));
    }),
  );
});

const places = fc.array(fc.tuple(fc.nat(400), fc.nat(70)), { maxLength: 200 });

test("lines that are lost or cut leave parts missing, and never mix two commands", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 80 }), places, places, (commands, lost, cut) => {
      const lines = Array.from({ length: commands }, (_, i) => command(i + 1)).flat();
      const all = lines.length;
      for (const [at, left] of cut) lines[at % all] = lines[at % all]?.slice(0, left) ?? "";
      for (const [at] of lost) lines[at % all] = "";
      expect(mixed(lines.join("\n"))).toEqual([]);
    }),
  );
});

test("letters that a serial line changed do no harm but to their own lines", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      places,
      fc.string({ unit: "binary", minLength: 1, maxLength: 3 }),
      (commands, damage, dirt) => {
        const lines = Array.from({ length: commands }, (_, i) => command(i + 1)).flat();
        const noise = dirt.replaceAll("\n", "?");
        const hit = new Set<number>();
        for (const [at, column] of damage) {
          const i = at % lines.length;
          hit.add(Math.floor(i / 5));
          lines[i] = `${lines[i]?.slice(0, column)}${noise}${lines[i]?.slice(column + noise.length)}`;
        }
        const whole = observedIn(lines.join("\n")).filter(
          (each) => each.kind === "exchange" && each.outcome === "answered" && each.request !== null,
        );
        expect(whole.length).toBeGreaterThanOrEqual(commands - hit.size);
      },
    ),
  );
});

test("where the tracer lost so much that tokens came round, what was open gets no more parts", () => {
  const before = command(5).slice(0, 3);
  const after = command(5 + 1024).slice(3);
  expect(mixed([...before, "CPU:2 [LOST 4800 EVENTS]", ...after].join("\n"))).toEqual([]);
  expect(observedIn([...before, "CPU:2 [LOST 4800 EVENTS]", ...after].join("\n"))).toMatchObject([
    { request: "00000005", response: null, outcome: "open" },
    { request: null, response: { payload: "00000405" }, outcome: "answered" },
  ]);
  // A few lost events of whatever kind are no reason to give an answer up.
  const [request, response] = [command(5).slice(0, 3), command(5).slice(3)];
  expect(observedIn([...request, "CPU:2 [LOST 12 EVENTS]", ...response].join("\n"))).toMatchObject([
    { request: "00000005", response: { payload: "00000005" } },
  ]);
});

test("a command that never ended is not mixed with the one that has its token a thousand commands later", () => {
  const lines = [...command(3).slice(0, 2), ...Array.from({ length: 1023 }, (_, i) => command(4 + i)).flat()];
  const late = command(3 + 1024).slice(3, 4);
  expect(mixed([...lines, ...late].join("\n"))).toEqual([]);
});

describe("losses are added up, whoever tells of them", () => {
  test.each([
    ["the tracer", "CPU:1 [LOST 30 EVENTS]", 30],
    ["the tracer, which does not know how many", "CPU:1 [LOST EVENTS]", 1],
    ["trace-cmd", "CPU:2 [4 EVENTS DROPPED]", 4],
    ["trace-cmd, which does not know how many", "CPU:2 [EVENTS DROPPED]", 1],
    ["the header of the trace file", "# entries-in-buffer/entries-written: 5/12   #P:4", 7],
    ["the console", "[   12.000001] ** 17 printk messages dropped **", 17],
  ])("%s", (_, line, lost) => {
    expect(readFtrace(`${line}\n`)).toMatchObject({ lost, damaged: 0, records: [] });
  });
});

test("Xen's console through any noise: no message is made up, whole ones are read", () => {
  const messages = [
    "scmi: Free domain 5",
    "scmi: could not assign dev for d5 agent:3 dev_id:7 (-13)",
    "SCMI: d1 init",
  ];
  const noise = fc.oneof(
    fc.string({ unit: "binary", maxLength: 30 }).map((text) => text.replace(/[\n]/g, "")),
    fc.constantFrom("(XEN)", "(d1) [    0.5] scmi_xfer_begin: pt=10", "\u001b[31m", "scmi:", "\r"),
  );
  const line = fc.oneof(
    noise.map((text) => ({ text, whole: 0 })),
    fc.constantFrom(...messages).map((text) => ({ text: `(XEN) [    2.000071] ${text}\r`, whole: 1 })),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 40 }), (lines) => {
      const {
        records,
        lines: count,
        otherLines,
        damaged,
      } = readXenLog(lines.map(({ text }) => `${text}\n`).join(""));
      const known = records.filter(({ message }) => message !== "other");
      expect(known.length).toBe(lines.reduce((sum, { whole }) => sum + whole, 0));
      expect(records.length + otherLines + damaged).toBeGreaterThanOrEqual(count);
    }),
  );
});
