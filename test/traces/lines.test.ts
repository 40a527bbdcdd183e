import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { linesOf } from "#traces/lines.ts";
import { cpuMs } from "../support/cpu-time.ts";
import { inPieces, observedOf, readFtrace, readXenLog } from "../support/traces.ts";

const LINE_BYTES = 1024 * 1024;

function all(chunks: Iterable<Uint8Array>) {
  const lines = linesOf(chunks);
  const texts: string[] = [];
  for (;;) {
    const next = lines.next();
    if (next.done === true) return { texts, facts: next.value };
    texts.push(next.value.text);
  }
}

/** Everything that a console does to its readers: colours, CR LF, letters of several bytes, bits lost, a cut end. */
const CONSOLE = Buffer.concat([
  Buffer.from(
    "\ufeff\u001b[1;32m[    0.1] scmi_xfer_begin: pt=14 msg_id=06 seq=001A transfer_id=1A poll=1\u001b[0m\r\n",
  ),
  Buffer.from(
    "grüße — €\r\r\n\n[    0.2] scmi_msg_dump: pt=14 t=CMND msg_id=06 seq=001A s=0 pyld=05000000\n",
  ),
  Buffer.from([0xff, 0xc3, 0x0a, 0xe2, 0x82, 0x0a]),
  Buffer.from("(XEN) [    2.000071] scmi: Free domain 5\r\n(XEN) SCMI: what is this\r\n"),
  Buffer.from(
    "[    0.3] scmi_msg_dump: pt=14 t=RESP msg_id=06 seq=001A s=0 pyld=5505ca1f00000000\n[    0.4] scmi_xfer_be",
  ),
]);

test("the pieces in which bytes come change nothing: cut at every byte, and in pieces of any size", () => {
  const whole = all([CONSOLE]);
  expect(whole.texts.slice(0, 3)).toEqual([
    "[    0.1] scmi_xfer_begin: pt=14 msg_id=06 seq=001A transfer_id=1A poll=1",
    "grüße — €",
    "",
  ]);
  expect(whole.facts).toEqual({
    bytes: CONSOLE.length,
    digest: createHash("sha256").update(CONSOLE).digest("hex"),
    lines: 10,
    endsWithinLine: true,
  });
  for (let at = 0; at <= CONSOLE.length; at += 1) {
    expect(all([CONSOLE.subarray(0, at), CONSOLE.subarray(at)])).toEqual(whole);
  }
  for (let bytes = 1; bytes < 40; bytes += 1) expect(all(inPieces(CONSOLE, bytes))).toEqual(whole);
});

test("both readers read the same of a text in any pieces", () => {
  const [ftrace, xen] = [readFtrace([CONSOLE]), readXenLog([CONSOLE])];
  expect(ftrace).toMatchObject({ records: { length: 3 }, damaged: 1, endsWithinLine: true });
  expect(xen).toMatchObject({ records: { length: 2 }, unknown: 1 });
  fc.assert(
    fc.property(fc.array(fc.nat(CONSOLE.length), { maxLength: 12 }), (cuts) => {
      const at = [0, ...cuts.sort((a, b) => a - b), CONSOLE.length];
      const pieces = at.slice(1).map((end, i) => CONSOLE.subarray(at[i], end));
      expect(readFtrace(pieces)).toEqual(ftrace);
      expect(readXenLog(pieces)).toEqual(xen);
    }),
  );
});

test("a piece may be overwritten by the next", () => {
  function* reused() {
    const buffer = new Uint8Array(7);
    for (let at = 0; at < CONSOLE.length; at += 7) {
      const part = CONSOLE.subarray(at, at + 7);
      buffer.set(part);
      yield buffer.subarray(0, part.length);
    }
  }
  expect(all(reused())).toEqual(all([CONSOLE]));
});

describe("lines without an end", () => {
  test("no more than a mebibyte is kept of one, and that is told", () => {
    const long = "x".repeat(LINE_BYTES + 10);
    const { texts, facts } = all(inPieces(`a\n${long}\nb\n`, 1000));
    expect(texts.map((text) => text.length)).toEqual([1, LINE_BYTES, 1]);
    expect(facts).toMatchObject({ lines: 3, endsWithinLine: false });
    const told = { damaged: 1, faults: [{ line: 2, why: expect.stringMatching(/only its start was read/) }] };
    expect(readFtrace(`a\n${long}\nb\n`)).toMatchObject(told);
    expect(readXenLog(`a\n${long}\nb\n`)).toMatchObject(told);
  });

  test.each(["\r", "\u001b[", "(XEN) ", "(XEN) [   ", "scmi_xfer_", " ", "[0.1] ", "\u001b]0;"])(
    "a mebibyte of %j is read in no time",
    (piece) => {
      const text = `${piece.repeat(LINE_BYTES / piece.length - 1)}x\n`;
      const began = cpuMs();
      readFtrace(text);
      readXenLog(text);
      expect(cpuMs() - began).toBeLessThan(3000);
    },
  );
});

test("titles and character sets of a terminal are left out, like its colours", () => {
  const text = "\u001b]0;board\u0007\u001b(B\u001b[?25l\u001b[2Klogin\u001b[38;5;4m: \u001b[0m\n";
  expect(all(inPieces(text)).texts).toEqual(["login: "]);
});

describe("what is kept of a long trace", () => {
  const begin = (n: number) =>
    `scmi_xfer_begin: pt=14 msg_id=06 seq=${(n % 1024).toString(16)} transfer_id=${n.toString(16)} poll=1`;
  const end = (n: number) => `${begin(n).replace("begin", "end").replace("poll=1", "s=0")}`;

  test("a command whose end never comes does not hold up what follows for ever", () => {
    const records = readFtrace(
      [
        begin(1),
        ...Array.from({ length: 20_000 }, (_, i) => `${begin(2 + (i % 900))}\n${end(2 + (i % 900))}`),
      ].join("\n"),
    ).records;
    const found = observedOf(records);
    expect(found).toHaveLength(20_001);
    expect(found[0]).toMatchObject({ line: 1, outcome: "not-sent" });
    expect(found.map(({ line }) => line)).toEqual(found.map(({ line }) => line).sort((a, b) => a - b));
  });

  test("what ends after thousands of others began is told as two halves", () => {
    const others = Array.from({ length: 9000 }, (_, i) => `${begin(2 + (i % 900))}\n${end(2 + (i % 900))}`);
    const found = observedOf(readFtrace([begin(1), ...others, end(1)].join("\n")).records);
    expect(found.at(0)).toMatchObject({ token: 1, outcome: "not-sent" });
    expect(found.at(-1)).toMatchObject({ token: 1, outcome: "ended" });
  });

  test("a console's log that is printed again is known, however much came between", () => {
    const stamped = Array.from(
      { length: 40_000 },
      (_, i) => `[    ${1 + i}.000001] ${i % 2 === 0 ? begin(i) : end(i - 1)}`,
    );
    const again = stamped.slice(-20_000);
    expect(readFtrace([...stamped, ...again].join("\n"))).toMatchObject({
      records: { length: 40_000 },
      repeated: 20_000,
    });
  });

  test("time that steps back is no repetition: another processor, or another boot", () => {
    const text = `[    5.000001] ${begin(1)}\n[    4.999999] ${begin(2)}\n[    0.000001] ${begin(1)}\n[    5.000001] ${begin(1)}\n`;
    const { records, repeated } = readFtrace(text);
    expect(records.map(({ timeUs }) => timeUs)).toEqual([5_000_001, 4_999_999, 1]);
    expect(repeated).toBe(1);
  });
});
