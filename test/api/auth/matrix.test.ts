import { afterAll, beforeAll, expect, test } from "vitest";
import { type Access, mayCall, ROLES, type Role } from "#api/auth/roles.ts";
import type { RestHost } from "../../support/rest.ts";
import { bearer, guardedHost } from "./tokens.ts";

/** What each call needs: a new route has to be entered here. */
const CALLS: Readonly<Record<string, Access>> = {
  "GET /healthz": "open",
  "GET /readyz": "open",
  "GET /metrics": "view",
  "GET /openapi.json": "open",
  "GET /v1/host": "view",
  "POST /v1/host/reboot": "administer",
  "POST /v1/host/firmware/complete": "operate",
  "GET /v1/agents": "view",
  "GET /v1/agents/{agentId}": "view",
  "POST /v1/agents/{agentId}/reset": "administer",
  "PUT /v1/agents/{agentId}/devices/{deviceId}": "administer",
  "GET /v1/domains": "view",
  "POST /v1/domains": "operate",
  "GET /v1/domains/{domid}": "view",
  "DELETE /v1/domains/{domid}": "operate",
  "POST /v1/domains/{domid}/restart": "operate",
  "POST /v1/domains/{domid}/shutdown": "operate",
  "POST /v1/domains/{domid}/devices": "operate",
  "POST /v1/domains/{domid}/smc": "operate",
  "POST /v1/domains/{domid}/scmi": "operate",
  "POST /v1/domains/{domid}/p2a/ack": "operate",
  "PUT /v1/sensors/{sensorId}": "operate",
  "GET /v1/domains/{domid}/export/xlcfg": "view",
  "GET /v1/domains/{domid}/export/partial-tree": "view",
  "GET /v1/domains/{domid}/export/guest-tree": "view",
  "GET /v1/agents/{agentId}/export/xlcfg": "view",
  "GET /v1/agents/{agentId}/export/partial-tree": "view",
  "GET /v1/host/export/overlay": "view",
  "GET /v1/host/export/dom0-tree": "view",
  "GET /v1/devices": "view",
  "GET /v1/permissions": "view",
  "GET /v1/permissions/history": "view",
  "GET /v1/permissions/explain": "view",
  "GET /v1/permissions/diff": "view",
  "GET /v1/bisect": "view",
  "GET /v1/audit/who": "audit",
  "GET /v1/audit/use": "audit",
  "GET /v1/audit/exposure": "audit",
  "GET /v1/audit/denials": "audit",
  "GET /v1/audit/export": "audit",
  "GET /v1/events": "view",
  "GET /v1/events/{seq}": "view",
  "GET /v1/events/stream": "view",
  "GET /v1/state": "view",
  "GET /v1/state/diff": "view",
  "POST /v1/replay": "view",
  "POST /v1/whatif": "view",
  "POST /v1/shrink": "view",
  "POST /v1/projections/rebuild": "administer",
  "GET /v1/audit": "view",
  "GET /v1/audit/proof": "view",
  "GET /v1/audit/consistency": "view",
  "GET /v1/audit/witnesses": "view",
  "GET /v1/audit/bundle": "audit",
  "GET /tlog/checkpoint": "view",
  "GET /tlog/tile/{*}": "view",
};

let host: RestHost;
let tokens: Readonly<Record<Role, string>>;
beforeAll(async () => {
  ({ host, tokens } = await guardedHost());
});
afterAll(() => host.end());

test("every call of the API is in the table, and nothing else", async () => {
  const { body } = await host.get("/openapi.json");
  const served = Object.entries(body.paths as object).flatMap(([path, methods]) =>
    Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(Object.keys(CALLS).sort()).toEqual([...served, "GET /openapi.json"].sort());
});

/** What cannot be, so that no call that is let in changes anything. */
const NOWHERE: Readonly<Record<string, string>> = {
  agentId: "99999",
  deviceId: "99999",
  domid: "32000",
  sensorId: "99999",
  seq: "999999999",
};

test.each(Object.entries(CALLS))("%s needs `%s`, of each role and of nobody", async (call, access) => {
  const [method = "", pattern = ""] = call.split(" ");
  const path = pattern.replaceAll(/\{(\w+)\}/g, (_, name: string) => NOWHERE[name] ?? "0");
  const ask = async (headers: Readonly<Record<string, string>>) => {
    // A body of nonsense: whoever is let in is told so.
    const abort = new AbortController();
    const answer = await fetch(host.url + path, {
      method,
      headers: { ...headers, ...(method === "GET" ? {} : { "content-type": "application/json" }) },
      ...(method === "GET" ? {} : { body: '{"nonsense":true}' }),
      signal: abort.signal,
    });
    const { status } = answer;
    const isProblem = answer.headers.get("content-type") === "application/problem+json";
    const body = isProblem ? ((await answer.json()) as { code: string }) : null;
    // An event stream never ends by itself.
    abort.abort();
    return { status, code: body?.code };
  };
  const nobody = await ask({});
  if (access === "open") expect(nobody.status).toBe(200);
  else expect(nobody).toEqual({ status: 401, code: "token-missing" });
  for (const role of ROLES) {
    const { status, code } = await ask(bearer(tokens[role]));
    if (mayCall(role, access)) expect([401, 403], `${role} ${call}: ${code}`).not.toContain(status);
    else expect({ status, code }, `${role} ${call}`).toEqual({ status: 403, code: "role-refused" });
  }
});
