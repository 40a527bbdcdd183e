import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inProcess } from "../support/in-process.ts";
import { type ServedBoard, scmictl, scratchFolder, serveBoard } from "../support/scmictl.ts";

const BOARD = "examples/two-guests/board.yaml";
const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;

const folder = scratchFolder();
const log = join(folder.path, "log.db");
const key = join(folder.path, "key.pem");
const cert = join(folder.path, "cert.pem");
let served: ServedBoard;
const tokens: Record<string, string> = {};

const create = async (name: string, role: string) => {
  const run = await inProcess(["token", "create", "--db", log, "--name", name, "--role", role]);
  expect(run.status, run.stderr).toBe(0);
  tokens[name] = run.stdout.trim();
  return run;
};
const as = (name: string) => ({
  env: { SCMICTL_URL: served.url, SCMICTL_TOKEN: tokens[name] ?? "", NODE_EXTRA_CA_CERTS: cert },
});

beforeAll(async () => {
  await create("ada", "admin");
  await create("vera", "viewer");
  const tls: string[] = [];
  if (hasOpenssl) {
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"];
    const fresh = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    execFileSync("openssl", [...fresh, "-keyout", key, "-out", cert, ...subject], { stdio: "ignore" });
    tls.push("--tls-key", key, "--tls-cert", cert);
  } else {
    writeFileSync(cert, "");
  }
  served = await serveBoard(["--board", BOARD, "--db", log, "--require-reason", ...tls]);
});
afterAll(async () => {
  await served.end();
  folder.remove();
});

test("what was booted is told to whoever started it, over TLS where there is a key", () => {
  expect(served.banner).toContain("domains:");
  expect(served.banner).toContain(`tokens:             ${log}.tokens`);
  expect(served.url).toMatch(hasOpenssl ? /^https:/ : /^http:/);
});

test("a viewer sees the domains and may not make one; the log knows both", async () => {
  expect((await scmictl(["domain", "list"], as("vera"))).status).toBe(0);
  const refused = await scmictl(["host", "reboot", "--reason", "to see"], as("vera"));
  expect(refused.status).toBe(1);
  expect(refused.stderr).toMatch(
    /vera is viewer; this call is for admin[\s\S]*role-refused, recorded as event \d+/,
  );
  expect((await scmictl(["host", "reboot"], as("ada"))).stderr).toContain("--reason TEXT");
  expect((await scmictl(["host", "reboot", "--reason", "update"], as("ada"))).status).toBe(0);
  const { stdout } = await scmictl(["log", "--type", "host.booted", "--json"], as("vera"));
  expect(JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "")).toMatchObject({
    actor: "ada",
    source: "cli",
    reason: "update",
    request: { address: "127.0.0.1" },
  });
});

test("without a token nothing is told; a revoked one is refused at once, and its name is not given again", async () => {
  expect((await scmictl(["host"], as("nobody"))).stderr).toContain("code: token-missing");
  await create("temp", "auditor");
  expect((await scmictl(["history"], as("temp"))).status).toBe(0);
  const revoked = await inProcess(["token", "revoke", "temp", "--db", log]);
  expect(revoked.stdout).toMatch(/^temp \([0-9a-f]{8}\) revoked 20/);
  expect((await scmictl(["history"], as("temp"))).stderr).toContain("it was revoked");
  const again = await inProcess(["token", "create", "--db", log, "--name", "temp", "--role", "viewer"]);
  expect(again).toMatchObject({ status: 1, stderr: expect.stringContaining("code: token-name-taken") });
  const { stdout } = await inProcess(["token", "list", "--db", log]);
  expect(stdout).toMatch(/^id +name +role +created +expires +revoked\n[0-9a-f]{8} +ada +admin /);
  for (const token of Object.values(tokens))
    expect(stdout + readFileSync(`${log}.tokens`, "utf8")).not.toContain(token);
});

test.each([
  [["token", "create", "--name", "x", "--role", "viewer"], 2, "give --db LOG or --tokens FILE"],
  [["token", "create", "--db", log, "--name", "local", "--role", "viewer"], 2, "but not local"],
  [["token", "create", "--db", log, "--name", "x", "--role", "king"], 2, "Allowed choices are admin"],
  [
    ["token", "create", "--db", log, "--name", "x", "--role", "viewer", "--expires", "soon"],
    2,
    "It is no time",
  ],
  [["token", "revoke", "nobody", "--db", log], 1, "has no token nobody"],
  [["token", "list", "--tokens", join(folder.path, "none")], 1, "there is no such file"],
  [["serve", "--board", BOARD, "--tls-key", key], 2, "go together"],
  [["serve", "--board", BOARD, "--tls-key", BOARD, "--tls-cert", BOARD], 1, "code: tls-unusable"],
  [
    ["serve", "--board", BOARD, "--host", "0.0.0.0", "--db", join(folder.path, "new.db")],
    1,
    "code: tokens-needed",
  ],
])("%j ends with %i: %s", async (args, status, why) => {
  const run = await inProcess(args as string[]);
  expect(run.stderr).toContain(why);
  expect(run.status).toBe(status);
});
