import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inProcess } from "../support/in-process.ts";
import { scmictl } from "../support/scmictl.ts";

const DIRECTORY = mkdtempSync(join(tmpdir(), "scmictl-traces-"));
afterAll(() => rmSync(DIRECTORY, { recursive: true, force: true }));

function at(name: string): string {
  return join(DIRECTORY, name);
}

/** A console: a clock is read, its rate is refused, one answer never comes, and a notification does. */
const CONSOLE = `[    0.000000] Booting Linux on physical CPU 0x0000000000
[    0.588212] scmi_xfer_begin: pt=14 msg_id=06 seq=0001 transfer_id=1 poll=1
[    0.599033] scmi_msg_dump: pt=14 t=CMND msg_id=06 seq=0001 s=0 pyld=05000000
[    0.600257] scmi_xfer_response_wait: pt=14 msg_id=06 seq=0001 transfer_id=1 tmo_ms=30 poll=1
[    0.600658] scmi_msg_dump: pt=14 t=RESP msg_id=06 seq=0001 s=0 pyld=00366e0100000000
[    0.600903] scmi_xfer_end: pt=14 msg_id=06 seq=0001 transfer_id=1 s=0
[    0.700000] scmi_xfer_begin: pt=14 msg_id=05 seq=0002 transfer_id=2 poll=1
[    0.700001] scmi_msg_dump: pt=14 t=CMND msg_id=05 seq=0002 s=0 pyld=000000000500000000366e0100000000
[    0.700003] scmi_msg_dump: pt=14 t=RESP msg_id=05 seq=0002 s=-3 pyld=
[    0.700004] scmi_xfer_end: pt=14 msg_id=05 seq=0002 transfer_id=2 s=-13
[    0.800000] scmi_xfer_begin: pt=10 msg_id=00 seq=0003 transfer_id=3 poll=1
[    0.800001] scmi_msg_dump: pt=10 t=CMND msg_id=00 seq=0003 s=0 pyld=
[    0.830002] scmi_xfer_end: pt=10 msg_id=00 seq=0003 transfer_id=3 s=-110
[    0.900000] scmi_msg_dump: pt=10 t=NOTI msg_id=00 seq=0000 s=0 pyld=0100000000000000
[    0.900001] scmi_xfer_begin: pt=10 msg_i
`;
const XEN = `(XEN) scmi: Acquire channel id = 0x2, domain_id = 1 paddr = 0x47ff2000
(d1) [    0.588212] scmi_xfer_begin: pt=10 msg_id=00 seq=0001 transfer_id=1 poll=1
(XEN) scmi: could not assign dev for d1 agent:2 dev_id:7 (-13)
`;

/** The events of a log, as JSON. */
async function eventsOf(log: string) {
  const { stdout, status } = await inProcess(["log", "--db", log, "--json"]);
  expect(status).toBe(0);
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

beforeAll(() => {
  writeFileSync(at("console.log"), CONSOLE);
  writeFileSync(at("xen.log"), XEN);
});

describe("import ftrace", () => {
  test("makes a log whose events say what was observed, and which verifies", async () => {
    const log = at("one.db");
    const { status, stdout, stderr } = await inProcess(["import", "ftrace", at("console.log"), "--db", log]);
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: `console.log: 15 lines: 2 answered, 1 timed-out, 1 notification, 1 damaged, 1 other-lines\n${log}: 5 events\n`,
    });
    expect(stderr).toContain('console.log:15: scmi_xfer_begin: no kernel prints "pt=10 msg_i"');
    const events = await eventsOf(log);
    expect(events.map(({ type, text }) => `${type} ${text}`)).toEqual([
      "trace.imported ftrace console.log: 15 lines, 2 answered, 1 damaged, 1 notification, 1 other-lines, 1 timed-out",
      "scmi.observed observed: CLOCK_RATE_GET clock 5 → SUCCESS: 24 MHz",
      "scmi.observed observed: CLOCK_RATE_SET clock 5 24 MHz → DENIED",
      "scmi.observed observed: base PROTOCOL_VERSION → no answer, timed-out (-110)",
      "scmi.observed observed: BASE_ERROR_EVENT 0 msg reports by agent 1",
    ]);
    expect(events[2].data).toMatchObject({
      trace: 1,
      line: 7,
      timeUs: 700_000,
      endTimeUs: 700_004,
      status: -3,
      errno: -13,
      decoded: { protocol: "clock", token: 2, response: { status: "DENIED" } },
    });
    expect((await inProcess(["replay", "--db", log])).stdout).toContain("5 events replayed");
    expect((await inProcess(["replay", "--db", log])).stdout).toContain("no divergence");
    expect((await inProcess(["audit", "verify", "--db", log])).stdout).toContain("unaltered");
  });

  test("takes a trace for each agent, and events are found by it", async () => {
    const log = at("two.db");
    const args = [
      "--agent",
      `2=${at("console.log")}`,
      "--agent",
      `0x3=${at("console.log")}`,
      "--db",
      log,
      "--json",
    ];
    const { stdout } = await inProcess(["import", "ftrace", ...args]);
    expect(JSON.parse(stdout)).toMatchObject({
      log,
      events: 10,
      traces: [{ source: "ftrace" }, { lines: 15 }],
    });
    const events = await eventsOf(log);
    expect(events.map(({ agentId, data }) => [agentId, data.trace])).toEqual([
      [undefined, undefined],
      ...Array(4).fill([2, 1]),
      [undefined, undefined],
      ...Array(4).fill([3, 6]),
    ]);
    const found = await inProcess(["log", "--db", log, "--agent", "3"]);
    expect(found.stdout.trim().split("\n")).toHaveLength(4);
  });

  test("its log is exported and imported like any other, and no host gets into it", async () => {
    const [log, lines, again] = [at("from.db"), at("from.jsonl"), at("again.db")];
    await inProcess(["import", "ftrace", at("console.log"), "--db", log]);
    await inProcess(["export", "events", "--db", log, "--out", lines]);
    expect(await inProcess(["import", "events", lines, "--db", again])).toMatchObject({ status: 0 });
    expect(await eventsOf(again)).toEqual(await eventsOf(log));
    const before = readFileSync(log);
    for (const [args, code] of [
      [["serve", "--board", "examples/two-guests/board.yaml"], "log-not-a-log"],
      [["host", "show"], "log-observed"],
      [["export", "xlcfg", "--agent", "2"], "log-observed"],
    ] as const) {
      const { status, stderr } = await inProcess([...args, "--db", log]);
      expect(status).toBe(1);
      expect(stderr).toContain(`code: ${code}`);
    }
    expect(readFileSync(log).equals(before)).toBe(true);
  });

  test("what cannot be imported leaves nothing behind, and no log is written over", async () => {
    const log = at("none.db");
    const refusals = [
      [[at("xen.log").replace("xen", "nowhere")], 1, "file-unreadable"],
      [[at("empty.log")], 1, "trace-without-events"],
      [[at("console.log"), at("empty.log")], 1, "trace-without-events"],
      [[], 2, "give a trace"],
      [["--agent", "x=console.log"], 2, "whole number"],
      [["--agent", "console.log"], 2, "Give an agent's id and its trace"],
    ] as const;
    writeFileSync(at("empty.log"), "nothing of SCMI\n");
    for (const [args, status, why] of refusals) {
      const run = await inProcess(["import", "ftrace", ...args, "--db", log]);
      expect(run.status).toBe(status);
      expect(run.stderr).toContain(why);
    }
    expect(readdirSync(DIRECTORY).filter((name) => name.startsWith("none.db"))).toEqual([]);

    writeFileSync(log, "mine");
    const run = await inProcess(["import", "ftrace", at("console.log"), "--db", log]);
    expect(run.stderr).toContain("log-exists");
    expect(readFileSync(log, "utf8")).toBe("mine");
  });

  test("of a file that is no text it is said what it is, and what to do with it", async () => {
    const files: readonly (readonly [name: string, bytes: Buffer, says: string])[] = [
      ["console.gz", gzipSync(CONSOLE), "gzip -d"],
      ["console.utf16", Buffer.from(`\ufeff${CONSOLE}`, "utf16le"), "iconv -f UTF-16"],
      ["trace.dat", Buffer.from("\u0017\u0008\u0044tracing6\0"), "trace-cmd report"],
      ["another.db", Buffer.from("SQLite format 3\0"), "a log already"],
    ];
    for (const [name, bytes, says] of files) {
      writeFileSync(at(name), bytes);
      const run = await inProcess(["import", "ftrace", at(name), "--db", at("no-text.db")]);
      expect([run.status, run.stderr]).toEqual([1, expect.stringContaining(says)]);
      expect(run.stderr).toContain("code: trace-without-events");
    }
  });

  test("a console that lost bits is read as far as it is whole", async () => {
    const bytes = Buffer.concat([
      Buffer.from([0xff, 0x00, 0x1b, 0xfe]),
      Buffer.from(CONSOLE.repeat(2)),
      Buffer.from([0xc3]),
    ]);
    writeFileSync(at("noise.log"), bytes);
    const { status, stdout } = await inProcess(["import", "ftrace", at("noise.log"), "--db", at("noise.db")]);
    expect(status).toBe(0);
    expect(stdout).toContain("2 answered");
    expect(stdout).toContain("13 repeated");
    expect(existsSync(at("noise.db"))).toBe(true);
  });
});

describe("a long trace", () => {
  /** A megabyte: as many clocks read as a board reads in a minute. */
  function* longTrace(exchanges: number) {
    for (let i = 0; i < exchanges; i += 1) {
      const seq = (i % 1024).toString(16).toUpperCase().padStart(4, "0");
      const at = (us: number) => `     kworker/0:1-23      [002] d..2.  ${(10 + i / 1000).toFixed(3)}${us}: `;
      const key = `pt=14 msg_id=06 seq=${seq}`;
      yield `${at(100)}scmi_xfer_begin: ${key} transfer_id=${i.toString(16)} poll=1\n`;
      yield `${at(200)}scmi_msg_dump: id=0 ch=10 pt=14 t=CMND msg_id=06 seq=${seq} s=0 pyld=05000000\n`;
      yield `${at(300)}scmi_msg_dump: id=0 ch=10 pt=14 t=RESP msg_id=06 seq=${seq} s=0 pyld=00366e0100000000\n`;
      yield `${at(400)}scmi_xfer_end: ${key} transfer_id=${i.toString(16)} s=0\n`;
      if (i % 100 === 0) yield `CPU:${i % 4} [LOST 3 EVENTS]\n`;
    }
  }
  const EXCHANGES = 3000;

  beforeAll(() => writeFileSync(at("long.trace"), [...longTrace(EXCHANGES)].join("")));

  test("is imported piece by piece, from a file or a pipe, to the same events", async () => {
    const told = `${4 * EXCHANGES + 30} lines: ${EXCHANGES} answered, 90 lost, 30 other-lines`;
    const { stdout } = await inProcess(["import", "ftrace", at("long.trace"), "--db", at("long.db")]);
    expect(stdout).toBe(`long.trace: ${told}\n${at("long.db")}: ${EXCHANGES + 1} events\n`);

    execFileSync("bash", ["-c", `mkfifo '${at("pipe")}'`]);
    const writer = spawn("cp", [at("long.trace"), at("pipe")]);
    const piped = await inProcess(["import", "ftrace", at("pipe"), "--db", at("piped.db")]);
    expect(piped.stdout).toBe(`pipe: ${told}\n${at("piped.db")}: ${EXCHANGES + 1} events\n`);
    writer.kill();
    const one = await eventsOf(at("long.db"));
    const two = await eventsOf(at("piped.db"));
    expect(two.slice(1).map(({ data }) => data)).toEqual(one.slice(1).map(({ data }) => data));
    expect(one[0].data.digest).toBe(two[0].data.digest);
  });

  test("killed in the middle leaves no log, and the next attempt makes a whole one", async () => {
    const log = at("killed.db");
    const args = ["bin/scmictl.js", "import", "ftrace", at("long.trace"), "--db", log];
    const node = spawn(process.execPath, args);
    const gone = new Promise((resolve) => node.once("exit", (_, signal) => resolve(signal)));
    await expect
      .poll(() => statSync(`${log}.unfinished-wal`, { throwIfNoEntry: false })?.size ?? 0, {
        interval: 5,
        timeout: 20_000,
      })
      .toBeGreaterThan(500_000);
    node.kill("SIGKILL");
    expect(await gone).toBe("SIGKILL");
    expect(existsSync(log)).toBe(false);
    expect(existsSync(`${log}.unfinished`)).toBe(true);

    expect(await inProcess(["import", "ftrace", at("long.trace"), "--db", log])).toMatchObject({ status: 0 });
    expect(
      readdirSync(DIRECTORY)
        .filter((name) => name.startsWith("killed.db"))
        .sort(),
    ).toEqual(["killed.db", "killed.db.audit-checkpoint", "killed.db.audit-key", "killed.db.lock"]);
    expect((await inProcess(["audit", "verify", "--db", log])).stdout).toContain("unaltered");
  });

  test("that two import into the same log is refused to the second", async () => {
    const log = at("both.db");
    const both = await Promise.all(
      [1, 2].map(() => scmictl(["import", "ftrace", at("console.log"), "--db", log])),
    );
    expect(both.map(({ status }) => status).sort()).toEqual([0, 1]);
    expect(both.find(({ status }) => status === 1)?.stderr).toMatch(/log-in-use|log-exists/);
    expect(await eventsOf(log)).toHaveLength(5);
  });
});

test("import xen-log makes a log of what Xen's mediator said, and passes guests by", async () => {
  const log = at("xen.db");
  const { stdout } = await inProcess(["import", "xen-log", at("xen.log"), "--db", log]);
  expect(stdout).toBe(`xen.log: 3 lines: 2 messages, 1 other-lines\n${log}: 3 events\n`);
  expect(await eventsOf(log)).toMatchObject([
    { type: "trace.imported", data: { source: "xen-log", file: "xen.log", lines: 3 } },
    {
      type: "xen.observed",
      agentId: 2,
      data: { message: "channel-acquired", fields: { domid: 1, page: 0x47ff_2000 } },
    },
    {
      type: "xen.observed",
      data: { line: 3, message: "assignment-failed", fields: { deviceId: 7, errno: "EACCES" } },
    },
  ]);
  expect((await inProcess(["replay", "--db", log])).stdout).toContain("no divergence");
});
