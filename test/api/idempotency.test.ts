import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RestHost } from "../support/rest.ts";

const GUEST = { name: "red", sci: { type: "scmi_smc_multiagent", agentId: 2 }, reason: "first" };

let host: RestHost;
beforeAll(async () => {
  host = await RestHost.start();
});
afterAll(() => host.end());

const key = (value: string) => ({ "idempotency-key": value });

test("the same key and request are done once and answered alike", async () => {
  const first = await host.post("/v1/domains", GUEST, key("a"));
  const { headSeq } = host.control;
  const second = await host.post("/v1/domains", GUEST, key("a"));
  expect(second.status).toBe(201);
  expect(second.body).toEqual(first.body);
  expect(second.headers.location).toBe(first.headers.location);
  expect(first.headers["idempotency-replayed"]).toBeUndefined();
  expect(second.headers["idempotency-replayed"]).toBe("true");
  expect(host.control.headSeq).toBe(headSeq);
});

test("the order of fields and white space do not make another request", async () => {
  const { sci, name, reason } = GUEST;
  const raw = `{ "reason": "${reason}",\n "sci": ${JSON.stringify(sci)}, "name": "${name}" }`;
  const again = await host.ask("POST", "/v1/domains", {
    raw,
    headers: { "content-type": "application/json", ...key("a") },
  });
  expect(again).toMatchObject({ status: 201, headers: { "idempotency-replayed": "true" } });
});

test("a recorded refusal is answered again too, as the refusal that it was", async () => {
  const first = await host.post("/v1/domains", { ...GUEST, name: "thief" }, key("refused"));
  expect(first).toMatchObject({ status: 409, body: { code: "domain-creation-refused" } });
  const { headSeq } = host.control;
  const second = await host.post("/v1/domains", { ...GUEST, name: "thief" }, key("refused"));
  expect(second.status).toBe(409);
  expect(second.body).toEqual(first.body);
  expect(second.headers["content-type"]).toBe("application/problem+json");
  expect(host.control.headSeq).toBe(headSeq);
});

test("a refusal that recorded nothing is no answer to keep: the request may come to something later", async () => {
  const body = { x: ["0x82000005"] };
  expect((await host.post("/v1/domains/blue/smc", body, key("later"))).status).toBe(404);
  await host.guest("blue", 3);
  expect((await host.post("/v1/domains/blue/smc", body, key("later"))).status).toBe(200);
});

describe("the same key with another request is refused", () => {
  test.each([
    ["another body", "POST", "/v1/domains", { ...GUEST, reason: "second" }],
    ["another path", "POST", "/v1/host/reboot", GUEST],
    ["another method", "DELETE", "/v1/domains/red", {}],
  ])("%s", async (_what, method, path, body) => {
    const { headSeq } = host.control;
    const sent = path === "/v1/host/reboot" ? {} : body;
    const answer = await host.ask(method, path, { body: sent, headers: key("a") });
    expect(answer).toMatchObject({ status: 422, body: { code: "idempotency-key-reused" } });
    expect(host.control.headSeq).toBe(headSeq);
  });
});

test("while the first is under way the second is told to wait", async () => {
  const send = () => host.post("/v1/domains/red/smc", { x: ["0x82000004"] }, key("burst"));
  const { headSeq } = host.control;
  const answers = await Promise.all(Array.from({ length: 20 }, send));
  const statuses = answers.map(({ status }) => status);
  expect(statuses).toContain(200);
  for (const { status, body } of answers) {
    expect(status === 200 || body.code === "idempotency-in-flight").toBe(true);
  }
  expect(host.control.headSeq).toBe(headSeq + 1);
  expect((await send()).headers["idempotency-replayed"]).toBe("true");
});

test("keys outlive a restart, with status, body and Location", async () => {
  const first = await host.post("/v1/domains", GUEST, key("a"));
  await host.restart();
  const { headSeq } = host.control;
  const again = await host.post("/v1/domains", GUEST, key("a"));
  expect(again).toMatchObject({ status: 201, body: first.body, headers: { "idempotency-replayed": "true" } });
  expect(again.headers.location).toBe(first.headers.location);
  const other = await host.post("/v1/domains", { ...GUEST, name: "x" }, key("a"));
  expect(other.body.code).toBe("idempotency-key-reused");
  expect(host.control.headSeq).toBe(headSeq);
});

test("without a key every request is its own", async () => {
  const { headSeq } = host.control;
  await host.post("/v1/domains/red/smc", { x: ["0x0"] });
  await host.post("/v1/domains/red/smc", { x: ["0x0"] });
  expect(host.control.headSeq).toBe(headSeq + 2);
});
