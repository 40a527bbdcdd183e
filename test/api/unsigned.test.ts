import { mkdirSync, rmdirSync, rmSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { RestHost } from "../support/rest.ts";

test("checkpoints that cannot be kept are a warning, refuse no write, and are tried again until they can", async () => {
  const stderr = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const logged = () => stderr.mock.calls.map(([line]) => String(line)).join("");
  const host = await RestHost.start({ logLevel: "warn" });
  expect((await host.get("/readyz")).body).toEqual({ status: "ready", headSeq: host.control.headSeq });
  // A folder is where the newest checkpoint should lie.
  const place = `${host.file}.audit-checkpoint`;
  rmSync(place, { force: true });
  mkdirSync(place);
  expect((await host.guest("red", 2)).status).toBe(201);
  host.control.audit?.checkpoint(Number.POSITIVE_INFINITY);

  const warning = "the audit log's checkpoints cannot be signed, or not be kept: ";
  const { status, body } = await host.get("/readyz");
  expect(status).toBe(200);
  expect(body).toMatchObject({ status: "ready", warnings: [expect.stringContaining(warning)] });
  expect(body.warnings[0]).toContain(place);
  expect((await host.get("/metrics")).body).toContain("scmi_audit_signing 0\n");
  expect((await host.guest("blue", 3)).status).toBe(201);
  expect(logged()).toContain(warning);
  expect(logged().split(warning)).toHaveLength(2);

  rmdirSync(place);
  await expect
    .poll(async () => (await host.get("/readyz")).body, { timeout: 5000 })
    .not.toHaveProperty("warnings");
  expect((await host.get("/metrics")).body).toContain("scmi_audit_signing 1\n");
  expect(logged()).toContain("checkpoints are signed again");
  await host.end();
  stderr.mockRestore();
});
