import { expect, test } from "vitest";
import { toHex } from "#base/hex.ts";
import { saveState } from "#machine/state/snapshot.ts";
import { leafDifferences } from "#replay/json-diff.ts";
import { checkDigest } from "#replay/rebuild.ts";
import { Recording } from "../support/recording.ts";
import { hostWith } from "../support/scenario.ts";

function recording(): Recording {
  const log = new Recording(hostWith());
  for (let i = 0; i < 10; i += 1) {
    log.do({ kind: "permission.set", agentId: 2, deviceId: i % 4, allowed: i % 3 !== 0 });
    if (i === 5) log.keepSnapshot();
  }
  return log;
}

test("from a snapshot and without one the same state is rebuilt, and its digest is the last command's", () => {
  const log = recording();
  const withSnapshot = log.rebuilt();
  log.db.exec("DELETE FROM snapshots");
  const without = log.rebuilt();
  expect(saveState(withSnapshot.state)).toBe(saveState(without.state));
  expect(toHex(withSnapshot.digest())).toBe(toHex(log.machine.digest()));
  expect(checkDigest(without, log.db, "test.db")).toBeNull();
});

test("facts that lead elsewhere than the last digest says are no log to go on with", () => {
  const log = recording();
  log.alter("UPDATE commands SET digest = zeroblob(32) WHERE id = (SELECT max(id) FROM commands)");
  expect(checkDigest(log.rebuilt(), log.db, "test.db")).toMatchObject({ code: "log-damaged" });
});

test("a missing event is named", () => {
  const log = recording();
  log.alter("DELETE FROM events WHERE seq = 12");
  log.db.exec("DELETE FROM snapshots");
  expect(() => log.rebuilt()).toThrow("event 12 is missing");
});

test("a board that was altered meanwhile is not the one that was read before", () => {
  const log = recording();
  log.rebuilt();
  log.alter("UPDATE events SET body = substr(body, 1, 200) WHERE type = 'host.configured'");
  expect(() => log.rebuilt()).toThrow("event 1: length word");
});

test("the leaves in which two values differ", () => {
  const recorded = { a: 1, list: [1, { b: 2 }, 3], gone: null, same: { x: [1] }, kind: "text" };
  const replayed = { a: 2, list: [1, { b: 3 }], more: false, same: { x: [1] }, kind: { not: "text" } };
  expect(leafDifferences(recorded, replayed)).toEqual([
    { path: "a", recorded: 1, replayed: 2 },
    { path: "kind", recorded: "text", replayed: { not: "text" } },
    { path: "list.1.b", recorded: 2, replayed: 3 },
    { path: "list.2", recorded: 3, replayed: null },
    { path: "more", recorded: null, replayed: false },
  ]);
});
