import { createHash } from "node:crypto";
import { copyFileSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { formatVerifierKey } from "#audit/note/keys.ts";
import { type ServedBoard, scmictl, scratchFolder, serveWitness } from "../support/scmictl.ts";
import { SignedTree } from "../support/signed-tree.ts";

const folder = scratchFolder();
const tree = new SignedTree();
const state = join(folder.path, "w.state");
const args = [
  "--state",
  state,
  "--name",
  "witness.example/w1",
  "--log",
  formatVerifierKey(tree.key.verifier),
];
let served: ServedBoard;

beforeAll(async () => {
  served = await serveWitness(args);
});
afterAll(async () => {
  await served.end();
  folder.remove();
});

const add = (body: string) => fetch(`${served.url}/add-checkpoint`, { method: "POST", body });
const sizeOf = async (response: Response) => Number(await response.text());

test("it is served with the statuses and types of the protocol", async () => {
  expect(served.banner).toContain(`--witness '${served.url}=witness.example/w1+`);
  const first = await add(tree.grow(5).request(0));
  expect(first.status).toBe(200);
  expect(await first.text()).toMatch(/^— witness\.example\/w1 \S+\n$/);
  const conflict = await add(tree.request(0));
  expect([conflict.status, conflict.headers.get("content-type"), await conflict.text()]).toEqual([
    409,
    "text/x.tlog.size",
    "5\n",
  ]);
  expect((await add("old 0\n\n\n")).status).toBe(400);
  expect((await add("x".repeat(70_000))).status).toBe(413);
  const got = await fetch(`${served.url}/add-checkpoint`);
  expect([got.status, got.headers.get("allow")]).toEqual([405, "POST"]);
});

test("whoever watches a log gets the checkpoint that was cosigned", async () => {
  const pathOf = (origin: string) =>
    `${served.url}/${createHash("sha256").update(origin).digest("hex")}/checkpoint`;
  await add(tree.request(0));
  const got = await fetch(pathOf("log.example/a"));
  const text = await got.text();
  expect(text.startsWith(tree.checkpoint())).toBe(true);
  expect(text).toContain("— witness.example/w1 ");
  expect((await fetch(pathOf("log.example/b"))).status).toBe(404);
});

test("of many requests at once each is judged by what the one before left", async () => {
  const from = await sizeOf(await add(tree.grow(60).request(0)));
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => add(tree.request(from, 30 + i))));
  const statuses = answers.map(({ status }) => status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  expect(statuses.filter((status) => status === 409)).toHaveLength(19);
});

test("whatever was answered before kill -9 is known after it", async () => {
  let known = await sizeOf(await add(tree.grow(300).request(0)));
  for (let round = 0; round < 3; round += 1) {
    let isEnding = false;
    const kill = setTimeout(() => {
      isEnding = true;
      void served.end("SIGKILL");
    }, 40);
    for (;;) {
      const response = await add(tree.request(known, known + 1)).catch(() => null);
      if (response?.status !== 200) break;
      known += 1;
    }
    clearTimeout(kill);
    expect(isEnding).toBe(true);
    served = await serveWitness(args);
    const after = await sizeOf(await add(tree.request(0)));
    // One more may have been kept whose answer did not come out.
    expect([known, known + 1]).toContain(after);
    known = after;
  }
});

test("what is no HTTP, or ends in the middle, leaves it standing", async () => {
  for (const bytes of [
    "\0\0\0",
    "POST /add-checkpoint HTTP/1.1\r\nhost: x\r\ncontent-length: 99\r\n\r\nold",
  ]) {
    await new Promise((resolve) => {
      const socket = connect(Number(new URL(served.url).port), "127.0.0.1", () => socket.end(bytes));
      socket.on("close", resolve).on("error", resolve).resume();
    });
  }
  expect((await add(tree.request(0))).status).toBe(409);
});

test("it says on standard error what it answered, and to what", async () => {
  await add(tree.request(0));
  expect(served.errors()).toMatch(/^409 "log\.example\/a": \d+$/m);
});

test("a key that is none, and another program's file, are told as what they are", async () => {
  const usage = await scmictl(["witness", "serve", "--state", join(folder.path, "x"), "--log", "nonsense"]);
  expect([usage.status, usage.stderr]).toEqual([2, expect.stringContaining("not a verifier key (vkey)")]);
  const other = join(folder.path, "readme");
  copyFileSync("README.md", other);
  const readme = await scmictl(["witness", "serve", "--state", other]);
  expect([readme.status, readme.stderr]).toEqual([1, expect.stringContaining("witness-state-invalid")]);
  expect(readFileSync(other)).toEqual(readFileSync("README.md"));
});
