import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Frontier } from "#audit/merkle/frontier.ts";
import { leafHash } from "#audit/merkle/hash.ts";
import { TreeReader } from "#audit/tree/tree-reader.ts";
import { TreeWriter } from "#audit/tree/tree-writer.ts";
import { toHex } from "#base/hex.ts";
import { auditVerify } from "#cli/audit/verifying.ts";
import { openInMemory } from "#store/database.ts";
import { AuditedHost, resets } from "../support/audited-host.ts";
import { goldenLog } from "../support/golden.ts";
import { whole } from "../support/rest.ts";

test("a tree of three levels of tiles, stored as it grows, has the root of its leaves at every size", () => {
  const SIZE = 70_000;
  const db = openInMemory();
  db.pragma("foreign_keys = OFF");
  const add = db.prepare(
    "INSERT INTO events (seq, time, type, epoch, command_id, body, leaf) VALUES (?, 0, '', 1, ?, x'', ?)",
  );
  const reader = new TreeReader(db);
  const writer = new TreeWriter(db, reader, 1);
  const frontier = new Frontier();
  const roots = new Map<number, string>();
  const stops = [1, 255, 256, 300, 5000, 65_535, 65_536, 65_537, SIZE];
  db.exec("BEGIN");
  for (let seq = 1; seq <= SIZE; seq += 1) {
    const leaf = leafHash(Buffer.from(String(seq)));
    add.run(seq, seq, leaf);
    frontier.append(leaf);
    if (!stops.includes(seq)) continue;
    // In slices, as an older log is taken in.
    while (!writer.advance(seq, 10_000));
    roots.set(seq, toHex(frontier.root()));
  }
  db.exec("COMMIT");
  const sizes = db
    .prepare("SELECT level, sum(length(hashes)) / 32 FROM audit_tiles GROUP BY level")
    .raw()
    .all();
  expect(sizes).toEqual([
    [1, 273],
    [2, 1],
  ]);
  for (const [size, root] of roots) expect(toHex(reader.root(size)), String(size)).toBe(root);
  // What is stored only spares work.
  db.exec("DELETE FROM audit_tiles");
  expect(toHex(reader.root(SIZE))).toBe(roots.get(SIZE));
});

test("a log that an older release left gets its tree from the program that opens it next", async () => {
  const host = new AuditedHost();
  try {
    const lines = readFileSync("test/golden/0.1.0-two-guests-v32.jsonl", "utf8").trimEnd().split("\n");
    const old = goldenLog(lines, openInMemory(2));
    writeFileSync(host.file, old.serialize());
    expect(await auditVerify({ db: host.file })).toMatchObject({ code: "audit-missing" });
    const head = await host.run(
      async (control) => {
        await resets(control, 2);
        return control.headSeq;
      },
      { description: null },
    );
    const { faults, size, signedSize } = whole(await auditVerify({ db: host.file }));
    expect([size, signedSize]).toEqual([head, head]);
    // Its tables were never filled: that is for the server to do.
    expect(faults.filter(({ detail }) => !detail.includes("was filled by another version"))).toEqual([]);
  } finally {
    host.end();
  }
});
