import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { expect, test } from "vitest";
import { scratchFolder, serveBoard } from "../support/scmictl.ts";

test("tables that an older program filled are served at once, and made anew by themselves", async () => {
  const folder = scratchFolder();
  const log = join(folder.path, "log.db");
  const args = ["--board", "examples/two-guests/board.yaml", "--db", log, "--port", "0"];
  await (await serveBoard(args)).end("SIGTERM");
  const db = new Sqlite(log);
  db.exec("UPDATE projections SET version = 0 WHERE name = 'domains'; UPDATE domains SET name = 'as it was'");
  db.close();

  const server = await serveBoard(args);
  const host = async () =>
    (await (await fetch(`${server.url}/v1/host`)).json()) as { staleProjections: string[] };
  for (let tries = 0; (await host()).staleProjections.length > 0 && tries < 100; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { items } = (await (await fetch(`${server.url}/v1/domains`)).json()) as { items: { name: string }[] };
  expect((await host()).staleProjections).toEqual([]);
  expect(items.map(({ name }) => name)).toEqual(["Domain-0"]);
  await server.end("SIGTERM");
  folder.remove();
});
