import { join } from "node:path";
import { expect, test } from "vitest";
import { inProcess } from "../support/in-process.ts";
import { runs } from "../support/runs.ts";
import { type ServedBoard, scratchFolder, serveBoard } from "../support/scmictl.ts";
import { TWO_GUESTS } from "../support/two-guests.ts";

const KILLS = runs(3, 300);
const WRITERS = 8;

/** Keys of writes: those that were answered, and those whose answer was lost with the server. */
interface Writes {
  readonly answered: Map<string, string>;
  readonly lost: Set<string>;
}

/** One write that leaves exactly one mark in the log: an agent's reset, whose reason is its key. */
async function write(url: string, key: string, writes: Writes): Promise<boolean> {
  try {
    const response = await fetch(`${url}/v1/agents/3/reset`, {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": key },
      body: JSON.stringify({ permissions: true, reason: key }),
    });
    const answer = await response.text();
    if (response.status !== 200) throw new Error(`HTTP ${response.status}: ${answer}`);
    expect(writes.answered.get(key) ?? answer).toBe(answer);
    writes.answered.set(key, answer);
    writes.lost.delete(key);
    return true;
  } catch {
    writes.lost.add(key);
    return false;
  }
}

/** Writes as fast as it goes, until the server is killed under it. */
async function load(server: ServedBoard, round: number, writes: Writes): Promise<void> {
  let count = 0;
  const writer = async () => {
    for (;;) {
      count += 1;
      if (!(await write(server.url, `write-${round}-${count}`, writes))) return;
    }
  };
  const writers = Array.from({ length: WRITERS }, writer);
  // Any moment: between two commits, in the middle of one, before the first.
  await new Promise((resolve) => setTimeout(resolve, (round * 37) % 150));
  await server.end("SIGKILL");
  await Promise.all(writers);
}

async function marksOf(db: string): Promise<Map<string, number>> {
  const marks = new Map<string, number>();
  const { stdout } = await inProcess(["log", "--json", "--db", db]);
  let seq = 0;
  for (const line of stdout.trimEnd().split("\n")) {
    const event = JSON.parse(line);
    seq += 1;
    expect(event.seq).toBe(seq);
    if (event.type === "agent.reset") marks.set(event.reason, (marks.get(event.reason) ?? 0) + 1);
  }
  return marks;
}

test(`kill -9 under load, ${KILLS} times: no acknowledged write is lost, none is done twice`, async () => {
  const folder = scratchFolder();
  const db = join(folder.path, "host.db");
  const writes: Writes = { answered: new Map(), lost: new Set() };
  try {
    for (let round = 1; round <= KILLS; round += 1) {
      const server = await serveBoard(["--board", TWO_GUESTS, "--db", db]);
      // Whoever got no answer asks again, with the same key.
      for (const key of [...writes.lost]) expect(await write(server.url, key, writes)).toBe(true);
      // Whoever got one gets the same again, and nothing is done.
      const known = [...writes.answered.keys()].at(-1);
      if (known !== undefined) expect(await write(server.url, known, writes)).toBe(true);
      await load(server, round, writes);
    }
    const server = await serveBoard(["--board", TWO_GUESTS, "--db", db]);
    for (const key of [...writes.lost]) expect(await write(server.url, key, writes)).toBe(true);
    expect(await server.end()).toBe(0);

    const marks = await marksOf(db);
    expect(writes.answered.size).toBeGreaterThan(KILLS);
    expect([...marks.keys()].sort()).toEqual([...writes.answered.keys()].sort());
    expect([...marks.values()].filter((count) => count !== 1)).toEqual([]);
    expect(await inProcess(["replay", "--db", db])).toMatchObject({ status: 0 });
    expect(await inProcess(["audit", "verify", "--db", db])).toMatchObject({ status: 0 });
  } finally {
    folder.remove();
  }
}, 3_600_000);
