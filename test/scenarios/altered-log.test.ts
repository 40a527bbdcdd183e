import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inProcess } from "../support/in-process.ts";
import { scmictl, scratchFolder, serveBoard } from "../support/scmictl.ts";
import { TWO_GUESTS } from "../support/two-guests.ts";

const folder = scratchFolder();
const db = join(folder.path, "host.db");

beforeAll(async () => {
  const server = await serveBoard(["--board", TWO_GUESTS, "--db", db]);
  await inProcess(["domain", "create", "examples/two-guests/red.cfg", "--url", server.url]);
  await inProcess(["domain", "destroy", "red", "--url", server.url]);
  await server.end();
});
afterAll(() => folder.remove());

test("an altered row is named by replay, by its seq, and the file is left as it is", async () => {
  expect((await inProcess(["replay", "--db", db])).status).toBe(0);
  const file = new Sqlite(db);
  expect(() => file.exec("UPDATE events SET domid = 9 WHERE seq = 12")).toThrow("append-only");
  file.exec("DROP TRIGGER events_are_never_updated");
  // One byte of the body: what firmware answered to the permission, or somewhere near it.
  const body = file.prepare("SELECT body FROM events WHERE seq = 13").pluck().get() as Buffer;
  body[body.length - 1] = (body[body.length - 1] as number) ^ 1;
  file.prepare("UPDATE events SET body = ? WHERE seq = 13").run(body);
  file.close();

  const { status, stdout } = await inProcess(["replay", "--json", "--db", db]);
  expect(status).toBe(1);
  expect(JSON.parse(stdout).divergences[0]).toMatchObject({ seq: 13 });
  const human = await inProcess(["replay", "--db", db]);
  expect(human.status).toBe(1);
  expect(human.stderr).toContain("the log diverges, first at event 13");
  // What the log now says of that moment never was: nothing is forked from it.
  const fork = await scmictl(["simulate", "--db", db, "--at", "13"]);
  expect(fork).toMatchObject({ status: 1, stdout: "" });
  expect(fork.stderr).toContain("code: log-damaged");
});
