import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answerHash } from "#audit/entry/entry.ts";
import { EntryRows } from "#audit/entry/entry-rows.ts";
import { parseCheckpoint, signCheckpoint } from "#audit/note/checkpoint.ts";
import { formatVerifierKey, generateSignerKey, parseSignerKey } from "#audit/note/keys.ts";
import { TreeReader } from "#audit/tree/tree-reader.ts";
import { TreeWriter } from "#audit/tree/tree-writer.ts";
import { type AuditVerifyArguments, auditVerify, type ShownReport } from "#cli/audit/verifying.ts";
import { AuditedHost, ask, resets, tamper } from "../support/audited-host.ts";
import { whole } from "../support/rest.ts";

let host: AuditedHost;
let vkey: string;
let head: number;
/** An honest log: two boots, guests with devices, kept answers, snapshots, and more than a tile of resets. */
let honest: string;
/** The same log as it was before its last events. */
let older: string;
let olderCheckpoint: string;
let copies = 0;

beforeAll(async () => {
  host = new AuditedHost();
  await host.run(async (control) => {
    vkey = control.audit?.verifierKey ?? "";
    await ask(control, { kind: "host.reboot", cause: "reboot" });
    await resets(control, 140);
    const requester = {
      actor: "otto",
      source: "rest",
      reason: "ticket 7",
      request: { address: "10.0.0.7", id: "r1", traceparent: null },
    } as const;
    const repeatable = {
      key: "k1",
      bodyHash: Uint8Array.of(1, 2),
      render: () => ({ status: 200, answer: "{}" }),
    };
    await control.submit(
      { kind: "permission.set", agentId: 2, deviceId: 0, allowed: true },
      requester,
      repeatable,
    );
  });
  older = host.copy("older");
  olderCheckpoint = host.beside(".audit-checkpoint");
  await host.run(async (control) => {
    await ask(control, { kind: "permission.set", agentId: 3, deviceId: 1, allowed: true });
    await resets(control, 20);
    head = control.headSeq;
  });
  honest = host.copy("honest");
});
afterAll(() => host.end());

/** A copy of the honest log to do something to, with its key and newest checkpoint. */
function copyOf(file: string = honest): string {
  copies += 1;
  const to = join(host.folder, `copy-${copies}.db`);
  for (const part of ["", ".audit-key", ".audit-checkpoint"]) copyFileSync(file + part, to + part);
  return to;
}

async function verify(db: string, args: Partial<AuditVerifyArguments> = {}): Promise<ShownReport> {
  return whole(await auditVerify({ db, ...args }));
}

test("an honest log is unaltered, whoever is trusted, and is not touched by it", async () => {
  const before = readFileSync(honest);
  for (const args of [{}, { vkey: [vkey] }, { key: [`${honest}.audit-key`] }]) {
    const report = await verify(honest, args);
    expect(report).toMatchObject({
      verdict: "unaltered",
      faults: [],
      faultCount: 0,
      events: head,
      size: head,
      signedSize: head,
    });
  }
  expect(readFileSync(honest).equals(before)).toBe(true);
  expect(await verify(older)).toMatchObject({ verdict: "unaltered" });
});

test("a log that its server goes on writing and signing is unaltered at any moment", async () => {
  const live = new AuditedHost();
  await live.run(async (control) => {
    for (let round = 0; round < 5; round += 1) {
      await resets(control, 20);
      control.audit?.checkpoint();
      const [report] = await Promise.all([auditVerify({ db: live.file }), resets(control, 50)]);
      expect(whole(report).faults).toEqual([]);
    }
  });
  live.end();
});

/** Ways to alter a log with SQL; the seq or the table that has to be named. */
const ALTERED: readonly (readonly [name: string, sql: string, seq: number | null, table: string])[] = [
  [
    "a body",
    "UPDATE events SET body = CAST(substr(body, 1, length(body) - 1) || x'00' AS BLOB) WHERE seq = 100",
    100,
    "events",
  ],
  ["a time", "UPDATE events SET time = time + 1 WHERE seq = 100", 100, "events"],
  ["a type", "UPDATE events SET type = 'host.booted' WHERE seq = 100", 100, "events"],
  ["an epoch", "UPDATE events SET epoch = 1 WHERE seq = 100", 100, "events"],
  ["a domid", "UPDATE events SET domid = 1 WHERE seq = 100", 100, "events"],
  ["an agent", "UPDATE events SET agent = 3 WHERE seq = 100", 100, "events"],
  ["an agent that becomes none", "UPDATE events SET agent = NULL WHERE seq = 100", 100, "events"],
  ["a command's id", "UPDATE events SET command_id = command_id + 1 WHERE seq = 100", 100, "commands"],
  ["a leaf", "UPDATE events SET leaf = randomblob(32) WHERE seq = 100", 100, "events"],
  ["a leaf cut short", "UPDATE events SET leaf = x'00' WHERE seq = 100", 100, "events"],
  ["an actor", "UPDATE commands SET actor = 'eve' WHERE first_seq = 99", 99, "events"],
  ["a reason", "UPDATE commands SET reason = 'because!' WHERE first_seq = 99", 99, "events"],
  ["a reason that becomes none", "UPDATE commands SET reason = NULL WHERE first_seq = 99", 99, "events"],
  ["a source", "UPDATE commands SET source = 'rest' WHERE first_seq = 99", 99, "events"],
  ["an address", "UPDATE commands SET address = '10.0.0.8' WHERE address IS NOT NULL", null, "events"],
  ["a request's id", "UPDATE commands SET request_id = 'r2' WHERE request_id IS NOT NULL", null, "events"],
  ["a trace", "UPDATE commands SET traceparent = '' WHERE first_seq = 99", 99, "events"],
  ["a kind", "UPDATE commands SET kind = 'smc' WHERE first_seq = 99", 99, "events"],
  ["an input", "UPDATE commands SET input = replace(input, '2', '3') WHERE first_seq = 99", 99, "events"],
  ["a digest", "UPDATE commands SET digest = randomblob(32) WHERE first_seq = 99", 99, "events"],
  ["a rule version", "UPDATE commands SET rule_version = 9 WHERE first_seq = 99", 99, "events"],
  [
    "a command's last seq",
    "UPDATE commands SET last_seq = last_seq + 1 WHERE first_seq = 99",
    null,
    "events",
  ],
  ["a program's version", "UPDATE programs SET version = '9.9.9'", 1, "events"],
  ["a program that decided nothing", "INSERT INTO programs (version) VALUES ('x')", null, "programs"],
  ["a deleted event", "DELETE FROM events WHERE seq = 100", 100, "events"],
  ["a deleted command", "DELETE FROM commands WHERE first_seq = 99", 99, "commands"],
  [
    "a deleted event and all that came later moved up",
    "DELETE FROM events WHERE seq = 100; UPDATE events SET seq = seq - 1 WHERE seq > 100",
    100,
    "events",
  ],
  [
    "an inserted event far behind",
    "INSERT INTO events SELECT 1125899906842624, time, type, epoch, command_id, domid, agent, body, leaf FROM events WHERE seq = 100",
    1125899906842624,
    "events",
  ],
  [
    "an event appended",
    "INSERT INTO events SELECT seq + 1, time, type, epoch, command_id, domid, agent, body, leaf FROM events ORDER BY seq DESC LIMIT 1",
    null,
    "events",
  ],
  [
    "a command appended",
    "INSERT INTO commands SELECT id + 1, kind, input, actor, source, reason, first_seq, last_seq, digest, rule_version, program, answer_hash, address, request_id, traceparent FROM commands ORDER BY id DESC LIMIT 1",
    null,
    "commands",
  ],
  [
    "two events that changed places",
    "UPDATE events SET seq = -1 WHERE seq = 100; UPDATE events SET seq = 100 WHERE seq = 101; UPDATE events SET seq = 101 WHERE seq = -1",
    100,
    "events",
  ],
  ["the last event cut off", "DELETE FROM events WHERE seq = (SELECT max(seq) FROM events)", null, "file"],
  ["all events cut off", "DELETE FROM events", null, "file"],
  ["a snapshot's state", "UPDATE snapshots SET state = replace(state, '1', '2')", null, "snapshots"],
  ["a snapshot's digest", "UPDATE snapshots SET digest = randomblob(32)", null, "snapshots"],
  [
    "a snapshot of later",
    "INSERT INTO snapshots SELECT seq + 1000, command_id, digest, state FROM snapshots LIMIT 1",
    null,
    "snapshots",
  ],
  ["a permission", "UPDATE permissions SET allowed = 1 - allowed", null, "permissions"],
  [
    "a permission's history",
    "UPDATE permission_history SET from_seq = from_seq + 1",
    null,
    "permission_history",
  ],
  ["an agent's name", "UPDATE agents SET name = 'eve' WHERE agent_id = 2", null, "agents"],
  ["a deleted domain", "DELETE FROM domains", null, "domains"],
  ["a device", "INSERT INTO devices VALUES (77, 'x', '{}')", null, "devices"],
  ["where a projection is", "UPDATE projections SET seq = seq - 1", null, "projections"],
  [
    "the version of a projection",
    "UPDATE projections SET version = 0 WHERE name = 'permissions'",
    null,
    "permissions",
  ],
  ["a kept answer", "UPDATE idempotency SET answer = '{ }'", null, "idempotency"],
  ["the status of a kept answer", "UPDATE idempotency SET status = 201", null, "idempotency"],
  ["a kept answer's key", "UPDATE idempotency SET key = 'k2'", null, "idempotency"],
  ["a deleted answer", "DELETE FROM idempotency", null, "idempotency"],
  [
    "an answer that nobody was given",
    "INSERT INTO idempotency SELECT actor, 'k9', body_hash, command_id - 1, status, answer FROM idempotency",
    null,
    "idempotency",
  ],
  ["a tile", "UPDATE audit_tiles SET hashes = zeroblob(length(hashes)) WHERE level = 1", 1, "audit_tiles"],
  ["a deleted tile", "DELETE FROM audit_tiles", null, "audit_tiles"],
  ["a tile too many", "INSERT INTO audit_tiles VALUES (3, 0, zeroblob(32))", null, "audit_tiles"],
  [
    "a tile of leaves that is not needed",
    "INSERT INTO audit_tiles VALUES (0, 0, zeroblob(32))",
    null,
    "audit_tiles",
  ],
  ["the log's origin", "UPDATE audit_log SET origin = 'example.org/x'", null, "audit_log"],
  ["where leaves begin", "UPDATE audit_log SET leaves_from = 50", null, "events"],
  [
    "a checkpoint",
    "UPDATE audit_checkpoints SET note = replace(note, '— ', '— x')",
    null,
    "audit_checkpoints",
  ],
  ["a checkpoint's size", "UPDATE audit_checkpoints SET size = size - 1", null, "audit_checkpoints"],
  [
    "a foreign key in the list",
    "INSERT INTO audit_keys VALUES (2, 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW', 9, NULL)",
    null,
    "audit_keys",
  ],
  ["no key in the list", "DELETE FROM audit_keys", null, "audit_keys"],
  [
    "a trigger more",
    "CREATE TRIGGER t AFTER INSERT ON events BEGIN UPDATE agents SET name = 'eve'; END",
    null,
    "events",
  ],
  [
    "a view declared otherwise",
    "DROP VIEW events_text; CREATE VIEW events_text AS SELECT 1",
    null,
    "events_text",
  ],
  ["a table more", "CREATE TABLE x (y)", null, "x"],
];

describe("whatever is altered with SQL is found, and named", () => {
  test.each(ALTERED)("%s", async (_, sql, seq, table) => {
    const file = copyOf();
    const before = readFileSync(file);
    tamper(file, (db) => db.exec(sql));
    expect(readFileSync(file).equals(before), "something was changed").toBe(false);
    const report = await verify(file);
    expect(report.verdict).toBe("altered");
    expect(report.faults.map((fault) => fault.table)).toContain(table);
    if (seq !== null) expect(report.faults[0]?.seq).toBe(seq);
  });

  test("a schema that says it is older than it is", async () => {
    const file = copyOf();
    tamper(file, (db) => db.pragma("user_version = 5"));
    expect((await verify(file)).verdict).toBe("altered");
  });

  test("a trigger that is gone", async () => {
    const file = copyOf();
    const db = new Sqlite(file);
    db.exec("DROP TRIGGER events_are_never_updated");
    db.close();
    expect((await verify(file)).faults).toMatchObject([
      { table: "events", detail: expect.stringContaining("trigger") },
    ]);
  });
});

/** Somebody who alters an event and then makes everything that is not signed fit again. */
function alteredWithCare(sql: string): string {
  const file = copyOf();
  tamper(file, (db) => {
    db.exec(sql);
    const rows = new EntryRows(db);
    const size = db.prepare("SELECT max(seq) FROM events").pluck().get() as number;
    const set = db.prepare("UPDATE events SET leaf = ? WHERE seq = ?");
    for (let seq = 1; seq <= size; seq += 1) set.run(rows.leaves(seq, seq), seq);
    db.exec("DELETE FROM audit_tiles");
    new TreeWriter(db, new TreeReader(db), 1).advance(size);
    db.exec("UPDATE idempotency SET command_id = command_id");
  });
  return file;
}

describe("what was signed is found out even where everything else was made to fit", () => {
  test("a changed actor, with its leaves, tiles and root", async () => {
    const file = alteredWithCare("UPDATE commands SET actor = 'eve' WHERE first_seq = 99");
    const report = await verify(file);
    expect(report.faults.every(({ detail }) => detail.includes("are not those that it was signed for"))).toBe(
      true,
    );
    expect(report.faults[0]).toMatchObject({ table: "events", seq: 1 });
  });

  test("and signed anew with another key: by the key beside the log, and by one that was given", async () => {
    const file = alteredWithCare("UPDATE commands SET actor = 'eve' WHERE first_seq = 99");
    const { name } = whole(parseSignerKey(host.beside(".audit-key"))).verifier;
    const key = generateSignerKey(name, "note");
    tamper(file, (db) => {
      const size = db.prepare("SELECT max(seq) FROM events").pluck().get() as number;
      const signed = signCheckpoint({ size, root: new TreeReader(db).root(size) }, key);
      db.exec("DELETE FROM audit_checkpoints");
      db.prepare("INSERT INTO audit_checkpoints VALUES (?, ?)").run(size, signed.text);
      db.prepare("UPDATE audit_keys SET vkey = ?").run(formatVerifierKey(key.verifier));
      writeFileSync(`${file}.audit-checkpoint`, signed.text);
    });
    const tables = (report: ShownReport) => report.faults.map(({ table }) => table);
    expect(tables(await verify(file))).toEqual(
      expect.arrayContaining(["audit_keys", "audit_checkpoints", "file"]),
    );
    // Whoever replaced the key beside the log too is believed, but not by those who know the log's key.
    rmSync(`${file}.audit-key`);
    expect(await verify(file)).toMatchObject({ verdict: "unaltered", trust: "log" });
    expect(tables(await verify(file, { vkey: [vkey] }))).toEqual(
      expect.arrayContaining(["audit_keys", "audit_checkpoints"]),
    );
  });

  test("a log cut back, tree and all, by the checkpoint beside it, or by one that somebody kept", async () => {
    const file = copyOf(older);
    writeFileSync(`${file}.audit-checkpoint`, readFileSync(`${honest}.audit-checkpoint`));
    const missing = expect.stringContaining(
      `${head - whole(parseCheckpoint(olderCheckpoint)).checkpoint.size} are missing`,
    );
    expect((await verify(file)).faults).toMatchObject([{ table: "file", detail: missing }]);
    rmSync(`${file}.audit-checkpoint`);
    expect((await verify(file)).verdict).toBe("unaltered");
    const kept = await verify(file, { checkpoint: [`${honest}.audit-checkpoint`] });
    expect(kept.faults).toMatchObject([{ table: "file", detail: missing }]);
  });

  test("another log's checkpoint, and one whose signature was changed", async () => {
    const other = join(host.folder, "other.checkpoint");
    const { checkpoint } = whole(parseCheckpoint(olderCheckpoint));
    writeFileSync(other, signCheckpoint(checkpoint, generateSignerKey("example.org/other", "note")).text);
    expect((await verify(honest, { checkpoint: [other] })).faults).toMatchObject([{ table: "file" }]);
    writeFileSync(other, olderCheckpoint.replace(/.{5}\n$/, "AAAA=\n"));
    expect((await verify(honest, { checkpoint: [other] })).faults).toMatchObject([{ table: "file" }]);
  });

  test("a log without any checkpoint speaks for nothing", async () => {
    const file = copyOf();
    rmSync(`${file}.audit-checkpoint`);
    tamper(file, (db) => db.exec("DELETE FROM audit_checkpoints"));
    expect((await verify(file)).faults).toMatchObject([{ table: "audit_checkpoints" }]);
  });
});

describe("only what is new", () => {
  test("behind an event, or behind a checkpoint, is read; a change there is found, one before is not looked for", async () => {
    const { size } = whole(parseCheckpoint(olderCheckpoint)).checkpoint;
    const since = join(host.folder, "since.checkpoint");
    writeFileSync(since, olderCheckpoint);
    for (const from of [since, String(size)]) {
      const report = await verify(honest, { since: from });
      expect(report).toMatchObject({ verdict: "unaltered", size: head });
      expect(report.events).toBeLessThan(head - size + 256);
      const file = copyOf();
      tamper(file, (db) =>
        db.exec("UPDATE commands SET actor = 'eve' WHERE first_seq = (SELECT max(first_seq) FROM commands)"),
      );
      expect((await verify(file, { since: from })).faults[0]).toMatchObject({
        table: "events",
        seq: head - 1,
      });
    }
    const before = copyOf();
    tamper(before, (db) => db.exec("UPDATE commands SET actor = 'eve' WHERE first_seq = 99"));
    expect((await verify(before, { since: String(size) })).verdict).toBe("unaltered");
  });

  test("the old part is not taken at its word: its tree has to be the one of the checkpoint", async () => {
    const since = join(host.folder, "since.checkpoint");
    writeFileSync(since, olderCheckpoint);
    const file = alteredWithCare("UPDATE commands SET actor = 'eve' WHERE first_seq = 99");
    expect((await verify(file, { since })).faults[0]).toMatchObject({ table: "events" });
  });

  test("what is no checkpoint, and an event that is not there, are refused", async () => {
    const garbage = join(host.folder, "garbage");
    writeFileSync(garbage, "garbage");
    expect(await auditVerify({ db: honest, since: garbage })).toMatchObject({ code: "note-invalid" });
    // Nobody's log was altered because a wrong file was given.
    expect(await auditVerify({ db: honest, checkpoint: [garbage] })).toMatchObject({
      code: "note-invalid",
      detail: expect.stringContaining(`${garbage}: `),
    });
    // Nor is a log trusted on its own word where a file of keys was given.
    const empty = join(host.folder, "empty.keys");
    writeFileSync(empty, "\n");
    expect(await auditVerify({ db: honest, key: [empty] })).toMatchObject({
      code: "key-invalid",
      detail: expect.stringContaining(`${empty}: `),
    });
    expect(await auditVerify({ db: honest, since: String(head + 1) })).toMatchObject({
      code: "position-out-of-range",
    });
    expect(await auditVerify({ db: honest, since: join(host.folder, "none") })).toMatchObject({
      code: "file-unreadable",
    });
    expect(await auditVerify({ db: honest, vkey: ["x"] })).toMatchObject({ code: "key-invalid" });
  });
});

describe("a byte of the file", () => {
  /** Bytes of a WAL's header and of the frames that are of its last round: older ones are not read any more. */
  function usedBytes(wal: Buffer): number {
    const frameBytes = 24 + wal.readUInt32BE(8);
    const isUsed = (at: number) => wal.subarray(at + 8, at + 16).equals(wal.subarray(16, 24));
    let end = 32;
    while (end < wal.length && isUsed(end)) end += frameBytes;
    return end;
  }

  /** Every value of every table, as it is stored. */
  function everything(file: string): string {
    const db = new Sqlite(file, { readonly: true });
    try {
      const tables = db
        .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'table' ORDER BY name")
        .all() as {
        name: string;
      }[];
      const rows = tables.map(({ name }) => [
        name,
        db.prepare(`SELECT * FROM ${name} ORDER BY 1`).raw().all(),
      ]);
      return JSON.stringify([db.prepare("SELECT * FROM sqlite_schema").raw().all(), rows]);
    } finally {
      db.close();
    }
  }

  test("flipped anywhere is found, or changes no value that is stored", async () => {
    const bytes = readFileSync(honest);
    const before = everything(honest);
    const file = copyOf();
    const found = { altered: 0, idle: 0 };
    // Fixed, and all over the file, its first page among them.
    const count = process.env["NIGHTLY"] === "1" ? 2000 : 60;
    for (let at = 0; at < bytes.length; at += Math.floor(bytes.length / count) + 1) {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] as number) ^ (1 << (at % 8));
      writeFileSync(file, flipped);
      const report = await auditVerify({ db: file });
      if ("code" in report || report.verdict === "altered") found.altered += 1;
      else {
        found.idle += 1;
        expect(everything(file), `byte ${at}`).toBe(before);
      }
      for (const { table, detail } of "code" in report ? [] : report.faults) {
        expect(table, `byte ${at}: ${detail}`).toMatch(/^[a-z_]+$/);
      }
    }
    expect(found.altered).toBeGreaterThan(count / 3);
    expect(found.idle, "no byte that holds nothing was flipped").toBeGreaterThan(0);
  });

  test("flipped in the WAL of a server that was killed is found, where a checkpoint speaks for what is lost", async () => {
    const killed = new AuditedHost();
    const file = killed.file;
    const kept = join(killed.folder, "kept.db");
    await killed.run(async (control) => {
      await resets(control, 30);
      control.audit?.checkpoint(Number.POSITIVE_INFINITY);
      for (const part of ["", "-wal", ".audit-key", ".audit-checkpoint"])
        copyFileSync(file + part, kept + part);
    });
    const [main, wal] = [readFileSync(kept), readFileSync(`${kept}-wal`)];
    const restored = (bytes: Buffer) => {
      rmSync(`${kept}-shm`, { force: true });
      writeFileSync(kept, main);
      writeFileSync(`${kept}-wal`, bytes);
    };
    expect(await verify(kept)).toMatchObject({ verdict: "unaltered" });
    restored(wal);
    const before = everything(kept);
    let altered = 0;
    const used = usedBytes(wal);
    for (let at = 40; at < used; at += Math.floor(used / 12) + 1) {
      const flipped = Buffer.from(wal);
      flipped[at] = (flipped[at] as number) ^ (1 << (at % 8));
      restored(flipped);
      const report = await auditVerify({ db: kept });
      if ("code" in report || report.verdict === "altered") altered += 1;
      else {
        restored(flipped);
        expect(everything(kept), `byte ${at}`).toBe(before);
      }
    }
    expect(altered).toBeGreaterThan(6);
    killed.end();
  });
});

describe("a value of another type, which SQLite itself would not let in", () => {
  /** Alters a table as if its columns took anything, as somebody could who writes the file's bytes. */
  function forced(table: string, sql: string): string {
    const file = copyOf();
    const declare = (change: (sql: string) => string) =>
      tamper(file, (db) => {
        db.unsafeMode(true);
        db.pragma("writable_schema = ON");
        const of = db.prepare<[string], string>(
          "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?",
        );
        const declared = of.pluck().get(table) as string;
        expect(change(declared), table).not.toBe(declared);
        db.prepare("UPDATE sqlite_schema SET sql = ? WHERE type = 'table' AND name = ?").run(
          change(declared),
          table,
        );
        db.pragma("writable_schema = OFF");
      });
    const strict = new Sqlite(file, { readonly: true });
    const was = strict.prepare("SELECT sql FROM sqlite_schema WHERE name = ?").pluck().get(table) as string;
    strict.close();
    declare((now) => now.replace(/\b(INTEGER|TEXT)\b(?! PRIMARY)/g, "ANY"));
    tamper(file, (db) => db.exec(sql));
    declare(() => was);
    return file;
  }

  test.each([
    ["a time as text", "events", "UPDATE events SET time = CAST(time AS TEXT) WHERE seq = 100", 100],
    ["a time as bytes", "events", "UPDATE events SET time = CAST(time AS BLOB) WHERE seq = 100", 100],
    ["a type as bytes", "events", "UPDATE events SET type = CAST(type AS BLOB) WHERE seq = 100", 100],
    [
      "an actor as bytes",
      "commands",
      "UPDATE commands SET actor = CAST(actor AS BLOB) WHERE first_seq = 99",
      99,
    ],
    [
      "an id as text",
      "events",
      "UPDATE events SET command_id = CAST(command_id AS TEXT) WHERE seq = 100",
      100,
    ],
    ["a time that is a fraction", "events", "UPDATE events SET time = time + 0.5 WHERE seq = 100", 100],
  ])("%s is found by its leaf, also where the file is not looked at", async (_, table, sql, seq) => {
    const file = forced(table, sql);
    const tree = await verify(file, { since: "0" });
    expect(tree.verdict).toBe("altered");
    expect(tree.faults.map((fault) => fault.seq)).toContain(seq);
    expect((await verify(file)).faults.map(({ table }) => table)).toEqual(
      expect.arrayContaining(["file", "events"]),
    );
  });
});

test("the answer hash is the one that docs/auditing.md describes", () => {
  const db = new Sqlite(honest, { readonly: true });
  const row = db
    .prepare("SELECT actor, key, body_hash AS bodyHash, status, answer, command_id AS id FROM idempotency")
    .get() as never;
  const hash = db
    .prepare("SELECT answer_hash FROM commands WHERE id = ?")
    .pluck()
    .get((row as { id: number }).id);
  expect(Buffer.from(answerHash(row)).equals(hash as Buffer)).toBe(true);
  db.close();
});
