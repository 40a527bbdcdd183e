import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HTTP_STATUS } from "#api/http-status.ts";
import { PROBLEMS } from "#base/problems.ts";
import { type Answer, type Asking, RestHost } from "../support/rest.ts";

let host: RestHost;
beforeAll(async () => {
  host = await RestHost.start();
  await host.guest("red", 2);
});
afterAll(() => host.end());

/** What every refusal looks like; its code for short. */
function refused({ status, headers, body }: Answer): string {
  expect(headers["content-type"]).toBe("application/problem+json");
  expect(body).toMatchObject({
    type: `urn:scmi-control-plane:problem:${body.code}`,
    status,
    detail: expect.stringMatching(/./),
    hint: PROBLEMS[body.code as keyof typeof PROBLEMS].hint,
  });
  expect(HTTP_STATUS[body.code as keyof typeof HTTP_STATUS]).toBe(status);
  expect(body).toHaveProperty("errno");
  expect(body).toHaveProperty("seq");
  expect(body.instance).toBe(body.seq === null ? undefined : `/v1/events/${body.seq}`);
  return `${status} ${body.code}`;
}

describe("requests that cannot be read", () => {
  test.each<[what: string, method: string, path: string, asking: Asking, code: string]>([
    ["no such path", "GET", "/v1/domain", {}, "404 route-not-found"],
    ["no such path at all", "POST", "/", {}, "404 route-not-found"],
    ["a method that is not for it", "DELETE", "/v1/host", {}, "405 method-not-allowed"],
    ["a method that is for nothing", "PATCH", "/v1/domains/1", {}, "405 method-not-allowed"],
    ["a query to a stream's path by POST", "POST", "/v1/events/stream", {}, "405 method-not-allowed"],
    ["half an escape", "GET", "/v1/domains/%E0%A4%A", {}, "400 request-malformed"],
    ["half a body", "POST", "/v1/domains", json('{"name":'), "400 request-malformed"],
    [
      "a body with bytes that are no UTF-8",
      "POST",
      "/v1/domains",
      json(new Uint8Array([0x22, 0xff, 0x22])),
      "400 request-malformed",
    ],
    [
      "a body that nests without end",
      "POST",
      "/v1/domains",
      json("[".repeat(100_000)),
      "400 request-malformed",
    ],
    [
      "a deep body that is right but for that",
      "POST",
      "/v1/domains",
      json("[".repeat(5000) + "]".repeat(5000)),
      "400 request-malformed",
    ],
    [
      "a form",
      "POST",
      "/v1/domains",
      { raw: "name=x", headers: { "content-type": "application/x-www-form-urlencoded" } },
      "415 content-type-unsupported",
    ],
    ["a body without a type", "POST", "/v1/domains", { raw: '{"name":"x"}' }, "415 content-type-unsupported"],
    [
      "text",
      "POST",
      "/v1/domains",
      { raw: '{"name":"x"}', headers: { "content-type": "text/plain" } },
      "415 content-type-unsupported",
    ],
    [
      "a body that is said to be longer than it may",
      "POST",
      "/v1/domains",
      { headers: { "content-type": "application/json", "content-length": "16777217" } },
      "413 request-too-large",
    ],
  ])("%s", async (_what, method, path, asking, code) => {
    expect(refused(await host.ask(method, path, asking))).toBe(code);
  });

  test("a body of more than 16 MiB", async () => {
    const raw = JSON.stringify({ xlcfg: "x".repeat(16 * 1024 * 1024) });
    const answer = await host.ask("POST", "/v1/domains", json(raw)).catch((error) => error);
    // The server does not read to the end what it refuses, so that the caller may find the connection closed.
    if (!(answer instanceof Error)) expect(refused(answer)).toBe("413 request-too-large");
  });

  test("a wrong method says which are right", async () => {
    const { headers } = await host.ask("PATCH", "/v1/domains");
    expect(headers.allow?.split(", ").sort()).toEqual(["GET", "HEAD", "POST"]);
  });

  test("a path that nearly is one suggests it", async () => {
    expect((await host.get("/v1/agnets")).body.detail).toContain("did you mean /v1/agents?");
  });

  test("what is no HTTP", async () => {
    const text = await new Promise<string>((resolve, reject) => {
      const socket = connect(host.port, "127.0.0.1", () => socket.write("rubbish\r\n\r\n"));
      let received = "";
      socket.on("data", (chunk) => (received += chunk));
      socket.on("error", reject);
      socket.on("close", () => resolve(received));
    });
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(text).toContain("application/problem+json");
    expect(text).toContain('"code":"request-malformed"');
  });
});

describe("requests that do not fit", () => {
  test.each<[what: string, method: string, path: string, body: unknown, issue: string]>([
    [
      "an unknown field",
      "POST",
      "/v1/domains",
      { name: "x", sci: { type: "none" }, dtdevs: [] },
      "body.dtdevs: found an unknown field, allowed is name, sci, dtdev, passthrough, uuid, reason; did you mean dtdev?",
    ],
    [
      "an unknown field further down",
      "POST",
      "/v1/domains",
      { name: "x", sci: { type: "none", agentid: 1 } },
      "body.sci.agentid: found an unknown field, allowed is type, agentId; did you mean agentId?",
    ],
    [
      "a field that is missing",
      "POST",
      "/v1/domains",
      { sci: { type: "none" } },
      "body.name: found nothing, allowed is a text of 1 to 255 characters",
    ],
    [
      "no body",
      "POST",
      "/v1/domains",
      undefined,
      "body.name: found nothing, allowed is a text of 1 to 255 characters",
    ],
    [
      "null",
      "POST",
      "/v1/host/reboot",
      null,
      'body: found "null", allowed is an object with the fields cause, reason',
    ],
    [
      "a list",
      "POST",
      "/v1/domains/1/smc",
      [],
      "body: found a list of 0, allowed is an object with the fields x, shmem, reason",
    ],
    [
      "fields of both kinds of creation",
      "POST",
      "/v1/domains",
      { name: "x", xlcfg: "" },
      "body.name: found an unknown field, allowed is xlcfg, reason",
    ],
    [
      "a word that is none",
      "POST",
      "/v1/domains",
      { name: "x", sci: { type: "scmi" } },
      'body.sci.type: found "scmi", allowed is none, scmi_smc, scmi_smc_multiagent',
    ],
    [
      "an agent id that no domctl carries",
      "POST",
      "/v1/domains",
      { name: "x", sci: { type: "none", agentId: 256 } },
      "body.sci.agentId: found 256, allowed is a whole number from 0 to 255",
    ],
    [
      "a register that is no number",
      "POST",
      "/v1/domains/1/smc",
      { x: ["0x1", "zz"] },
      'body.x[1]: found "zz", allowed is hex text (0x…) below 2^64, or a whole number',
    ],
    [
      "a register of 65 bits",
      "POST",
      "/v1/domains/1/smc",
      { x: [`0x1${"0".repeat(16)}`] },
      'body.x[0]: found "0x10000000000000000", allowed is hex text (0x…) below 2^64, or a whole number',
    ],
    [
      "nine registers",
      "POST",
      "/v1/domains/1/smc",
      { x: Array(9).fill("0x0") },
      "body.x: found a list of 9, allowed is a list of up to 8 registers",
    ],
    [
      "half a byte",
      "POST",
      "/v1/domains/1/smc",
      { x: [], shmem: "000" },
      'body.shmem: found "000", allowed is hex text of at most 4096 bytes, without 0x',
    ],
    [
      "a page and a byte",
      "POST",
      "/v1/domains/1/smc",
      { x: [], shmem: "00".repeat(4097) },
      `body.shmem: found "${"0".repeat(40)}…", allowed is hex text of at most 4096 bytes, without 0x`,
    ],
    [
      "parameters and a payload",
      "POST",
      "/v1/domains/1/scmi",
      { protocol: 20, message: 6, params: {}, payload: "" },
      "body.payload: found",
    ],
    [
      "a flag in words",
      "POST",
      "/v1/agents/2/reset",
      { permissions: "yes" },
      'body.permissions: found "yes", allowed is true or false',
    ],
    [
      "a shutdown without its reason",
      "POST",
      "/v1/domains/1/shutdown",
      {},
      "body.reason: found nothing, allowed is poweroff, reboot, crash",
    ],
    [
      "a parameter of the query to a write",
      "POST",
      "/v1/host/reboot?cause=cold",
      {},
      "query.cause: found an unknown field, allowed is no field",
    ],
    [
      "an unknown parameter",
      "GET",
      "/v1/events?agentid=2",
      undefined,
      "query.agentid: found an unknown field, allowed is after, limit, type, agentId, domid, commandId; did you mean agentId?",
    ],
    [
      "a parameter twice",
      "GET",
      "/v1/events?limit=1&limit=2",
      undefined,
      "query.limit: found a list of 2, allowed is a whole number from 1 to 1000",
    ],
    [
      "no items",
      "GET",
      "/v1/events?limit=0",
      undefined,
      "query.limit: found 0, allowed is a whole number from 1 to 1000",
    ],
    [
      "an empty parameter",
      "GET",
      "/v1/events?after=",
      undefined,
      'query.after: found "", allowed is a whole number from 0 to 9007199254740991',
    ],
    [
      "an id that is no number",
      "GET",
      "/v1/agents/x",
      undefined,
      'path.agentId: found "x", allowed is a whole number from 0 to 4294967295',
    ],
    [
      "an id beyond 32 bits",
      "PUT",
      "/v1/agents/4294967296/devices/0",
      { allowed: true },
      "path.agentId: found 4294967296, allowed is a whole number from 0 to 4294967295",
    ],
    [
      "a state that is none",
      "GET",
      "/v1/domains?state=runing",
      undefined,
      'query.state: found "runing", allowed is running, dying, shutdown or destroyed',
    ],
    [
      "a moment that is none",
      "GET",
      "/v1/permissions?at=yesterday",
      undefined,
      'query.at: found "yesterday", allowed is a seq from 0 to',
    ],
    ["a day that is none", "GET", "/v1/permissions?at=2026-02-30T00:00:00Z", undefined, "query.at: found"],
    [
      "a time without its zone",
      "GET",
      "/v1/permissions?at=2026-02-20T00:00:00",
      undefined,
      "query.at: found",
    ],
    ["a reason without end", "POST", "/v1/host/reboot", { reason: "x".repeat(1001) }, "body.reason: found"],
  ])("%s", async (_what, method, path, body, issue) => {
    const answer = await host.ask(method, path, { body });
    expect(refused(answer)).toBe("400 request-invalid");
    expect(answer.body.detail).toContain(issue);
    const [first] = answer.body.issues;
    expect(answer.body.detail).toContain(`${first.path}: found ${first.found}, allowed is ${first.allowed}`);
  });

  test("every issue is listed, up to twenty", async () => {
    const body = {
      x: Array(8).fill("zz"),
      ...Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`field${i}`, i])),
    };
    const { issues } = (await host.post("/v1/domains/1/smc", body)).body;
    expect(issues).toHaveLength(21);
    expect(issues.at(-1).found).toMatch(/^\d+ more issues$/);
  });

  test("an Idempotency-Key that nobody could read", async () => {
    for (const key of ["", "x".repeat(256), "é"]) {
      const answer = await host.post("/v1/host/reboot", {}, { "idempotency-key": key });
      expect(refused(answer)).toBe("400 request-invalid");
      expect(answer.body.issues[0].path).toBe("header.idempotency-key");
    }
  });

  test("nothing of all this was recorded", async () => {
    const { items } = (await host.get("/v1/events?type=host.booted")).body;
    expect(items).toHaveLength(1);
  });
});

describe("what the machine refuses", () => {
  test.each<[what: string, method: string, path: string, body: unknown, code: string]>([
    ["an agent that is not there", "GET", "/v1/agents/9", undefined, "404 agent-not-found"],
    [
      "an agent that is not there, to be explained",
      "GET",
      "/v1/permissions/explain?agentId=9&deviceId=0",
      undefined,
      "404 agent-not-found",
    ],
    [
      "a device that is not there, to be explained",
      "GET",
      "/v1/permissions/explain?agentId=2&deviceId=9",
      undefined,
      "404 device-not-found",
    ],
    ["a domain that is not there", "GET", "/v1/domains/9", undefined, "404 domain-not-found"],
    [
      "a domain that is not there, by name",
      "POST",
      "/v1/domains/nobody/smc",
      { x: [] },
      "404 domain-not-found",
    ],
    [
      "a domid longer than numbers are",
      "GET",
      `/v1/domains/${"9".repeat(30)}`,
      undefined,
      "404 domain-not-found",
    ],
    ["an event that is not there", "GET", "/v1/events/999999", undefined, "404 seq-not-found"],
    ["event 0", "GET", "/v1/events/0", undefined, "404 seq-not-found"],
    ["a position behind the log", "GET", "/v1/permissions?at=999999", undefined, "404 position-out-of-range"],
    ["a stream from behind the log", "GET", "/v1/events/stream?after=999999", undefined, "404 seq-not-found"],
    [
      "a message that no table has",
      "POST",
      "/v1/domains/red/scmi",
      { protocol: "clock", message: "CLOCK_EAT" },
      "422 scmi-unknown-message",
    ],
    [
      "parameters that do not fit",
      "POST",
      "/v1/domains/red/scmi",
      { protocol: "clock", message: "CLOCK_RATE_GET", params: { clock: 1 } },
      "422 scmi-invalid-params",
    ],
    [
      "an SCMI transfer of a domain without a channel",
      "POST",
      "/v1/domains/plain/scmi",
      { protocol: 16, message: 0 },
      "409 domain-without-channel",
    ],
  ])("%s", async (what, method, path, body, code) => {
    if (what.includes("without a channel")) {
      await host.post("/v1/domains", { name: "plain", sci: { type: "none" } });
    }
    expect(refused(await host.ask(method, path, { body }))).toBe(code);
  });

  test("a refusal that was recorded says where", async () => {
    const answer = await host.guest("thief", 2);
    expect(refused(answer)).toBe("409 domain-creation-refused");
    const event = (await host.get(answer.body.instance)).body;
    expect(event).toMatchObject({ seq: answer.body.seq, type: "domain.creation-refused" });
    expect(answer.body.errno).toBe(event.data.errno);
  });

  test("a domid that is not there is news for a destroy, a name is not", async () => {
    const byDomid = await host.ask("DELETE", "/v1/domains/77");
    expect(refused(byDomid)).toBe("404 domain-not-found");
    expect(byDomid.body).toMatchObject({ errno: "ESRCH", seq: host.control.headSeq });
    const byName = await host.ask("DELETE", "/v1/domains/nobody");
    expect(byName.body).toMatchObject({ code: "domain-not-found", seq: null });
  });

  test("an xl.cfg that xl refuses names the line, and uses no domid", async () => {
    const answer = await host.post("/v1/domains", { xlcfg: 'name = "x"\narm_sci = "type=nonsense"\n' });
    expect(refused(answer)).toBe("409 domain-creation-refused");
    expect(answer.body.errno).toBe("EINVAL");
    const created = await host.guest("next", 3);
    const refusal = (await host.get(`/v1/events/${answer.body.seq}`)).body;
    expect(refusal.domid).toBeUndefined();
    expect(created.status).toBe(201);
  });
});

test("a bug of ours is said to be one, and shows nothing of our insides", async () => {
  const broken = await RestHost.start();
  broken.control.host = () => {
    throw new Error("secret of the house");
  };
  const answer = await broken.get("/v1/host");
  expect(refused(answer)).toBe("500 internal-error");
  expect(JSON.stringify(answer.body)).not.toContain("secret");
  await broken.end();
});

test("a disk that is full refuses writes, says so at /readyz, and keeps reads alive", async () => {
  const full = await RestHost.start();
  full.control.exclusively((db) =>
    db.pragma(`max_page_count = ${db.pragma("page_count", { simple: true })}`),
  );
  const big = { xlcfg: `name = "x"\n# ${"x".repeat(500_000)}\n` };
  const answer = await full.post("/v1/domains", big);
  expect(refused(answer)).toBe("503 log-unwritable");
  expect(refused(await full.get("/readyz"))).toBe("503 log-unwritable");
  expect((await full.get("/healthz")).status).toBe(200);
  expect((await full.get("/v1/domains")).body.items).toHaveLength(1);
  expect((await full.get("/metrics")).body).toContain("scmi_log_writable 0\n");
  full.control.exclusively((db) => db.pragma("max_page_count = 1073741823"));
  await expect.poll(async () => (await full.get("/readyz")).status, { timeout: 5000 }).toBe(200);
  expect((await full.post("/v1/domains", big)).status).toBe(201);
  await full.end();
});

function json(raw: string | Uint8Array): Asking {
  return { raw, headers: { "content-type": "application/json" } };
}
