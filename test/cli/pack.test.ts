import { existsSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inProcess } from "../support/in-process.ts";
import { investigation } from "../support/investigation.ts";
import { plantedBugs } from "../support/planted-bugs.ts";
import { scratchFolder } from "../support/scmictl.ts";

const scratch = scratchFolder();
let source: { readonly folder: string; remove(): void };
let bugs: { readonly folder: string; remove(): void };

beforeAll(async () => {
  source = await investigation();
  bugs = await plantedBugs();
});
afterAll(() => {
  scratch.remove();
  source.remove();
  bugs.remove();
});

function at(name: string): string {
  return join(scratch.path, name);
}

/** Packs a range of the investigation's log, 24 events whose host booted in the first 11. */
async function packed(name: string, ...options: string[]): Promise<string> {
  const file = at(name);
  const run = await inProcess(["pack", "--db", join(source.folder, "board.db"), "--out", file, ...options]);
  expect([run.status, run.stderr]).toEqual([0, ""]);
  return file;
}

/** The events of a range of the pack: 17 is its first, 23 its last. */
const RANGE = ["--from", "17", "--to", "23"];

const WITHOUT_TABLES = "a part of a log without its tables";
const WITHOUT_TREE = "it has no audit tree";
const OUTSIDE = "is not in this pack, which goes from 17 to 23";
const FROM_BOOT = "begins with event 17, and this begins at the host's boot";

/** Every verb that takes a log, with a pack in its place: what it says, or why it does not. */
const VERBS: readonly (readonly [typed: string, status: number, says: string])[] = [
  ["state --at 20", 0, '"at": 20'],
  ["state", 0, '"at": 23'],
  ["state --at 16", 0, '"at": 16'],
  ["state --at 3", 1, OUTSIDE],
  ["log", 0, "host.configured"],
  ["diff --from 16 --to 23", 0, "from event 16 to event 23"],
  ["diff --from 2 --to 23", 1, OUTSIDE],
  ["replay", 0, "7 events replayed"],
  ["replay --from 1", 1, "allowed are positions from 17"],
  ["bisect --good 16 --bad 23 --expect !exists(mediator.domain[3])", 0, "it ceases to hold with"],
  ["bisect --good 1 --bad 23 --expect !exists(mediator.domain[3])", 1, OUTSIDE],
  ["whatif --at 16", 0, "the state at the end is the same"],
  ["whatif --at 19 --skip 21", 0, "forked after event 19"],
  ["whatif --at 19 --profile ref", 1, FROM_BOOT],
  ["whatif --at 1", 1, OUTSIDE],
  ["shrink --expect count(mediator.domain)==1", 1, FROM_BOOT],
  ["debug --batch BATCH", 0, "before event 17, the first of this pack, which goes to 23"],
  ["debug --at 3 --batch BATCH", 1, OUTSIDE],
  ["host", 0, "two-guests"],
  ["agent list", 1, WITHOUT_TABLES],
  ["domain list", 1, WITHOUT_TABLES],
  ["device list", 1, WITHOUT_TABLES],
  ["permissions", 1, WITHOUT_TABLES],
  ["history", 1, WITHOUT_TABLES],
  ["explain 2 1", 1, WITHOUT_TABLES],
  ["who --device 1", 1, WITHOUT_TABLES],
  ["exposure", 1, WITHOUT_TABLES],
  ["denied", 1, WITHOUT_TABLES],
  ["export dom0-tree", 0, "/dts-v1/"],
  ["export events --format jsonl", 1, "an export has every event from the first"],
  ["audit verify", 1, WITHOUT_TREE],
  ["audit show", 1, WITHOUT_TREE],
  ["audit proof --seq 20", 1, WITHOUT_TREE],
  ["audit bundle --question permissions --out BUNDLE", 1, WITHOUT_TREE],
  ["audit rotate-key", 1, WITHOUT_TREE],
  ["serve --port 0", 1, "going on with it would make another history"],
  ["compare --board examples/two-guests/board.yaml", 1, "nothing in it was observed on a real machine"],
  ["backup COPY", 0, "23 events"],
  ["pack --from 19 --to 22 --out PACK", 0, "events 17 to 22"],
  ["pack --out PACK2", 0, "events 17 to 23"],
  ["pack --from 2 --out PACK4", 1, "allowed are positions from 17, where this pack begins"],
  ["pack --from 17 --redact --out PACK3", 1, "the host's boot before it"],
];

describe("a pack in place of a log", () => {
  let pack: string;
  beforeAll(async () => {
    pack = await packed("range.pack", ...RANGE);
    writeFileSync(at("BATCH"), "step\nback\nback\ncontinue\nreverse-continue\nwhere\n");
  });

  test.each(VERBS)("%s: %i, %s", async (typed, status, says) => {
    const before = readFileSync(pack);
    const words = typed
      .split(" ")
      .map((word) => (/^(?:BATCH|COPY|BUNDLE|PACK\d?)$/.test(word) ? at(word) : word));
    const run = await inProcess([...words, "--db", pack]);
    expect(run.status === 0 ? run.stdout : run.stderr).toContain(says);
    expect(run.status).toBe(status);
    expect(run.stderr).not.toContain("bug of ours");
    expect(run.stderr).not.toContain("damaged");
    expect(readFileSync(pack).equals(before)).toBe(true);
    for (const beside of ["-wal", "-shm", "-journal"]) expect(existsSync(pack + beside)).toBe(false);
  });

  test("cannot be restored as a log", async () => {
    const run = await inProcess(["restore", pack, "--db", at("restored.db")]);
    expect([run.status, run.stderr]).toEqual([1, expect.stringContaining(WITHOUT_TREE)]);
    expect(existsSync(at("restored.db"))).toBe(false);
  });

  const READING = [
    "state",
    "log",
    "diff --from 17 --to 23",
    "replay",
    "bisect --good 17 --bad 23 --expect true",
    "whatif --at 17",
    "shrink --expect false",
    "debug --batch BATCH",
    "host",
    "history",
    "audit verify",
    "export dom0-tree",
    "pack --out X",
  ];

  test.each(READING)("of a newer version it is refused: %s", async (typed) => {
    const newer = at("newer.pack");
    if (!existsSync(newer)) {
      const db = new Sqlite(readFileSync(pack));
      db.exec("UPDATE pack SET version = 2");
      writeFileSync(newer, db.serialize());
      db.close();
    }
    const run = await inProcess([...typed.split(" "), "--db", newer]);
    expect([run.status, run.stderr]).toEqual([
      1,
      expect.stringContaining("version 2; this program reads up to 1"),
    ]);
  });

  test.each(READING)("cut off it is refused: %s", async (typed) => {
    const cut = at("cut.pack");
    writeFileSync(cut, readFileSync(pack));
    truncateSync(cut, 40_000);
    const run = await inProcess([...typed.split(" "), "--db", cut]);
    expect([run.status, run.stderr]).toEqual([1, expect.stringContaining("is damaged")]);
    expect(run.stderr).not.toContain("bug of ours");
  });

  test.each(["state", "diff --from 17 --to 23", "debug --batch BATCH", "whatif --at 17", "replay"])(
    "whose state was altered it is refused: %s",
    async (typed) => {
      const altered = at("altered.pack");
      if (!existsSync(altered)) {
        const db = new Sqlite(readFileSync(pack));
        db.exec('UPDATE snapshots SET state = replace(state, \'"name":"red"\', \'"name":"ted"\')');
        writeFileSync(altered, db.serialize());
        db.close();
      }
      const words = typed.split(" ").map((word) => (word === "BATCH" ? at(word) : word));
      const run = await inProcess([...words, "--db", altered]);
      expect([run.status, run.stderr]).toEqual([
        1,
        expect.stringContaining("the state before event 17 does not hold"),
      ]);
    },
  );
});

describe("redacting", () => {
  test("as typed; the map is its owner's alone, and not in the pack", async () => {
    const map = at("map.json");
    const pack = at("redacted.pack");
    const log = join(source.folder, "board.db");
    const before = readFileSync(log);
    const run = await inProcess([
      "pack",
      "--db",
      log,
      "--redact",
      "--redact-map",
      map,
      "--out",
      pack,
      ...RANGE,
    ]);
    expect(run.stdout).toBe(`${pack}: events 17 to 23, names and addresses redacted\n`);
    expect(readFileSync(log).equals(before)).toBe(true);
    expect(statSync(map).mode & 0o777).toBe(0o600);
    const { names } = JSON.parse(readFileSync(map, "utf8")) as { names: { [name: string]: string } };
    expect(Object.keys(names)).toEqual(expect.arrayContaining(["two-guests", "otto", "green", "gpu"]));
    expect((await inProcess(["replay", pack])).stdout).toContain("7 events replayed");
    const shown = (await inProcess(["log", "--db", pack, "--type", "domain.created"])).stdout;
    expect(shown).toContain(`${names["green"]} created, agent 2`);
    expect(shown).toContain(`by ${names["otto"]}`);
    const again = await inProcess(["state", "--db", pack, "--at", "20"]);
    expect(again.stdout).toContain(names["blue"]);
    for (const name of ["two-guests", "otto", "green", "trying the new image", "47ff2000"]) {
      expect(readFileSync(pack).includes(name)).toBe(false);
    }
  });

  test("names or addresses alone", async () => {
    const names = readFileSync(await packed("names.pack", "--redact", "names"));
    expect([names.includes("two-guests"), names.includes("1207902208")]).toEqual([false, true]);
    const addresses = readFileSync(await packed("addresses.pack", "--redact", "addresses"));
    expect([addresses.includes("two-guests"), addresses.includes("1207902208")]).toEqual([true, false]);
    const both = readFileSync(await packed("both.pack", "--redact", "names,addresses"));
    expect([both.includes("two-guests"), both.includes("1207902208")]).toEqual([false, false]);
  });

  test("a log that its own rules would not decide so is refused with the first event that differs", async () => {
    const log = join(bugs.folder, "hardware-error.db");
    const pack = at("fault.pack");
    const run = await inProcess(["pack", "--db", log, "--redact", "--out", pack]);
    expect([run.status, run.stderr]).toEqual([
      1,
      expect.stringContaining("event 13 cannot be redacted: data."),
    ]);
    expect(existsSync(pack)).toBe(false);
  });

  test.each([
    [["--redact", "names,ages"], 'found "ages", allowed are names and addresses'],
    [["--redact-map", "MAP"], "found no --redact beside it"],
    [["--redact", "names", "--redact-map", "/nowhere/map.json"], "/nowhere/map.json cannot be written"],
    [["--redact", "names", "--from", "99"], "there is no position 99"],
  ])("refused: %j", async (options, says) => {
    const pack = at("refused.pack");
    const log = join(source.folder, "board.db");
    const run = await inProcess(["pack", "--db", log, "--out", pack, ...options]);
    expect([run.status, run.stderr]).toEqual([1, expect.stringContaining(says)]);
    expect(existsSync(pack)).toBe(false);
  });
});

describe("a pack of what was observed on a real machine", () => {
  const TRACE = `[    0.500000] scmi_xfer_begin: pt=14 msg_id=03 seq=0001 transfer_id=1 poll=1
[    0.500001] scmi_msg_dump: pt=14 t=CMND msg_id=03 seq=0001 s=0 pyld=05000000
[    0.500002] scmi_msg_dump: pt=14 t=RESP msg_id=03 seq=0001 s=0 pyld=010000007a656e6974682d636c6b000000000000
[    0.500003] scmi_xfer_end: pt=14 msg_id=03 seq=0001 transfer_id=1 s=0
`;
  let log: string;
  beforeAll(async () => {
    log = at("observed.db");
    writeFileSync(at("zenith.log"), TRACE);
    expect((await inProcess(["import", "ftrace", at("zenith.log"), "--db", log])).status).toBe(0);
  });

  test("is compared as its log is", async () => {
    const pack = at("observed.pack");
    expect((await inProcess(["pack", "--db", log, "--out", pack])).status).toBe(0);
    const board = ["--board", "examples/two-guests/board.yaml", "--agent", "2"];
    const [ofLog, ofPack] = [
      await inProcess(["compare", "--db", log, ...board]),
      await inProcess(["compare", "--db", pack, ...board]),
    ];
    expect(ofPack).toEqual(ofLog);
    expect(ofPack.stdout).toContain("1 requests played");
  });

  test("redacted it has no name of the trace, and no text of the board's", async () => {
    const pack = at("observed-redacted.pack");
    const run = await inProcess(["pack", "--db", log, "--redact", "--out", pack]);
    expect([run.status, run.stderr]).toEqual([0, ""]);
    const bytes = readFileSync(pack);
    for (const name of ["zenith", Buffer.from("zenith").toString("hex")])
      expect(bytes.includes(name)).toBe(false);
    expect((await inProcess(["log", "--db", pack])).stdout).toContain("CLOCK_ATTRIBUTES");
    expect((await inProcess(["replay", pack])).stdout).toContain("no divergence");
  });

  test("from its middle it is refused: there is no host that its state could be of", async () => {
    const run = await inProcess(["pack", "--db", log, "--from", "2", "--redact", "--out", at("middle.pack")]);
    expect([run.status, run.stderr]).toEqual([
      1,
      expect.stringContaining("allowed in a log without a host is 1"),
    ]);
    const plain = await inProcess(["pack", "--db", log, "--from", "2", "--out", at("middle.pack")]);
    expect([plain.status, plain.stderr]).toEqual([
      1,
      expect.stringContaining("allowed in a log without a host is 1"),
    ]);
  });
});
