import { copyFileSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inProcess } from "../support/in-process.ts";
import { type ServedBoard, scmictl, scratchFolder, serveBoard } from "../support/scmictl.ts";

const BOARD = "examples/two-guests/board.yaml";
const folder = scratchFolder();
const at = (name: string) => join(folder.path, name);
const log = at("log.db");
let served: ServedBoard;
let lines: string;

const live = (args: readonly string[]) => inProcess(args, { env: { SCMICTL_URL: served.url } });

beforeAll(async () => {
  served = await serveBoard(["--board", BOARD, "--db", log]);
  const create = ["domain", "create", "--name", "=cmd", "--type", "scmi_smc_multiagent", "--agent", "3"];
  const { status, stderr } = await live([
    ...create,
    "--reason",
    'a "test", of exports',
    "--idempotency-key",
    "k1",
  ]);
  expect(status, stderr).toBe(0);
  ({ stdout: lines } = await live(["export", "events"]));
});
afterAll(async () => {
  await served.end();
  folder.remove();
});

const end = (text: string) =>
  JSON.parse(text.trimEnd().split("\n").at(-1) ?? "") as { end: { headSeq: number; root: string } };

test("JSON Lines make the same log again: rows, root, kept answers, and a server goes on with it", async () => {
  const copy = at("copy.db");
  writeFileSync(at("log.jsonl"), lines);
  const imported = await scmictl(["import", "events", at("log.jsonl"), "--db", copy, "--json"]);
  expect(imported.status, imported.stderr).toBe(0);
  const { headSeq, root } = end(lines).end;
  expect(JSON.parse(imported.stdout)).toEqual({ events: headSeq, root });
  expect((await inProcess(["export", "events", "--db", copy])).stdout).toBe(lines);
  expect((await inProcess(["replay", "--db", copy])).status).toBe(0);
  const again = await serveBoard(["--db", copy]);
  const answer = await fetch(`${again.url}/v1/domains`, {
    method: "POST",
    headers: { "content-type": "application/json", "idempotency-key": "k1" },
    body: JSON.stringify({
      name: "=cmd",
      sci: { type: "scmi_smc_multiagent", agentId: 3 },
      reason: 'a "test", of exports',
    }),
  });
  expect(answer.headers.get("idempotency-replayed")).toBe("true");
  expect(await again.end()).toBe(0);
});

test("a server and its log file export the same, and a cursor goes on where the last export ended", async () => {
  expect((await inProcess(["export", "events", "--db", log])).stdout).toBe(lines);
  const { headSeq } = end(lines).end;
  const rest = await live(["export", "events", "--after", String(headSeq - 2)]);
  expect(rest.stdout.split("\n")).toHaveLength(4);
  expect(end(rest.stdout)).toEqual(end(lines));
});

test("CSV is read by spreadsheets and runs nothing in them", async () => {
  const { stdout } = await live(["export", "events", "--format", "csv"]);
  const rows = stdout.split("\r\n");
  expect(rows[0]).toMatch(
    /^seq,time,type,epoch,commandId,actor,source,reason,address,requestId,domid,agentId,/,
  );
  expect(stdout).toContain('"a ""test"", of exports"');
  expect(stdout).toContain("\"'=cmd created");
  expect(rows.at(-2)).toMatch(new RegExp(`^${end(lines).end.headSeq},,end,.*,${end(lines).end.root}$`));
});

test("CloudEvents have what their specification asks for, and names that it allows", async () => {
  const { stdout } = await live(["export", "events", "--format", "cloudevents"]);
  const events = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  for (const event of events) {
    expect(event).toMatchObject({
      specversion: "1.0",
      id: expect.any(String),
      source: expect.stringMatching(/^urn:/),
    });
    expect(Object.keys(event).filter((name) => !/^[a-z0-9]{1,20}$/.test(name))).toEqual([]);
  }
  expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  expect(events.at(-1)).toMatchObject({ type: "scmi-control-plane.end" });
});

test("an export that is followed goes on with what happens", async () => {
  const abort = new AbortController();
  const { headSeq } = end(lines).end;
  const answer = await fetch(`${served.url}/v1/audit/export?follow=true&after=${headSeq}`, {
    signal: abort.signal,
  });
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
  await live(["agent", "reset", "3"]);
  const { value } = await reader.read();
  const [first = ""] = new TextDecoder().decode(value).split("\n");
  expect(JSON.parse(first)).toMatchObject({ seq: headSeq + 1 });
  abort.abort();
});

test.each([
  ["cut off", (text: string) => text.slice(0, -200), /the file was cut off|the end is missing/],
  ["without its end", (text: string) => text.split("\n").slice(0, -2).join("\n"), /the end is missing/],
  [
    "without an event",
    (text: string) =>
      text
        .split("\n")
        .filter((_, i) => i !== 4)
        .join("\n"),
    /event 6 follows event 4/,
  ],
  [
    "with two events exchanged",
    (text: string) => text.replace(/^(.*\n.*\n.*\n)(.*\n)(.*\n)/, "$1$3$2"),
    /follows event 3/,
  ],
  [
    "with another actor",
    (text: string) => text.replace('"actor":"local"', '"actor":"mallory"'),
    /its end says that the root is/,
  ],
  [
    "with another body",
    (text: string) => text.replace(/"body":"(.{20})./, '"body":"$1x'),
    /its end says that the root is|stored/,
  ],
  ["with a fraction for a seq", (text: string) => text.replace('"seq":1,', '"seq":1.5,'), /seq: /],
  ["that is CSV", () => "seq,time\n1,2\n", /it is no JSON/],
  ["that is empty", () => "", /the end is missing/],
])("an export %s is refused, and leaves nothing behind", async (what, change, why) => {
  const file = at(`bad ${what}.jsonl`);
  const target = at(`bad ${what}.db`);
  writeFileSync(file, change(lines));
  const run = await inProcess(["import", "events", file, "--db", target]);
  expect(run.status).toBe(1);
  expect(run.stderr).toMatch(why);
  expect(run.stderr).toContain("code: import-invalid");
  expect(existsSync(target)).toBe(false);
  expect(existsSync(`${target}.audit-key`)).toBe(false);
});

test("a backup of a live log restores to the same, and an altered one does not", async () => {
  const copy = at("backup.db");
  expect((await inProcess(["backup", copy, "--db", log])).status).toBe(0);
  expect((await inProcess(["backup", copy, "--db", log])).stderr).toContain("code: log-exists");
  expect((await inProcess(["backup", at("nowhere/backup.db"), "--db", log])).stderr).toContain(
    "code: file-unwritable",
  );
  const restored = await scmictl(["restore", copy, "--db", at("restored.db")]);
  expect(restored.stdout).toMatch(/restored\.db: \d+ events, each verified/);
  const exported = await inProcess(["export", "events", "--db", at("restored.db")]);
  expect(end(exported.stdout).end.headSeq).toBeGreaterThan(end(lines).end.headSeq - 1);

  const alterations = [
    "DROP TRIGGER events_are_never_updated; UPDATE events SET domid = 7 WHERE type = 'domain.created'",
    "DROP TRIGGER commands_are_never_updated; UPDATE commands SET reason = 'another' WHERE reason IS NOT NULL",
    "UPDATE domains SET name = 'another'",
  ];
  for (const [i, alteration] of alterations.entries()) {
    const altered = at(`altered ${i}.db`);
    copyFileSync(copy, altered);
    const db = new Sqlite(altered);
    db.exec(alteration);
    db.close();
    const refused = await inProcess(["restore", altered, "--db", at("never.db")]);
    expect(refused.stderr).toContain("code: backup-altered");
    expect(refused.status).toBe(1);
    expect(existsSync(at("never.db"))).toBe(false);
  }
});
