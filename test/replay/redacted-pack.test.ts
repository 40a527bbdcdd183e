import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { beforeAll, describe, expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import { type HostDescription, PROTOCOL_NAMES } from "#config/board/board.ts";
import { parseDeviceTree } from "#config/device-tree/fdt.ts";
import { dataJson } from "#events/logged.ts";
import type { RedactionChoice } from "#machine/redaction/redaction.ts";
import { packRedacted, type RedactedPack } from "#replay/pack/redacted-pack.ts";
import { verify } from "#replay/verify.ts";
import type { Database } from "#store/database.ts";
import { isDamaged, LogReader } from "#store/log-reader.ts";
import { EVERY_FIELD } from "../support/every-field.ts";
import { goldenLog } from "../support/golden.ts";
import { Random } from "../support/random.ts";
import { randomCommand } from "../support/random-commands.ts";
import { Recording } from "../support/recording.ts";
import { hostWith, node } from "../support/scenario.ts";
import { PASSTHROUGH, singleAgent } from "../support/single-agent.ts";
import { talking } from "../support/talking.ts";
import { twoGuests } from "../support/two-guests.ts";

const BOTH = { names: true, addresses: true };
const XLCFG = `# the demo of customer Zenith
name = "zenith-demo"
kernel = "/boot/zenith/Image"
extra = "console=hvc0 root=/dev/zenith"
uuid = "6fd4cdcb-3e5e-4f0c-9f6e-2a3b4c5d6e7f"
arm_sci = "type=scmi_smc_multiagent,agent_id=2"
dtdev = [ "/soc/gpu@20000000" ]
iomem = [ "47ff2,1@22001" ]
device_tree = "/etc/xen/zenith.dtb"
on_crash = "rename-restart"
`;

let boards: HostDescription[];
beforeAll(async () => {
  boards = [
    await twoGuests({ profile: "ref" }),
    await talking(),
    await twoGuests({ deviceOwnership: "exclusive" }, { version: "v8" }),
    hostWith({ chosen: { domU1: node({ compatible: "xen,domain", "xen,sci_type": "none" }) } }),
    hostWith(singleAgent(PASSTHROUGH, {}, { firmware: { trustedAgents: [0] } })),
    hostWith({
      firmware: { profile: "imx", ...EVERY_FIELD, instances: [], protocols: [...PROTOCOL_NAMES, 0x82, 0x84] },
    }),
  ];
});

function packed(db: Database, from: number, to: number, choice: RedactionChoice = BOTH): RedactedPack {
  const pack = packRedacted(db, from, to, "test", choice);
  if (isProblem(pack)) throw new Error(pack.detail);
  return pack;
}

function opened(pack: RedactedPack): Database {
  return new Sqlite(Buffer.from(pack.bytes));
}

/** What events came to, without anything that has a name. */
function outcomes(db: Database, from: number, to: number): unknown[] {
  const reader = new LogReader(db);
  return Array.from({ length: to - from + 1 }, (_, i) => {
    const event = reader.event(from + i);
    if (event === undefined || isDamaged(event)) throw new Error(`event ${from + i} cannot be read`);
    const data = dataJson(event) as { [field: string]: unknown };
    const { errno, status, reason, cause, action, xOut, deviceIds, granted, relinquish, panic } = data;
    const decoded = data["decoded"] as { message?: string; response?: { status?: string } } | null;
    const answer = [decoded?.message, decoded?.response?.status];
    const told = [errno, status, reason, cause, action, deviceIds, granted, relinquish, panic];
    const x0 = Array.isArray(xOut) ? xOut[0] : null;
    return [
      event.seq,
      event.timeUs,
      event.type,
      event.epoch,
      event.domid,
      event.agentId,
      x0,
      ...told,
      ...answer,
    ];
  });
}

function expectToReplay(pack: RedactedPack, original: Database): void {
  const db = opened(pack);
  const report = verify(db, { from: pack.from, to: pack.to });
  if (isProblem(report)) throw new Error(report.detail);
  expect(report.divergences).toEqual([]);
  expect(report.events).toBe(pack.to - pack.from + 1);
  expect(outcomes(db, pack.from, pack.to)).toEqual(outcomes(original, pack.from, pack.to));
}

/** Says who asked, why and from where, as a server's log does. */
function asked(log: Recording): void {
  log.alter(
    "UPDATE commands SET actor = 'wilhelmina', reason = 'ticket 4711 of Zenith, part ' || (id % 3), address = '203.0.113.77', " +
      "request_id = 'b2c3d4e5-' || id, traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', answer_hash = x'aabbccdd'",
  );
}

describe("random histories with stand-ins", () => {
  test.each([0, 1, 2, 3, 4, 5])("any range replays to the same outcomes (board %i)", (which) => {
    const random = new Random(which + 40);
    const log = new Recording(boards[which] as HostDescription);
    for (let i = 0; i < 120; i += 1) log.do(randomCommand(random, log.machine.state, boards));
    const choices = [BOTH, { names: true, addresses: false }, { names: false, addresses: true }];
    for (const choice of choices) {
      const from = 1 + random.below(log.machine.seq);
      const to = from + random.below(log.machine.seq - from + 1);
      expectToReplay(packed(log.db, from, to, choice), log.db);
    }
    expectToReplay(packed(log.db, 1, log.machine.seq), log.db);
  });

  test.each(["0.1.0-rcar-v4h", "0.2.0-dom0less", "0.2.0-bsp"])(
    "so do the logs of released versions: %s",
    (name) => {
      const db = goldenLog(readFileSync(`test/golden/${name}.jsonl`, "utf8").trimEnd().split("\n"));
      const head = new LogReader(db).headSeq();
      for (const from of [1, Math.ceil(head / 2), head]) expectToReplay(packed(db, from, head), db);
    },
  );
});

describe("nothing of the original is in the pack", () => {
  let log: Recording;
  let pack: RedactedPack;
  let file: Buffer;

  beforeAll(async () => {
    const plain = await talking();
    const board = {
      ...plain.board,
      name: "zenith-board",
      xen: { ...plain.board.xen, cmdline: "console=dtuart dtuart=zenith-uart" },
    };
    log = new Recording({ ...plain, board });
    log.do({ kind: "domain.create", request: { xlcfg: XLCFG } });
    log.do({ kind: "domain.create", request: { xlcfg: 'name = "zenith-broken\narm_sci = ' } });
    log.do({
      kind: "domain.create",
      request: {
        name: "falcon",
        sci: { type: "scmi_smc_multiagent", agentId: 3 },
        dtdev: [],
        passthrough: null,
        uuid: null,
      },
    });
    const call = { protocol: "clock", message: "CLOCK_ATTRIBUTES", params: { clockId: 1 } };
    log.do({ kind: "scmi", domain: "zenith-demo", call });
    log.do({ kind: "device.assign", domain: "falcon", path: "/soc/zenith-nosuch@48000000" });
    const message = new Uint8Array(64);
    new DataView(message.buffer).setUint32(0x14, 4, true);
    new DataView(message.buffer).setUint32(0x18, 0x10 << 10, true);
    message.set(new TextEncoder().encode("falcon left this here"), 0x1c);
    const x = [0x8200_0005n, 0x47ff_3000n, 0x47ff3n, 0xdead_beef_cafen, 0n, 0n, 0n, 0n];
    log.do({ kind: "smc", domain: "falcon", x, shmem: message });
    log.do({ kind: "domain.shutdown", domain: "zenith-demo", reason: "crash" });
    log.do({ kind: "domain.destroy", domain: "zenith-demo" });
    log.do({ kind: "audit.read", path: "/v1/audit/who", query: "device=zenith-gpu&limit=10" });
    const refusal = { code: "role-refused", method: "POST", address: "203.0.113.77", count: 2 };
    const requests = [{ ...refusal, path: "/v1/domains/falcon/restart", actor: "wilhelmina" }];
    log.do({ kind: "request.refused", requests, others: 0 });
    log.do({ kind: "host.reboot", cause: "reboot" });
    asked(log);
    pack = packed(log.db, 1, log.machine.seq);
    file = Buffer.from(pack.bytes);
  });

  test("and it replays", () => {
    expectToReplay(pack, log.db);
  });

  test("no name of the board, of a resource, of a domain, no path, and nobody who asked", () => {
    const { board, deviceTree } = boards[1] as HostDescription;
    const tree = parseDeviceTree(deviceTree, "host");
    if (isProblem(tree)) throw new Error(tree.detail);
    const { agents, clocks, devices, powerDomains, resets, sensors } = board.firmware;
    // Words of the log itself, whatever the board calls by them.
    const kept = new Set(["chosen", "firmware", "scmi", "protocol", "iommu", "dom0"]);
    const names = [
      ...[...agents, ...clocks, ...devices, ...powerDomains, ...resets, ...sensors].map(({ name }) => name),
      ...tree.nodes.map(({ name }) => name.split("@")[0] ?? ""),
      ...tree.nodes.flatMap(({ name }) => /@.{4,}$/.exec(name) ?? []),
      ...["zenith", "Zenith", "falcon", "wilhelmina", "4711", "203.0.113", "b2c3d4e5", "0af7651916cd43dd"],
      ...["6fd4cdcb", "dtuart", "hvc0", "nosuch", "EPAM"],
    ].filter((name) => name.length > 3 && !kept.has(name));
    expect(names.length).toBeGreaterThan(20);
    expect(names.filter((name) => file.includes(name))).toEqual([]);
  });

  test("every word that the pack shares with the log is one of the program's own", () => {
    const word = /[A-Za-z][A-Za-z0-9_.-]{3,}/g;
    const wordsOf = (db: Database): Set<string> => {
      const rows = ["commands", "events", "snapshots", "pack", "programs"].flatMap((table) =>
        db.prepare("SELECT 1 FROM sqlite_schema WHERE name = ?").get(table) === undefined
          ? []
          : db.prepare(`SELECT * FROM ${table}`).raw().all(),
      ) as unknown[][];
      const cells = rows
        .flat()
        .map((cell) => (cell instanceof Buffer ? cell.toString("latin1") : String(cell)));
      return new Set(cells.flatMap((text) => text.replaceAll("\\n", " ").match(word) ?? []));
    };
    const program = new Set(
      ["src", "migrations"].flatMap((folder) =>
        readdirSync(folder, { recursive: true, encoding: "utf8" })
          .filter((name) => /\.(?:ts|sql)$/.test(name))
          .flatMap((name) => readFileSync(join(folder, name), "utf8").match(word) ?? [])
          .flatMap((found) => [found, ...found.split(/[.-]/)]),
      ),
    );
    const ofLog = wordsOf(log.db);
    const seqs = [1, 14, Math.ceil(log.machine.seq / 2), log.machine.seq];
    for (const from of seqs) {
      const part = packed(log.db, from, log.machine.seq);
      const shared = [...wordsOf(opened(part))].filter((found) => ofLog.has(found));
      expect(shared.length).toBeGreaterThan(100);
      expect(shared.filter((found) => !program.has(found))).toEqual([]);
      expectToReplay(part, log.db);
    }
  });

  test("no address of a page: not as a number, not in hex, not in the bytes of a message", () => {
    const pages = [0, 1, 2, 3].map((id) => 0x47ff_0000 + 0x1000 * id).concat([0x47fe_2000, 0x47fe_3000]);
    for (const page of pages) {
      const bytes = Buffer.alloc(8);
      bytes.writeUInt32BE(page, 0);
      bytes.writeUInt32LE(page, 4);
      const found = [page.toString(16), String(page), bytes.subarray(0, 4), bytes.subarray(4)];
      expect(found.filter((form) => file.includes(form))).toEqual([]);
    }
    expect(file.includes(Buffer.from([0xfe, 0xca, 0xef, 0xbe, 0xad, 0xde]))).toBe(false);
  });

  test("the same name has the same stand-in everywhere, and another one another", () => {
    const names = pack.map["names"] ?? {};
    expect(new Set(Object.values(names)).size).toBe(Object.keys(names).length);
    for (const [name, standIn] of Object.entries(names)) expect(standIn.length).toBe(name.length);
    const db = opened(pack);
    const created = new LogReader(db).events(0, 1000, { type: "domain.created" });
    const all = created.flatMap((event) =>
      !isDamaged(event) && event.type === "domain.created" ? [event.data.name] : [],
    );
    expect(all).toContain(names["zenith-demo"]);
    expect(all).toContain(names["falcon"]);
    const actors = db.prepare("SELECT DISTINCT actor FROM commands").pluck().all();
    expect(actors).toEqual([names["wilhelmina"]]);
    const reasons = db.prepare("SELECT DISTINCT reason FROM commands ORDER BY 1").pluck().all();
    expect(reasons).toEqual(["reason-1", "reason-2", "reason-3"]);
    expect(db.prepare("SELECT redacted FROM pack").pluck().get()).toBe("names,addresses");
  });

  test("pages keep their order, and neighbours stay neighbours", () => {
    const entries = Object.entries(pack.map["addresses"] ?? {}).map(
      ([a, b]) => [Number(a), Number(b)] as const,
    );
    const pages = entries
      .filter(([page]) => page >= 0x47ff_0000 && page <= 0x47ff_3000)
      .sort((a, b) => a[0] - b[0]);
    expect(pages.length).toBeGreaterThan(2);
    for (const [page, standIn] of pages) {
      expect(standIn - (pages[0]?.[1] ?? 0)).toBe(page - (pages[0]?.[0] ?? 0));
    }
  });

  test("names alone leave the addresses, and addresses alone the names", () => {
    const names = Buffer.from(packed(log.db, 1, log.machine.seq, { names: true, addresses: false }).bytes);
    expect([names.includes("falcon"), names.includes(String(0x47ff_2000))]).toEqual([false, true]);
    const addresses = Buffer.from(
      packed(log.db, 1, log.machine.seq, { names: false, addresses: true }).bytes,
    );
    expect([addresses.includes("falcon"), addresses.includes(String(0x47ff_2000))]).toEqual([true, false]);
  });
});
