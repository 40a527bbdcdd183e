import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hostText } from "#cli/host-text.ts";
import { RestHost } from "../support/rest.ts";
import { funcIdOf, hostWith } from "../support/scenario.ts";
import { PASSTHROUGH, singleAgent } from "../support/single-agent.ts";

let host: RestHost;
beforeAll(async () => {
  host = await RestHost.start({}, hostWith(singleAgent(PASSTHROUGH)));
});
afterAll(() => host.end());

const driver = { name: "drv", sci: { type: "scmi_smc" }, dtdev: ["/soc/both@4000"] };

describe("a served host of the single-agent mediator", () => {
  test("shows its mediator, in JSON and in words", async () => {
    const { body } = await host.get("/v1/host");
    expect(body.mediator).toMatchObject({
      mode: "single-agent",
      registered: true,
      probe: { result: "probed" },
      managementAgent: null,
      passthrough: true,
      node: "/firmware/scmi",
    });
    expect(hostText(body)).toMatch(
      /mediator: +single-agent \(v10\), probed.*SCMI goes to: +the first guest/s,
    );
    const events = (await host.get("/v1/events?type=mediator.probed")).body.items;
    expect(events).toMatchObject([
      {
        data: { mode: "single-agent", passthrough: true },
        text: expect.stringContaining("0x82000002 is for"),
      },
    ]);
  });

  test("tells what dom0 may map for the guest", async () => {
    const [dom0] = (await host.get("/v1/events?type=domain.created")).body.items;
    expect(dom0).toMatchObject({
      text: "Domain-0 created, without an agent; it may map 0x47ff0000 for a guest",
      data: { iomem: { address: "0x47ff0000", bytes: 0x1000 } },
    });
  });

  test("a guest that asks for SCMI holds the agent of the function id, and is its driver", async () => {
    const { status, body } = await host.post("/v1/domains", driver);
    expect(status).toBe(201);
    expect(body).toMatchObject({ domid: 1, sciType: "scmi_smc", agentId: 0, devices: [{ deviceIds: [] }] });
    const agents = (await host.get("/v1/agents")).body.items;
    expect(agents.map(({ id, role, domid }: never) => [id, role, domid])).toEqual([
      [0, "ospm", 1],
      [1, "ospm", null],
      [2, "ospm", null],
      [3, "ospm", null],
    ]);
    const call = { protocol: "base", message: "BASE_DISCOVER_AGENT", params: { agentId: 0xffff_ffff } };
    expect((await host.post("/v1/domains/1/scmi", call)).body).toMatchObject({
      status: "SUCCESS",
      result: { agentId: 0 },
    });
    const smc = await host.post("/v1/domains/0/smc", { x: [funcIdOf(0)] });
    expect(smc.body).toMatchObject({ handled: false, x: ["0xffffffffffffffff", "0x0", "0x0", "0x0"] });
    expect((await host.get(`/v1/events/${smc.body.seq}`)).body.data.reason).toBe("unprivileged");
  });

  test("a second that asks is refused, and a destroyed owner makes way without a message", async () => {
    const late = await host.post("/v1/domains", { ...driver, name: "late", dtdev: [] });
    expect(late).toMatchObject({ status: 409, body: { code: "domain-creation-refused", errno: "EEXIST" } });
    const restarted = await host.post("/v1/domains/1/restart");
    expect(restarted.body).toMatchObject({ domid: 3, agentId: 0 });
    expect((await host.ask("DELETE", "/v1/domains/3")).body).toMatchObject({ state: "destroyed" });
    expect((await host.get("/v1/agents/0")).body.domid).toBeNull();
    expect((await host.get("/v1/events?type=agent.reset")).body.items).toEqual([]);
  });

  test.each([
    ["POST", "/v1/agents/0/reset", { permissions: true }],
    ["PUT", "/v1/agents/0/devices/1", { allowed: true }],
  ])("%s %s needs a channel of Xen's own, and is refused without a trace", async (method, path, body) => {
    const before = (await host.get("/v1/host")).body.headSeq;
    const answer = await host.ask(method, path, { body });
    expect(answer).toMatchObject({ status: 409, body: { code: "mediator-without-management" } });
    expect((await host.get("/v1/host")).body.headSeq).toBe(before);
  });

  test("its log verifies, its tables rebuild, and a later start goes on with it", async () => {
    await host.post("/v1/domains", driver);
    expect((await host.post("/v1/replay", {})).body).toMatchObject({ divergences: [] });
    expect((await host.post("/v1/projections/rebuild")).body).toMatchObject({ identical: true });
    const { stateHash } = (await host.get("/v1/host")).body;
    await host.restart();
    expect((await host.get("/v1/host")).body).toMatchObject({ stateHash, mediator: { passthrough: true } });
    expect((await host.post("/v1/host/reboot", {})).body).toMatchObject({ epoch: 2 });
    expect((await host.get("/v1/agents/0")).body.domid).toBeNull();
  });
});
