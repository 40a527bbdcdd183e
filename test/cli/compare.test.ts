import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import { openForWriting } from "#store/database.ts";
import { inProcess } from "../support/in-process.ts";
import { Recording } from "../support/recording.ts";
import { twoGuests } from "../support/two-guests.ts";

const DIRECTORY = mkdtempSync(join(tmpdir(), "scmictl-compare-"));
const LOG = join(DIRECTORY, "board.db");
const BOARD = ["--board", "examples/two-guests/board.yaml"];
afterAll(() => rmSync(DIRECTORY, { recursive: true, force: true }));

/** Two reads of a clock's rate: as the example has it, and another. */
const CONSOLE = `scmi_msg_dump: pt=14 t=CMND msg_id=06 seq=0001 s=0 pyld=00000000
scmi_msg_dump: pt=14 t=RESP msg_id=06 seq=0001 s=0 pyld=00366e0100000000
scmi_msg_dump: pt=14 t=CMND msg_id=06 seq=0002 s=0 pyld=00000000
scmi_msg_dump: pt=14 t=RESP msg_id=06 seq=0002 s=0 pyld=00201c0000000000
`;

beforeAll(async () => {
  const trace = join(DIRECTORY, "console.log");
  writeFileSync(trace, CONSOLE);
  expect(await inProcess(["import", "ftrace", trace, "--db", LOG])).toMatchObject({ status: 0 });
});

test("shows the first answer that differs, by its cause, and leaves the log as it is", async () => {
  const before = readFileSync(LOG);
  const { status, stdout } = await inProcess(["compare", "--db", LOG, ...BOARD, "--agent", "2"]);
  expect({ status, stdout }).toEqual({
    status: 1,
    stdout: `2 requests played: 1 answered alike, 1 differently, 0 without an answer to compare

agent 2, clock CLOCK_RATE_GET, once: fields: rate
  first: event 3, line 3: CLOCK_RATE_GET clock 0
  board: SUCCESS: 1843.2 kHz
  model: SUCCESS: 24 MHz
`,
  });
  expect(readFileSync(LOG).equals(before)).toBe(true);
});

test("delayed responses and notifications of a trace are compared with the model's", async () => {
  const [trace, log, board] = ["sent.log", "sent.db", "sent.yaml"].map((file) => join(DIRECTORY, file)) as [
    string,
    string,
    string,
  ];
  writeFileSync(
    trace,
    `scmi_msg_dump: pt=14 t=CMND msg_id=09 seq=0001 s=0 pyld=0000000001000000
scmi_msg_dump: pt=14 t=RESP msg_id=09 seq=0001 s=0 pyld=
scmi_msg_dump: pt=14 t=CMND msg_id=05 seq=0002 s=0 pyld=010000000000000000201c0000000000
scmi_msg_dump: pt=14 t=RESP msg_id=05 seq=0002 s=0 pyld=
scmi_msg_dump: pt=14 t=NOTI msg_id=00 seq=0000 s=0 pyld=020000000000000000201c0000000000
scmi_msg_dump: pt=14 t=DLYD msg_id=05 seq=0002 s=0 pyld=0000000000201c0000000000
scmi_msg_dump: pt=14 t=NOTI msg_id=00 seq=0000 s=0 pyld=020000000000000000366e0100000000
`,
  );
  const example = readFileSync("examples/two-guests/board.yaml", "utf8");
  const tree = join(process.cwd(), "examples/two-guests/host.dtb");
  writeFileSync(
    board,
    example.replace("host.dtb", tree).replace("shmem: 0x47ff2000 }", "shmem: 0x47ff2000, p2a: 0x47fe2000 }"),
  );
  await inProcess(["import", "ftrace", "--agent", `2=${trace}`, "--db", log]);
  const { stdout, status } = await inProcess(["compare", "--db", log, "--board", board]);
  expect({ stdout, status }).toEqual({
    status: 1,
    stdout: `2 requests played: 2 answered alike, 0 differently, 0 without an answer to compare
1 delayed response: 1 alike, 0 differently
2 notifications: 1 alike, 1 differently

agent 2, clock CLOCK_RATE_CHANGED, once: the model does not tell of it
  first: event 6, line 7
  board: CLOCK_RATE_CHANGED clock 0 24 MHz by agent 2
  model: nothing
`,
  });
  // Without a page for it the firmware cannot tell anything.
  const { stdout: without } = await inProcess(["compare", "--db", log, ...BOARD]);
  expect(without).toContain("CLOCK_RATE_SET, once: status: board SUCCESS, model");
});

test("without anybody's agent nothing can be played, and it says so", async () => {
  const { status, stdout } = await inProcess(["compare", "--db", LOG, ...BOARD, "--json"]);
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    played: 0,
    different: 0,
    notPlayed: { "nobody said whose it is": 2 },
  });
});

test.each([
  ["no log", ["--db", "nowhere.db", ...BOARD], "code: "],
  ["no board", ["--db", LOG, "--board", "nowhere.yaml"], "code: file-unreadable"],
  ["no guest", ["--db", LOG, ...BOARD, "--xlcfg", "nowhere.cfg"], "code: file-unreadable"],
])("%s is refused", async (_, args, why) => {
  const { status, stdout, stderr } = await inProcess(["compare", ...args]);
  expect([status, stdout]).toEqual([1, ""]);
  expect(stderr).toContain(why);
});

test("a log of what was decided here is none to compare", async () => {
  const log = join(DIRECTORY, "decided.db");
  const db = openForWriting(log);
  if (isProblem(db)) throw new Error(db.detail);
  new Recording(await twoGuests(), { db });
  db.close();
  const { status, stderr } = await inProcess(["compare", "--db", log, ...BOARD]);
  expect(status).toBe(1);
  expect(stderr).toContain("import ftrace and import xen-log make such logs");
});
