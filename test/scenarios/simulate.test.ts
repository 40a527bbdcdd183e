import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { inProcess } from "../support/in-process.ts";
import { scmictl, scratchFolder, serveBoard } from "../support/scmictl.ts";
import { TWO_GUESTS } from "../support/two-guests.ts";

const SCRIPT = [
  '{"do":"domain.create","name":"red","sci":{"type":"scmi_smc_multiagent","agentId":2},"dtdev":["/soc/gpu@20000000"]}',
  "not JSON",
  "",
  '{"do":"firmware.fault","action":"busy","message":"BASE_RESET_AGENT_CONFIGURATION","times":1}',
  '{"do":"domain.destroy","domid":"red"}',
  '{"do":"scmi","domid":0,"protocol":"base","message":"BASE_DISCOVER_AGENT","params":{"agentId":2}}',
  '{"do":"host.reboot"}',
  '{"do":"firmware.ring","agentId":1}',
].join("\n");

test("two runs of one script print the same bytes; refusals do not make it fail, and nothing is written", async () => {
  const before = readdirSync(".");
  const [first, second] = await Promise.all([
    scmictl(["simulate", "--board", TWO_GUESTS], { input: SCRIPT }),
    scmictl(["simulate", "--board", TWO_GUESTS], { input: `${SCRIPT}\n` }),
  ]);
  expect(first).toMatchObject({ status: 0, stderr: "" });
  expect(second).toEqual(first);
  const answers = first.stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(answers.map(({ ok }) => ok)).toEqual([true, false, true, false, true, true, true]);
  expect(answers[3]).toMatchObject({ errno: "EBUSY", problem: { code: "domain-destroy-refused" } });
  expect(readdirSync(".")).toEqual(before);
});

test("--no-boot", async () => {
  const input = '{"do":"domain.destroy","domid":0}\n{"do":"firmware.ring","agentId":0}';
  const { status, stdout } = await inProcess(["simulate", "--board", TWO_GUESTS, "--no-boot"], { input });
  expect(status).toBe(0);
  const [refused, rung] = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(refused).toMatchObject({ ok: false, problem: { code: "host-not-booted" }, channels: [] });
  expect(rung).toMatchObject({ ok: true, events: [] });
});

test("each line is answered before the next is written", async () => {
  const child = spawn(process.execPath, ["bin/scmictl.js", "simulate", "--board", TWO_GUESTS]);
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  for (const domid of [1, 2, 3]) {
    child.stdin.write(`{"do":"domain.create","name":"d${domid}","sci":{"type":"none"}}\n`);
    const { value } = await answers.next();
    expect(JSON.parse(value)).toMatchObject({ ok: true, result: { domid } });
  }
  child.stdin.end();
  const [status] = await once(child, "close");
  expect(status).toBe(0);
});

test("a reader that goes away ends it quietly", async () => {
  const child = spawn("bash", [
    "-c",
    `yes '{"do":"firmware.ring","agentId":0}' | node bin/scmictl.js simulate --board ${TWO_GUESTS} | head -1`,
  ]);
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  await once(child, "close");
  expect(errors).toBe("");
});

test("a log says itself what was simulated; another board beside it is told, and not taken", async () => {
  const folder = scratchFolder();
  const db = join(folder.path, "host.db");
  try {
    await (await serveBoard(["--board", TWO_GUESTS, "--db", db])).end();
    const input = '{"do":"firmware.ring","agentId":3}\n';
    const same = await inProcess(["simulate", "--board", TWO_GUESTS, "--db", db], { input });
    expect(same).toMatchObject({ status: 0, stderr: "" });
    const other = await inProcess(["simulate", "--board", "examples/rcar-v4h/board.yaml", "--db", db], {
      input,
    });
    expect(other).toMatchObject({ status: 0, stdout: same.stdout });
    expect(other.stderr).toContain("another board");
    const beyond = await inProcess(["simulate", "--db", db, "--at", "999"], { input });
    expect(beyond).toMatchObject({ status: 1, stdout: "" });
    expect(beyond.stderr).toContain("code: seq-not-found");
  } finally {
    folder.remove();
  }
});
