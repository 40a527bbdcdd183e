import { chmodSync, copyFileSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import Sqlite from "better-sqlite3";
import { afterEach, beforeEach, expect, test } from "vitest";
import { EntryRows } from "#audit/entry/entry-rows.ts";
import { exposedKeyFile } from "#audit/key-file.ts";
import { Frontier } from "#audit/merkle/frontier.ts";
import { leafHash } from "#audit/merkle/hash.ts";
import { openCheckpoint } from "#audit/note/checkpoint.ts";
import { formatSignerKey, generateSignerKey, parseVerifierKey } from "#audit/note/keys.ts";
import { TreeReader } from "#audit/tree/tree-reader.ts";
import { toHex } from "#base/hex.ts";
import { isProblem } from "#base/problem.ts";
import { AuditedHost, ask, resets, tamper } from "../support/audited-host.ts";
import { whole } from "../support/rest.ts";

let host: AuditedHost;

beforeEach(() => {
  host = new AuditedHost();
});
afterEach(() => host.end());

/** The root of the tree by definition, from the rows of a log. */
function rootOf(file: string): { readonly size: number; readonly root: string } {
  const db = new Sqlite(file, { readonly: true });
  const size = db.prepare<[], number>("SELECT max(seq) FROM events").pluck().get() ?? 0;
  const frontier = new Frontier();
  for (const entry of new EntryRows(db).entries(1, size)) frontier.append(leafHash(entry));
  db.close();
  return { size, root: toHex(frontier.root()) };
}

function outside(vkey: string): { readonly size: number; readonly root: string } {
  const { checkpoint } = whole(
    openCheckpoint(host.beside(".audit-checkpoint"), [whole(parseVerifierKey(vkey))]),
  );
  return { size: checkpoint.size, root: toHex(checkpoint.root) };
}

const codeOf = (result: unknown) => (isProblem(result) ? result.code : "opened");

test("a first start makes a key that only its owner reads, and a stop leaves a checkpoint over everything", async () => {
  const vkey = await host.run(({ audit }) => audit?.verifierKey ?? "");
  expect(statSync(`${host.file}.audit-key`).mode & 0o777).toBe(0o600);
  expect(host.beside(".audit-key")).toMatch(/^PRIVATE\+KEY\+scmi-control-plane\.invalid\/two-guests\//);
  expect(outside(vkey)).toEqual(rootOf(host.file));
  const again = await host.run(async (control) => {
    await resets(control, 300);
    return control.audit?.verifierKey;
  });
  expect(again).toBe(vkey);
  expect(outside(vkey)).toEqual(rootOf(host.file));
  expect(outside(vkey).size).toBeGreaterThan(300);
});

test("a checkpoint can be had at any time, and one is signed in a moment by itself", async () => {
  await host.run(async (control) => {
    await resets(control, 3);
    const signed = whole(control.audit?.checkpoint() ?? null) as { checkpoint: { size: number } };
    expect(signed.checkpoint.size).toBe(control.headSeq);
    await resets(control, 3);
    await expect.poll(() => control.audit?.signedSize, { timeout: 3000 }).toBe(control.headSeq);
  });
});

test("upper tiles are stored as they fill, and are what the leaves give", async () => {
  await host.run(async (control) => resets(control, 700));
  const db = new Sqlite(host.file, { readonly: true });
  const stored = db.prepare("SELECT level, tile, length(hashes) AS bytes FROM audit_tiles").all();
  const { size, root } = rootOf(host.file);
  expect(stored).toEqual([{ level: 1, tile: 0, bytes: 32 * Math.floor(size / 256) }]);
  expect(toHex(new TreeReader(db).root(size))).toBe(root);
  db.close();
});

test("a log from before there was a tree gets one, leaves of its old events included", async () => {
  await host.run(async (control) => resets(control, 600), { withoutAudit: true });
  expect(existsSync(`${host.file}.audit-key`)).toBe(false);
  const vkey = await host.run(async (control) => {
    await resets(control, 10);
    return control.audit?.verifierKey ?? "";
  });
  expect(outside(vkey)).toEqual(rootOf(host.file));
  const db = new Sqlite(host.file, { readonly: true });
  const { leavesFrom } = db.prepare("SELECT leaves_from AS leavesFrom FROM audit_log").get() as {
    leavesFrom: number;
  };
  expect(leavesFrom).toBeGreaterThan(1200);
  expect(
    db.prepare("SELECT count(*) FROM events WHERE (leaf IS NULL) <> (seq < ?)").pluck().get(leavesFrom),
  ).toBe(0);
  expect(db.prepare("SELECT tile FROM audit_tiles WHERE level = 0 ORDER BY tile").pluck().all()).toEqual([
    0, 1, 2, 3, 4,
  ]);
  db.close();
  await host.run(async (control) => resets(control, 300));
  expect(outside(vkey)).toEqual(rootOf(host.file));
});

test("an older copy of the log is not written over, and it is said by how much it is older", async () => {
  await host.run(async (control) => resets(control, 3));
  const older = host.copy("older", [""]);
  await host.run(async (control) => resets(control, 5));
  copyFileSync(older, host.file);
  const before = readFileSync(host.file);
  const refusal = await host.open();
  expect(codeOf(refusal)).toBe("log-rolled-back");
  expect(isProblem(refusal) && refusal.detail).toMatch(/: 10 are missing$/);
  expect(readFileSync(host.file).equals(before)).toBe(true);
});

test("a log whose signed events were changed is not written over", async () => {
  await host.run(async (control) => resets(control, 3));
  tamper(host.file, (db) => {
    db.exec("UPDATE events SET leaf = randomblob(32) WHERE seq = 3");
  });
  expect(codeOf(await host.open())).toBe("log-rewritten");
});

test("a key that others can read is told", async () => {
  await host.open();
  expect(exposedKeyFile(host.file)).toBeNull();
  chmodSync(`${host.file}.audit-key`, 0o640);
  expect(exposedKeyFile(host.file)).toBe(`${host.file}.audit-key`);
  rmSync(`${host.file}.audit-key`);
  expect(exposedKeyFile(host.file)).toBeNull();
});

test("a log without its key, or with another, is not written over; with --new-audit-key it is", async () => {
  const vkey = await host.run(({ audit }) => audit?.verifierKey);
  const key = host.beside(".audit-key");
  rmSync(`${host.file}.audit-key`);
  expect(codeOf(await host.open())).toBe("audit-key-missing");
  writeFileSync(`${host.file}.audit-key`, formatSignerKey(generateSignerKey("example.org/other", "note")));
  expect(codeOf(await host.open())).toBe("audit-key-foreign");
  writeFileSync(`${host.file}.audit-key`, "what is this?\n");
  expect(await host.open()).toMatchObject({
    code: "key-invalid",
    detail: expect.stringContaining(`${host.file}.audit-key: `),
  });
  writeFileSync(`${host.file}.audit-key`, key);
  await host.run(({ audit }) => expect(audit?.verifierKey).toBe(vkey));

  rmSync(`${host.file}.audit-key`);
  const newer = await host.run(
    async (control) => {
      await resets(control, 1);
      return control.audit?.verifierKey ?? "";
    },
    { newAuditKey: true },
  );
  expect(newer).not.toBe(vkey);
  expect(outside(newer)).toEqual(rootOf(host.file));
  expect(codeOf(await host.open())).toBe("opened");
});

test("a checkpoint beside the log that is another log's, or none, stops the server too", async () => {
  await host.run(async (control) => resets(control, 1));
  const own = host.beside(".audit-checkpoint");
  for (const [text, code] of [
    [own.replace(/\n\d+\n/, "\n9999\n"), "note-untrusted"],
    ["garbage", "note-invalid"],
  ] as const) {
    writeFileSync(`${host.file}.audit-checkpoint`, text);
    expect(codeOf(await host.open())).toBe(code);
  }
  writeFileSync(`${host.file}.audit-checkpoint`, own);
  await host.run((control) => ask(control, { kind: "host.reboot", cause: "reboot" }));
});

test("checkpoints near each other are not kept, but the newest always is", async () => {
  for (let i = 0; i < 4; i += 1) await host.run(async (control) => resets(control, 1));
  const db = new Sqlite(host.file, { readonly: true });
  expect(db.prepare("SELECT size FROM audit_checkpoints").pluck().all()).toEqual([rootOf(host.file).size]);
  db.close();
});
