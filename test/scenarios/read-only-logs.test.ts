import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { inProcess } from "../support/in-process.ts";
import { investigation } from "../support/investigation.ts";
import { RestHost } from "../support/rest.ts";
import { scratchFolder } from "../support/scmictl.ts";

const EXPECT = ["--expect", "not allowed(2, 1)"];
const SHORT_LOG = ["--good", "8", "--bad", "14"];

/** Every verb that reads a log, with what it needs besides. */
const READING: Readonly<Record<string, readonly string[]>> = {
  "host show": [],
  "agent list": [],
  "agent show": ["2"],
  "domain list": ["--all"],
  "domain show": ["0"],
  "device list": [],
  "permissions list": [],
  "permissions diff": ["--from", "9", "--to", "14"],
  history: [],
  explain: ["2", "1"],
  who: ["--device", "1"],
  use: [],
  exposure: [],
  denied: [],
  log: [],
  state: ["--at", "9"],
  diff: ["--from", "9", "--to", "14"],
  replay: [],
  pack: ["--from", "12", "--to", "13", "--out", "OUT.pack"],
  bisect: [...SHORT_LOG, ...EXPECT],
  debug: ["--batch", "SCRIPT"],
  whatif: ["--at", "11", "--skip", "12"],
  shrink: ["--to", "14", ...EXPECT],
  "audit show": [],
  "audit checkpoint": [],
  "audit proof": ["--seq", "3"],
  "audit verify": [],
  "audit bundle": ["--question", "who --device 1", "--out", "OUT.tar"],
  simulate: ["--at", "11"],
  "export xlcfg": ["--agent", "2"],
  "export partial-tree": ["--agent", "2"],
  "export host-overlay": [],
  "export dom0-tree": [],
  "export guest-tree": ["--domid", "none"],
  "export events": [],
  backup: ["OUT.backup"],
};
/** Those that read the log of a trace, which has no host. */
const READING_TRACES: Readonly<Record<string, readonly string[]>> = {
  compare: ["--board", "examples/two-guests/board.yaml", "--agent", "2"],
  "import board": ["--out", "OUT.yaml"],
};
/** Those that write it, or make it, or do not open it. */
const WRITING = [
  "bench",
  "serve",
  "audit rotate-key",
  "import events",
  "import ftrace",
  "import xen-log",
  "token create",
  "token list",
  "token revoke",
  "restore",
];

/** Those that read it each in a way of its own; the others go through the server's routes. */
const OWN_WAYS = [
  "agent list",
  "state",
  "replay",
  "pack",
  "bisect",
  "debug",
  "whatif",
  "shrink",
  "audit verify",
  "export events",
  "backup",
];

const folder = scratchFolder();
let story: Awaited<ReturnType<typeof investigation>>;
let log: string;
let traces: string;
let script: string;
beforeAll(async () => {
  story = await investigation();
  log = join(story.folder, "board.db");
  script = join(folder.path, "script");
  writeFileSync(script, "break type smc.forwarded\nc\nback\nprint host\ngoto 12\ndiff\nevent\n");
  traces = join(folder.path, "traces", "trace.db");
  mkdirSync(join(folder.path, "traces"));
  const text = join(folder.path, "console.log");
  writeFileSync(
    text,
    "scmi_msg_dump: pt=14 t=CMND msg_id=06 seq=0001 s=0 pyld=00000000\n" +
      "scmi_msg_dump: pt=14 t=RESP msg_id=06 seq=0001 s=0 pyld=00366e0100000000\n",
  );
  expect(await inProcess(["import", "ftrace", text, "--db", traces])).toMatchObject({ status: 0 });
});
afterAll(() => {
  story.remove();
  folder.remove();
});

let outs = 0;

function argsOf(verb: string, db: string): string[] {
  const args = READING[verb] ?? READING_TRACES[verb] ?? [];
  const own = args.map((arg) =>
    arg === "SCRIPT" ? script : arg.startsWith("OUT") ? join(folder.path, `${outs++}-${arg}`) : arg,
  );
  return [...verb.split(" "), ...own, "--db", db];
}

/** Every file of a folder: its bytes, and when they were written. */
function contents(path: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(path)
      .sort()
      .map((name) => {
        const file = join(path, name);
        const hash = createHash("sha256").update(readFileSync(file)).digest("hex");
        return [name, `${hash} ${statSync(file).mtimeMs}`];
      }),
  );
}

test("every verb that takes a log is known to read or to write it", async () => {
  const found: string[] = [];
  const look = async (verb: readonly string[]): Promise<void> => {
    const { stdout } = await inProcess([...verb, "--help"]);
    if (/^\s+--db /m.test(stdout)) found.push(verb.join(" "));
    const [, below = ""] = stdout.split("\nCommands:\n");
    for (const [, name] of below.matchAll(/^ {2}([a-z][\w-]*)/gm)) {
      if (name !== undefined && name !== "help") await look([...verb, name]);
    }
  };
  await look([]);
  const known = [...Object.keys(READING), ...Object.keys(READING_TRACES), ...WRITING];
  expect(found.sort()).toEqual(known.sort());
});

test.each([...Object.keys(READING), ...Object.keys(READING_TRACES)])(
  "%s leaves the log as it was, and nothing beside it",
  async (verb) => {
    const db = verb in READING_TRACES ? traces : log;
    const before = contents(join(db, ".."));
    const { stderr, status } = await inProcess(argsOf(verb, db), { input: '{"do":"host.reboot"}\n' });
    expect(stderr).not.toContain("a bug of ours");
    // 2 is wrong usage: then nothing would have been read.
    expect(status, stderr).not.toBe(2);
    expect(contents(join(db, ".."))).toEqual(before);
  },
);

describe("beside a server", () => {
  let host: RestHost;
  beforeAll(async () => {
    host = await RestHost.start();
    await host.guest("red", 2);
    await host.ask("PUT", "/v1/agents/2/devices/1", { body: { allowed: true } });
    await host.post("/v1/domains/red/smc", { x: ["0x82000004"] });
  });
  afterAll(() => host.end());

  test("that is idle, log and WAL keep their bytes; the index of the WAL is the readers' own", async () => {
    // It signs a checkpoint a second after something happened, and is idle then.
    await vi.waitFor(() => statSync(`${host.file}.audit-checkpoint`), { timeout: 10_000, interval: 100 });
    const logAndWal = () => {
      const { "log.db": bytes, "log.db-wal": wal } = contents(host.folder);
      return { bytes, wal };
    };
    const before = logAndWal();
    for (const verb of OWN_WAYS) {
      const { status, stderr } = await inProcess(argsOf(verb, host.file));
      expect(status, `${verb}: ${stderr}`).not.toBe(2);
      expect(logAndWal(), verb).toEqual(before);
    }
    expect(readdirSync(host.folder)).toEqual(expect.arrayContaining(["log.db-shm", "log.db-wal"]));
  });

  test("that goes on writing, neither waits for the other, and each reader sees whole commands", async () => {
    let isDone = false;
    const written = (async () => {
      let count = 0;
      for (; !isDone; count += 1) {
        const { status } = await host.post("/v1/domains/red/smc", { x: ["0x82000004"] });
        if (status !== 200) throw new Error(`refused with ${status}`);
      }
      return count;
    })();
    try {
      for (const verb of OWN_WAYS) {
        const { status, stderr } = await inProcess(argsOf(verb, host.file));
        expect(status, `${verb}: ${stderr}`).toBe(0);
      }
    } finally {
      isDone = true;
    }
    expect(await written).toBeGreaterThan(5);
    expect((await host.post("/v1/replay")).body.divergences).toEqual([]);
  });
});

/** Root may write everywhere; it takes another user to see a folder as read-only. */
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const canBeNobody =
  !isRoot || spawnSync(process.execPath, ["bin/scmictl.js", "--version"], { uid: NOBODY }).status === 0;

test.skipIf(!canBeNobody)("a read-only log in a read-only folder is read by every verb all the same", () => {
  const frozen = join(folder.path, "frozen");
  mkdirSync(frozen);
  const db = join(frozen, "board.db");
  for (const name of readdirSync(story.folder)) {
    copyFileSync(join(story.folder, name), join(frozen, name));
    chmodSync(join(frozen, name), 0o444);
  }
  chmodSync(frozen, 0o555);
  chmodSync(folder.path, 0o777);
  chmodSync(script, 0o644);
  const runs = Object.keys(READING).map((verb) => argsOf(verb, db));
  const program = `
    const { run } = await import(${JSON.stringify(join(process.cwd(), "dist/cli/program.js"))});
    for (const args of ${JSON.stringify(runs)}) {
      process.exitCode = 0;
      await run(args);
      process.stderr.write("\\n=" + JSON.stringify([args.join(" "), process.exitCode]) + "\\n");
    }
    process.exitCode = 0;`;
  const before = contents(frozen);
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    ...(isRoot ? { uid: NOBODY } : {}),
    cwd: process.cwd(),
    encoding: "utf8",
    input: '{"do":"host.reboot"}\n',
    maxBuffer: 1 << 26,
  });
  chmodSync(frozen, 0o755);
  expect(status, stderr).toBe(0);
  expect(stderr).not.toMatch(/bug of ours|file-unreadable|readonly database/);
  expect(stderr.match(/^=/gm)).toHaveLength(runs.length);
  expect(contents(frozen)).toEqual(before);
});
