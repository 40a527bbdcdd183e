import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { formatSignerKey, generateSignerKey, parseVerifierKey } from "#audit/note/keys.ts";
import { parseNote, signersOf } from "#audit/note/note.ts";
import { type Rotation, rotateKey } from "#audit/rotation.ts";
import { auditVerify } from "#cli/audit/verifying.ts";
import { AuditedHost, resets, tamper } from "../support/audited-host.ts";
import { inProcess } from "../support/in-process.ts";
import { whole } from "../support/rest.ts";

let host: AuditedHost;
let first: string;

beforeEach(async () => {
  host = new AuditedHost();
  first = await host.run(async (control) => {
    await resets(control, 3);
    return control.audit?.verifierKey ?? "";
  });
});
afterEach(() => host.end());

const rotate = (): Rotation => whole(rotateKey(host.file, "two-guests"));
const verdict = async (...vkey: string[]) =>
  whole(await auditVerify({ db: host.file, ...(vkey.length > 0 ? { vkey } : {}) })).verdict;

test("the next key is signed by the one before, and whoever trusts either trusts the log, before and after", async () => {
  const { stdout, status } = await inProcess(["audit", "rotate-key", "--db", host.file]);
  expect(status).toBe(0);
  expect(stdout).toContain(first);
  const second = await host.run(async (control) => {
    await resets(control, 3);
    return control.audit?.verifierKey ?? "";
  });
  expect(second).not.toBe(first);
  const { after: third } = rotate();
  await host.run(async (control) => resets(control, 1));
  for (const key of [first, second, third]) expect(await verdict(key)).toBe("unaltered");
  expect(await verdict()).toBe("unaltered");
  const stranger = generateSignerKey("example.org/x", "note").verifier;
  expect(await verdict(`${stranger.name}+00000000+x`).catch(() => "refused")).toBe("refused");
});

test("the checkpoint of a rotation has both signatures", async () => {
  const { before, after } = rotate();
  const keys = [before, after].map((vkey) => whole(parseVerifierKey(vkey)));
  expect(whole(signersOf(whole(parseNote(host.beside(".audit-checkpoint"))), keys))).toHaveLength(2);
});

test("a link of the chain that was altered breaks it for those on its other side", async () => {
  const { after } = rotate();
  await host.run(async (control) => resets(control, 1));
  const key = host.beside(".audit-key");
  for (const sql of [
    "UPDATE audit_keys SET note = NULL WHERE number = 2",
    "UPDATE audit_keys SET from_size = from_size + 1 WHERE number = 2",
    "UPDATE audit_keys SET note = replace(note, 'v1', 'v2') WHERE number = 2",
  ]) {
    const copy = host.copy("copy");
    tamper(copy, (db) => db.exec(sql));
    for (const vkey of [first, after]) {
      const report = whole(await auditVerify({ db: copy, vkey: [vkey] }));
      expect(report.faults[0]?.table, sql).toBe("audit_keys");
    }
  }
  expect(key.startsWith("PRIVATE+KEY+")).toBe(true);
});

test("cut off before the log names the new key, the old one stays", async () => {
  const next = formatSignerKey(generateSignerKey("example.org/x", "note"));
  writeFileSync(`${host.file}.audit-key.next`, next);
  await host.run((control) => expect(control.audit?.verifierKey).toBe(first));
  expect(existsSync(`${host.file}.audit-key.next`)).toBe(false);
});

test("cut off after that, the new key takes its place at the next start", async () => {
  const old = join(host.folder, "old-key");
  copyFileSync(`${host.file}.audit-key`, old);
  const { after } = rotate();
  // As it was before the last step.
  copyFileSync(`${host.file}.audit-key`, `${host.file}.audit-key.next`);
  copyFileSync(old, `${host.file}.audit-key`);
  await host.run((control) => expect(control.audit?.verifierKey).toBe(after));
  expect(existsSync(`${host.file}.audit-key.next`)).toBe(false);
});

test("a served log is not rotated, nor one that is not what was signed", async () => {
  await host.run(async () => {
    expect(rotateKey(host.file, "x")).toMatchObject({ code: "log-in-use" });
  });
  tamper(host.file, (db) => db.exec("UPDATE events SET leaf = randomblob(32) WHERE seq = 2"));
  expect(rotateKey(host.file, "x")).toMatchObject({ code: "log-rewritten" });
  rmSync(`${host.file}.audit-key`);
  expect(rotateKey(host.file, "x")).toMatchObject({ code: "audit-key-missing" });
});

test("on the command line: show, checkpoint, proof, verify, and their exit statuses", async () => {
  const out = join(host.folder, "out");
  const show = await inProcess(["audit", "show", "--db", host.file]);
  expect(show.stdout).toContain(first);
  expect(await inProcess(["audit", "checkpoint", "--db", host.file, "--out", out])).toMatchObject({
    status: 0,
    stdout: "",
  });
  expect(readFileSync(out, "utf8")).toBe(host.beside(".audit-checkpoint"));
  expect((await inProcess(["audit", "checkpoint", "--db", host.file])).stdout).toBe(
    host.beside(".audit-checkpoint"),
  );
  expect((await inProcess(["audit", "proof", "--db", host.file, "--seq", "3"])).stdout).toMatch(
    /^c2sp\.org\/tlog-proof@v1\n/,
  );
  expect(await inProcess(["audit", "proof", "--db", host.file, "--seq", "999"])).toMatchObject({ status: 1 });
  expect(await inProcess(["audit", "proof", "--db", host.file])).toMatchObject({ status: 2 });
  const good = await inProcess(["audit", "verify", "--db", host.file, "--checkpoint", out]);
  expect(good).toMatchObject({ status: 0, stderr: "" });
  expect(good.stdout).toMatch(/verdict: +unaltered/);
  tamper(host.file, (db) => db.exec("UPDATE commands SET actor = 'eve' WHERE id = 2"));
  const bad = await inProcess(["audit", "verify", "--db", host.file]);
  expect(bad.status).toBe(1);
  expect(bad.stderr).toContain("the log was altered: event ");
  expect(await inProcess(["audit", "verify", "--db", join(host.folder, "none.db")])).toMatchObject({
    status: 1,
  });
  expect(await inProcess(["audit", "verify"])).toMatchObject({ status: 2 });
});
