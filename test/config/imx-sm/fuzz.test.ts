import fc from "fast-check";
import { expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import { parseBoard } from "#config/board/file.ts";
import { boardText } from "#config/draft/write.ts";
import { HeaderNumbers } from "#config/imx-sm/headers.ts";
import { imxBoard } from "#config/imx-sm/to-board.ts";
import { runs } from "../../support/runs.ts";
import { read } from "./sources.ts";

const RUNS = runs(150, 20_000);

/** Pieces that make lines which get far. */
const PIECE = fc.oneof(
  fc.constantFrom(
    ...[
      "LM0",
      "LM1",
      "LM2",
      "SCMI_AGENT0",
      "SCMI_AGENT1",
      "MAILBOX",
      "CHANNEL",
      "DOM1",
      "MODE",
      "MIX",
      "MAKE",
    ],
    ...[
      'name="SM"',
      'name="A"',
      'name="',
      "rpc=scmi",
      "boot=1",
      "default",
      "secure",
      "dup=0",
      "dup=1",
      "sma=0x1000",
    ],
    ...[
      "CLK_A",
      "PD_B",
      "PERF_C",
      "VOLT_D",
      "RST_E",
      "PIN_F",
      "SENSOR_G",
      "SYS",
      "BASE_DEV_X",
      "BASE_AGENT_1",
      "LMM_1",
    ],
    ...[
      "api=all",
      "clk=get",
      "perm=rw",
      "start=1|2|3",
      "start=",
      "stop=1",
      "msel=0",
      "MBC_A0=0.1",
      "test",
      "reaction=x",
    ],
    ...[
      "A:",
      "B:",
      "A",
      "B",
      "C:",
      "C",
      "include",
      "include main.cfg",
      "include other.cfg",
      "#",
      "\\",
      "=",
      ",",
      '"',
    ],
    ...["type=p2a_notify", "type=a2p", "constructor", "__proto__", "toString:", "api=constructor"],
  ),
  fc.string({ maxLength: 6 }),
);
const LINE = fc.array(PIECE, { maxLength: 7 }).map((pieces) => pieces.join(" "));
const TEXT = fc.array(LINE, { maxLength: 25 }).map((lines) => lines.join("\n"));
const VALID_HEAD = 'LM0 name="SM"\nLM1 name="AP", rpc=scmi, boot=1\nSCMI_AGENT0 name="A"\n';

test("any text is a configuration or is refused with places, and a configuration makes a board", async () => {
  let boards = 0;
  await fc.assert(
    fc.asyncProperty(TEXT, TEXT, fc.boolean(), async (text, other, headed) => {
      const config = await read({ "main.cfg": headed ? VALID_HEAD + text : text, "other.cfg": other });
      if (!("agents" in config)) {
        expect(config.length).toBeGreaterThan(0);
        for (const { where } of config) expect(where).toMatch(/^(main|other)\.cfg(:\d+)?$/);
        return;
      }
      const choices = { name: null, funcIdBase: null, shmemBase: null, xenAgent: null, deviceTree: null };
      const made = imxBoard(config, new HeaderNumbers(), choices, "main.cfg");
      if (typeof made === "string") throw new Error(made);
      const board = parseBoard(boardText(made.draft, ["fuzz"]), "board.yaml");
      if (isProblem(board)) throw new Error(board.detail);
      expect(board.firmware.agents.map(({ id }) => id)).toEqual(config.agents.map(({ id }) => id));
      boards += 1;
    }),
    { numRuns: RUNS },
  );
  expect(boards).toBeGreaterThan(RUNS / 20);
});

test("files that include each other over and over end in a refusal, and soon", async () => {
  const files = Object.fromEntries(
    Array.from({ length: 40 }, (_, i) => [
      `f${i}.cfg`,
      `include f${i + 1}.cfg\ninclude f${i + 1}.cfg\nX${i} api=all`,
    ]),
  );
  const refused = await read({ ...files, "main.cfg": "include f0.cfg", "f40.cfg": "CLK_A" });
  expect(refused).toEqual([
    expect.objectContaining({ message: expect.stringContaining("too many includes") }),
  ]);
});

test("headers of any text give numbers or nothing", () => {
  const words = fc.constantFrom(
    "#define ",
    "A ",
    "B ",
    "C ",
    "1",
    "0x",
    "U",
    "(",
    ")",
    "+ ",
    "- ",
    "* ",
    "<< ",
    "\\\n",
    "/*",
    "*/",
    "\n",
    "99999999999999999999",
  );
  fc.assert(
    fc.property(fc.array(words, { maxLength: 60 }), (pieces) => {
      const numbers = new HeaderNumbers();
      numbers.read(pieces.join(""));
      for (const name of ["A", "B", "C"]) {
        const value = numbers.get(name);
        expect(value === null || (Number.isSafeInteger(value) && value >= 0)).toBe(true);
      }
    }),
    { numRuns: RUNS },
  );
});

test.each([
  ["lines without end", "X\n".repeat(60_000), "there are over 50000 lines up to here"],
  [
    "resources without end",
    `${VALID_HEAD}${Array.from({ length: 10_001 }, (_, i) => `CLK_${i}`).join("\n")}`,
    "there are over 10000 resources",
  ],
  [
    "long lines without end",
    `${VALID_HEAD}W: ${"CLK_A ".repeat(15_000)}\n${"W api=all\n".repeat(1_000)}`,
    "the lines up to here have over 4000000 characters",
  ],
])(
  "%s are refused, and soon",
  async (_, text, refusal) => {
    const refused = await read(text);
    expect(refused).toContainEqual(expect.objectContaining({ message: expect.stringContaining(refusal) }));
  },
  10_000,
);
