import { execFileSync, spawn, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseCheckpoint } from "#audit/note/checkpoint.ts";
import { cosign } from "#audit/note/cosignature.ts";
import { formatVerifierKey, generateSignerKey } from "#audit/note/keys.ts";
import { formatNote } from "#audit/note/note.ts";
import { tamper } from "../support/audited-host.ts";
import { RestHost, whole } from "../support/rest.ts";

/** An implementation that is not ours: from the RFC and C2SP, in another language, with OpenSSL's Ed25519. */
const TOOL = "tools/tlog_check.py";
const has = (program: string, ...args: string[]): boolean => spawnSync(program, args).status === 0;
const isThere = has("python3", "--version") && has("openssl", "version");

/** Not blocking: the server that it may ask is this very process. */
function check(...args: string[]): Promise<{ status: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn("python3", [TOOL, ...args]);
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
}

describe.skipIf(!isThere)("tools/tlog_check.py (needs python3 and openssl)", () => {
  let host: RestHost;
  let vkey: string;
  const file = (name: string): string => join(host.folder, name);

  beforeAll(async () => {
    host = await RestHost.start();
    await host.post("/v1/domains", { name: "blau", sci: { type: "none" } });
    writeFileSync(file("old"), (await host.get("/tlog/checkpoint")).body);
    // A command whose input is too long to stand in its entries as it is.
    await host.post("/v1/domains", {
      xlcfg: `name = "rot"
# ${"é".repeat(3000)}
arm_sci = "type=none"
`,
    });
    for (let i = 0; i < 130; i += 1) {
      await host.post("/v1/agents/2/reset", {
        permissions: true,
        reason: "naïve ✓",
      });
    }
    const { body } = await host.get(`/v1/audit/proof?seq=${host.control.headSeq}`);
    vkey = (await host.get("/v1/audit")).body.keys[0].vkey;
    writeFileSync(file("new"), body.checkpoint);
    writeFileSync(file("proof"), body.tlogProof);
  });
  afterAll(() => host.end());

  test("accepts our checkpoints, and refuses them by another key or with another size", async () => {
    expect(await check("checkpoint", "--vkey", vkey, file("new"))).toMatchObject({ status: 0 });
    const other = formatVerifierKey(generateSignerKey(vkey.split("+")[0] as string, "note").verifier);
    expect(await check("checkpoint", "--vkey", other, file("new"))).toMatchObject({ status: 1 });
    writeFileSync(file("bad"), readFileSync(file("new"), "utf8").replace(/\n(\d+)\n/, "\n1$1\n"));
    expect(await check("checkpoint", "--vkey", vkey, file("bad"))).toMatchObject({ status: 1 });
  });

  test("accepts our cosignatures, and refuses a wrong one", async () => {
    const witness = generateSignerKey("witness.example/w", "cosignature");
    const { note } = whole(parseCheckpoint(readFileSync(file("new"), "utf8")));
    const cosigned = (text: string) =>
      formatNote({ text: note.text, signatures: [...note.signatures, cosign(text, witness, 1_795_132_800)] });
    const keys = ["--vkey", vkey, "--vkey", formatVerifierKey(witness.verifier)];
    writeFileSync(file("cosigned"), cosigned(note.text));
    expect(await check("checkpoint", ...keys, file("cosigned"))).toMatchObject({ status: 0 });
    writeFileSync(file("cosigned"), cosigned(`${note.text}x\n`));
    expect(await check("checkpoint", ...keys, file("cosigned"))).toMatchObject({ status: 1 });
  });

  test("accepts one-file proofs, reads their entries, and refuses every other proof", async () => {
    const seq = host.control.headSeq;
    const good = await check("proof", "--vkey", vkey, "--seq", String(seq), file("proof"));
    expect(good.status).toBe(0);
    expect(JSON.parse(good.stdout)).toMatchObject({ seq, type: "agent.reset", actor: "local" });
    const text = readFileSync(file("proof"), "utf8");
    const changed = [
      text.replace(/index (\d+)/, (_, index: string) => `index ${Number(index) - 1}`),
      text.replace(/extra .{8}/, (line) => `extra AAAA${line.slice(10)}`),
      text.replace(/\n.{43}=\n/, "\n"),
    ];
    for (const bad of changed) {
      expect(bad).not.toBe(text);
      writeFileSync(file("bad"), bad);
      expect(await check("proof", "--vkey", vkey, file("bad"))).toMatchObject({ status: 1 });
    }
    for (const sample of [1, 2, 128, 257]) {
      const { body } = await host.get(`/v1/audit/proof?seq=${sample}`);
      writeFileSync(file("sample"), body.tlogProof);
      expect((await check("proof", "--vkey", vkey, file("sample"))).stderr).toBe("");
    }
  });

  test("accepts our consistency proofs, and no others", async () => {
    const [from, to] = ["old", "new"].map((name) => readFileSync(file(name), "utf8").split("\n")[1]);
    const { body } = await host.get(`/v1/audit/consistency?from=${from}&to=${to}`);
    writeFileSync(file("consistency"), JSON.stringify(body));
    const args = ["consistency", "--vkey", vkey, file("old"), file("new"), "--proof"];
    expect((await check(...args, file("consistency"))).stderr).toBe("");
    writeFileSync(file("bad"), JSON.stringify({ proof: body.proof.slice(1) }));
    expect(await check(...args, file("bad"))).toMatchObject({ status: 1 });
  });

  test("reads the whole log over the tiles", async () => {
    const { status, stdout, stderr } = await check("tiles", "--vkey", vkey, `${host.url}/tlog`);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^\d+ events/);
  });

  test("makes the leaves of a file from its rows, long values too, and finds a change", async () => {
    const copy = file("copy.db");
    host.control.exclusively((db) => db.exec(`VACUUM INTO '${copy}'`));
    const args = ["log", "--vkey", vkey, "--checkpoint", file("new"), copy];
    expect((await check(...args)).stderr).toBe("");
    tamper(copy, (db) =>
      db.exec("UPDATE commands SET input = replace(input, 'é', 'e') WHERE length(input) > 3000"),
    );
    expect(await check(...args)).toMatchObject({ status: 1 });
  });
});

test("the tool compiles wherever there is a python3", () => {
  if (!has("python3", "--version")) return;
  execFileSync("python3", ["-c", `compile(open("${TOOL}").read(), "${TOOL}", "exec")`]);
});
