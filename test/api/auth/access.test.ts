import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Role } from "#api/auth/roles.ts";
import { createServer } from "#api/server.ts";
import { type RestHost, whole } from "../../support/rest.ts";
import { addToken, bearer, guardedHost } from "./tokens.ts";

let host: RestHost;
let tokens: Readonly<Record<Role, string>>;
let file: string;
let now = Date.UTC(2026, 10, 20);
beforeEach(async () => {
  now = Date.UTC(2026, 10, 20);
  ({ host, tokens, file } = await guardedHost({ now: () => now }));
});
afterEach(() => host.end());

const last = async (type: string) => {
  const { body } = await host.get(`/v1/events?type=${type}&limit=1000`, bearer(tokens.admin));
  return body.items as readonly {
    seq: number;
    actor: string;
    text: string;
    request?: { address: string; id: string };
    data: {
      requests: readonly { count: number; code: string }[];
      others: number;
      path: string;
      query: string;
    };
  }[];
};
const reboot = (token: string, headers: Readonly<Record<string, string>> = {}, body: unknown = {}) =>
  host.post("/v1/host/reboot", body, { ...bearer(token), ...headers });

test("the log names the token's holder, where it called from, its request and its trace", async () => {
  const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const answer = await reboot(
    tokens.admin,
    { traceparent, "x-request-id": "ticket-17" },
    { reason: "firmware update" },
  );
  expect(answer).toMatchObject({ status: 200, headers: { "x-request-id": "ticket-17" } });
  const { body } = await host.get(`/v1/events/${answer.body.firstSeq}`, bearer(tokens.viewer));
  expect(body).toMatchObject({
    actor: "ada",
    reason: "firmware update",
    request: { address: "127.0.0.1", id: "ticket-17", traceparent },
  });
});

test.each([
  "nonsense",
  "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
  "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
])("a trace that is none is left out: %s", async (traceparent) => {
  const { body } = await reboot(tokens.admin, { traceparent, "x-request-id": "no id\u00e9" });
  const event = await host.get(`/v1/events/${body.firstSeq}`, bearer(tokens.viewer));
  expect(event.body.request).toEqual({ address: "127.0.0.1", id: expect.stringMatching(/^[0-9a-f]{16}$/) });
});

test("a revoked token ends at once, an expired one at its time; a lost file lets nobody in", async () => {
  const guest = addToken(file, "guest", "viewer", "2026-11-20T01:00:00Z");
  expect((await host.get("/v1/host", bearer(guest))).status).toBe(200);
  now += 3_600_000;
  expect(await host.get("/v1/host", bearer(guest))).toMatchObject({
    status: 401,
    headers: { "www-authenticate": "Bearer" },
    body: { code: "token-refused", detail: expect.stringContaining("expired 2026-11-20T01:00:00Z") },
  });
  const list = JSON.parse(readFileSync(file, "utf8"));
  list.tokens[1].revoked = "2026-11-20T00:30:00Z";
  writeFileSync(file, JSON.stringify(list));
  expect((await host.get("/v1/host", bearer(tokens.operator))).body).toMatchObject({
    code: "token-refused",
    detail: expect.stringContaining("revoked"),
  });
  writeFileSync(file, "{");
  expect((await host.get("/v1/host", bearer(tokens.admin))).body.code).toBe("token-file-invalid");
  rmSync(file);
  expect(await host.get("/v1/host", bearer(tokens.admin))).toMatchObject({
    status: 503,
    body: { code: "token-file-invalid", detail: expect.stringContaining("it is gone") },
  });
  writeFileSync(file, JSON.stringify(list));
  expect((await host.get("/v1/host", bearer(tokens.admin))).status).toBe(200);
});

test("what streams ends with its token: nothing that is recorded later is sent", async () => {
  const open = async (path: string, token: string) => {
    const answer = await fetch(`${host.url}${path}`, { headers: bearer(token) });
    expect(answer.status).toBe(200);
    return answer;
  };
  const stream = await open("/v1/events/stream?after=0", tokens.viewer);
  const follow = await open("/v1/audit/export?follow=true", tokens.auditor);
  const list = JSON.parse(readFileSync(file, "utf8"));
  for (const token of list.tokens.slice(2)) token.revoked = "2026-11-20T00:30:00Z";
  writeFileSync(file, JSON.stringify(list));
  const { body } = await reboot(tokens.admin);
  const text = await stream.text();
  expect(text).toMatch(/\nevent: problem\ndata: .*revoked 2026-11-20T00:30:00Z.*"token-refused".*\n\n$/);
  expect(text).not.toContain(`id: ${body.lastSeq}\n`);
  await expect(follow.text()).rejects.toThrow();
});

test.each([
  ["Basic YTpi", "not a token of this program"],
  ["Bearer", "not a token of this program"],
  ["Bearer scmi_00000000_0000000000000000000000000000000000000000000", "not known here"],
  ["Bearer scmi_zz", "not a token of this program"],
])("%s is refused", async (authorization, why) => {
  expect(await host.get("/v1/host", { authorization })).toMatchObject({
    status: 401,
    body: { code: "token-refused", detail: expect.stringContaining(why) },
  });
});

test("the right id with another secret is refused, and the file keeps no secret", async () => {
  const wrong = `${tokens.admin.slice(0, -1)}${tokens.admin.endsWith("A") ? "B" : "A"}`;
  expect((await host.get("/v1/host", bearer(wrong))).status).toBe(401);
  expect(readFileSync(file, "utf8")).not.toContain(tokens.admin.slice(14));
  chmodSync(file, 0o644);
  addToken(file, "more", "viewer");
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test("a refused attempt is an event, and the answer names it", async () => {
  const answer = await reboot(tokens.operator);
  expect(answer).toMatchObject({ status: 403, body: { code: "role-refused", seq: expect.any(Number) } });
  const [event] = await last("request.refused");
  expect(event).toMatchObject({
    seq: answer.body.seq,
    actor: "otto",
    request: { address: "127.0.0.1" },
    text: "otto at 127.0.0.1: POST /v1/host/reboot refused, role-refused",
  });
  await host.post("/v1/domains", { name: 1 }, bearer(tokens.operator));
  await host.get("/v1/host");
  await host.ask("PUT", "/v1/sensors/99", { body: { readings: [1] }, headers: bearer(tokens.operator) });
  await host.get("/v1/domains/77", bearer(tokens.viewer));
  expect((await last("request.refused")).map(({ actor, data }) => [actor, data.requests[0]?.code])).toEqual([
    ["otto", "role-refused"],
    ["otto", "request-invalid"],
    ["anonymous", "token-missing"],
    ["otto", "sensor-not-found"],
  ]);
});

test("a flood of refusals shares an event, told when the server closes at the latest", async () => {
  const before = host.control.headSeq;
  for (let i = 0; i < 300; i += 1) await host.get(`/v1/agents/${i % 50}`);
  expect(host.control.headSeq - before).toBe(20);
  await host.restart();
  const events = await last("request.refused");
  expect(events).toHaveLength(21);
  const { requests, others } = events.at(-1)?.data ?? { requests: [], others: 0 };
  expect(requests).toHaveLength(20);
  expect(requests.reduce((sum, { count }) => sum + count, others)).toBe(280);
});

test("what an auditor reads for the audit is recorded once, and reading that adds nothing", async () => {
  const asked = (path: string) => host.get(path, bearer(tokens.auditor));
  await asked("/v1/permissions/history?agentId=2");
  for (let after = 0; after < 50; after += 1) await asked(`/v1/events?type=audit.read&after=${after}`);
  await asked("/v1/host");
  expect((await last("audit.read")).map(({ actor, text }) => [actor, text])).toEqual([
    ["aud", "read /v1/permissions/history?agentId=2"],
    ["aud", "read /v1/events?type=audit.read"],
  ]);
  now += 3_600_000;
  await asked("/v1/permissions/history?agentId=2");
  expect(await last("audit.read")).toHaveLength(3);
});

test("a switch makes the reason of every write mandatory, but for a guest's own ending", async () => {
  await host.close();
  host.configure({ tokens: file, requireReason: true });
  await host.open();
  expect((await reboot(tokens.admin)).body.code).toBe("reason-needed");
  expect((await reboot(tokens.admin, {}, { reason: "  " })).body.code).toBe("reason-needed");
  expect((await reboot(tokens.admin, {}, { reason: "an update" })).status).toBe(200);
  const shutdown = await host.post("/v1/domains/77/shutdown", { reason: "poweroff" }, bearer(tokens.admin));
  expect(shutdown.body.code).toBe("domain-not-found");
});

test("with tokens any name may lead here, but another site's page may still not write", async () => {
  expect((await reboot(tokens.admin, { host: "board.example:7420" })).status).toBe(200);
  expect((await reboot(tokens.admin, { host: "board.example", origin: "http://board.example" })).status).toBe(
    200,
  );
  expect((await reboot(tokens.admin, { origin: "http://evil.example" })).body.code).toBe("origin-refused");
});

test("beyond loopback it is served with tokens, and not with an empty list of them", async () => {
  await host.server.close();
  const { control } = host;
  const open = await createServer({ control, program: "test", logLevel: "silent", tokens: file });
  const url = whole(await whole(open).listen({ host: "0.0.0.0", port: 0 }));
  const { port } = new URL(url);
  expect((await fetch(`http://127.0.0.1:${port}/v1/host`)).status).toBe(401);
  await whole(open).close();
  writeFileSync(file, '{"version":1,"tokens":[]}');
  const closed = whole(await createServer({ control, program: "test", logLevel: "silent", tokens: file }));
  expect(await closed.listen({ host: "0.0.0.0", port: 0 })).toMatchObject({ code: "tokens-needed" });
  await closed.close();
  host.server = whole(await createServer({ control, program: "test", logLevel: "silent", tokens: file }));
});
