import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { canVerify, filesOf } from "../support/evidence.ts";
import { inProcess } from "../support/in-process.ts";
import { type ServedBoard, scmictl, scratchFolder, serveBoard, serveWitness } from "../support/scmictl.ts";

// A log whose checkpoints another machine cosigns, and evidence from it that a third one verifies, all as typed.

const folder = scratchFolder();
const path = (name: string) => join(folder.path, name);
const log = path("log.db");
let vkey: string;
let witnessKey: string;
let witness: ServedBoard;
let served: ServedBoard;

const board = ["--board", "examples/two-guests/board.yaml", "--db", log];
const ask = (...args: string[]) => inProcess(args, { env: { SCMICTL_URL: served.url } });

beforeAll(async () => {
  // The log's key is there when its first server has started; the witness is told it, and the log of the witness.
  await (await serveBoard(board)).end();
  vkey = JSON.parse((await inProcess(["audit", "show", "--db", log, "--json"])).stdout).keys[0].vkey;
  witness = await serveWitness(["--state", path("w.state"), "--log", vkey]);
  const [, address = ""] = /--witness '([^']+)'/.exec(witness.banner) ?? [];
  witnessKey = address.slice(address.indexOf("=") + 1);
  served = await serveBoard([...board, "--witness", address]);
});
afterAll(async () => {
  await served.end();
  await witness.end();
  folder.remove();
});

/** Takes a bundle apart and runs the verifier that lies in it. */
function verdict(file: string, ...args: string[]) {
  const place = path(`${file}.d`);
  mkdirSync(place);
  execFileSync("tar", ["-xf", path(file), "-C", place]);
  const run = spawnSync("python3", [join(place, "verify.py"), "--key", vkey, ...args], { encoding: "utf8" });
  return { status: run.status, text: run.stdout + run.stderr };
}

test("the witness cosigns what happens, and the log tells how far", async () => {
  await ask("domain", "create", "--xlcfg", "examples/two-guests/red.cfg");
  await vi.waitFor(
    async () => {
      const { items, size } = JSON.parse((await ask("audit", "witnesses", "--json")).stdout);
      expect(items).toMatchObject([{ state: "cosigning", cosignedSize: size, failures: 0 }]);
    },
    { timeout: 5000, interval: 200 },
  );
  expect((await ask("audit", "witnesses")).stdout).toMatch(/\bcosigning\b/);
  const metrics = await (await fetch(`${served.url}/metrics`)).text();
  expect(metrics).toMatch(/^scmi_witness_cosigned_size\{.*state="cosigning"\} \d+$/m);
});

test.skipIf(!canVerify)(
  "evidence out of the server, and out of its file, is verified by whoever gets it",
  async () => {
    const asked = await ask("audit", "bundle", "--question", "who --device gpu", "--out", path("a.tar"));
    expect(asked).toMatchObject({ status: 0, stderr: expect.stringContaining("verify.py --key VKEY") });
    const first = verdict("a.tar");
    expect(first, first.text).toMatchObject({
      status: 0,
      text: expect.stringMatching(/"deviceName": "gpu"[\s\S]*yes\n$/),
    });

    await served.end();
    const question = "explain red gpu --at 2099-01-01";
    const offline = ["audit", "bundle", "--db", log, "--question", question, "--out", path("b.tar")];
    const explained = await inProcess(offline);
    expect(explained.status, explained.stderr).toBe(0);
    // The last checkpoint of a server that is stopped in peace is cosigned too.
    const second = verdict("b.tar", "--witness", witnessKey);
    expect(second, second.text).toMatchObject({ status: 0, text: expect.stringContaining(" saw it on ") });
    served = await serveBoard(board);
  },
);

test("what cannot be asked with evidence is told before anything is written", async () => {
  for (const question of [
    "who",
    "whom --device gpu",
    "who --device",
    "who gpu",
    "explain 2",
    "who --device a --device b",
  ]) {
    const run = await ask("audit", "bundle", "--question", question, "--out", path("x.tar"));
    const isOurs = run.status === 2 && run.stderr.includes("who --device D [--at T]");
    const isServers = run.status === 1 && run.stderr.includes("request-invalid");
    expect(isOurs || isServers, `${question}: ${run.stderr}`).toBe(true);
  }
  const unknown = await ask("audit", "bundle", "--question", "who --device nonsense", "--out", path("x.tar"));
  expect(unknown).toMatchObject({ status: 1, stderr: expect.stringContaining("subject-not-found") });
  const early = await ask("audit", "bundle", "--question", "permissions --at 0", "--out", path("x.tar"));
  expect(early).toMatchObject({ status: 1, stderr: expect.stringContaining("evidence-unavailable") });
});

test("the verifier can be had from the program, and is the one in the bundles", async () => {
  const { stdout } = await scmictl(["audit", "verifier"]);
  expect(stdout).toBe(readFileSync("tools/verify_bundle.py", "utf8"));
  await ask("audit", "bundle", "--question", "exposure", "--out", path("c.tar"));
  expect(
    filesOf(readFileSync(path("c.tar")))
      .get("verify.py")
      ?.toString(),
  ).toBe(stdout);
});
