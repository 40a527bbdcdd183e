import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RestHost } from "../support/rest.ts";

/** CLOCK_RATE_GET of clock 1, as a guest writes it: FREE is cleared, then length, header, clock id. */
const CLOCK_RATE_GET = "0000000000000000000000000000000000000000080000000650000001000000";
const GPU = "/soc/gpu@20000000";
const I2C = "/soc/i2c@10001000";

let host: RestHost;
beforeAll(async () => {
  host = await RestHost.start();
});
afterAll(() => host.end());

describe("the host", () => {
  test("shows its mediator, its place in the log and its findings", async () => {
    const { status, body } = await host.get("/v1/host");
    expect(status).toBe(200);
    expect(body).toMatchObject({
      name: "two-guests",
      epoch: 1,
      mediator: {
        mode: "multi-agent",
        registered: true,
        managementAgent: 1,
        probe: { result: "probed", errno: null },
      },
      profile: "v32",
      findings: [],
      headSeq: host.control.headSeq,
      stateHash: host.control.stateHash,
      staleProjections: [],
    });
  });

  test("is alive and ready", async () => {
    expect((await host.get("/healthz")).body).toEqual({ status: "ok" });
    expect((await host.get("/readyz")).body).toEqual({ status: "ready", headSeq: host.control.headSeq });
  });

  test("answers HEAD like GET, without the body", async () => {
    const { status, headers, body } = await host.ask("HEAD", "/v1/host");
    expect({ status, body, type: headers["content-type"] }).toEqual({
      status: 200,
      body: "",
      type: "application/json; charset=utf-8",
    });
  });
});

describe("a guest's life", () => {
  test("it is created from its xl.cfg, with the device of its dtdev", async () => {
    const xlcfg = readFileSync("examples/two-guests/red.cfg", "utf8");
    const { status, headers, body } = await host.post("/v1/domains", { xlcfg, reason: "the demo" });
    expect(status).toBe(201);
    expect(headers.location).toBe("/v1/domains/1");
    expect(body).toMatchObject({ domid: 1, name: "red", state: "running", agentId: 2, origin: "toolstack" });
    expect(body.devices).toMatchObject([{ path: GPU, deviceIds: [1] }]);
    expect((await host.get("/v1/domains/1")).body).toEqual(body);
    expect((await host.get("/v1/domains/red")).body).toEqual(body);
    expect((await host.get(`/v1/domains/${body.uuid.toUpperCase()}`)).body).toEqual(body);
  });

  test("another is created field by field, and gets a device afterwards", async () => {
    const created = await host.post("/v1/domains", {
      name: "blue",
      sci: { type: "scmi_smc_multiagent", agentId: 3 },
      passthrough: true,
      uuid: "AA0F2B6E-9D34-4A0F-8C53-5A1B6E4F0C77",
    });
    expect(created.body).toMatchObject({
      domid: 2,
      uuid: "aa0f2b6e-9d34-4a0f-8c53-5a1b6e4f0c77",
      devices: [],
    });
    const assigned = await host.post("/v1/domains/blue/devices", {
      path: I2C,
      reason: "it drives the sensors",
    });
    expect(assigned).toMatchObject({ status: 200, body: { path: I2C, deviceIds: [0] } });
    const event = (await host.get(`/v1/events/${assigned.body.seq}`)).body;
    expect(event).toMatchObject({
      type: "device.assigned",
      actor: "local",
      source: "rest",
      reason: "it drives the sensors",
      domid: 2,
    });
  });

  test("its SMC is forwarded byte for byte, and answered in its page", async () => {
    const { status, body } = await host.post("/v1/domains/1/smc", {
      x: ["0x82000004"],
      shmem: CLOCK_RATE_GET,
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ handled: true, x: ["0x0", "0x0", "0x0", "0x0"] });
    // FREE, length 16, the same header, SUCCESS, 400 MHz.
    expect(body.shmem).toHaveLength(256);
    expect(body.shmem).toMatch(/^0{8}01000000(0{8}){3}1000000006500000(0{8})0084d717(0{8})/);
  });

  test("an SMC that nobody knows is answered, not refused", async () => {
    const { status, body } = await host.post("/v1/domains/1/smc", { x: ["0xc2000099"] });
    expect({ status, handled: body.handled, x0: body.x[0] }).toEqual({
      status: 200,
      handled: false,
      x0: "0xffffffffffffffff",
    });
    expect((await host.get(`/v1/events/${body.seq}`)).body.type).toBe("smc.refused");
  });

  test("it makes a whole SCMI transfer by names, or by numbers and bytes", async () => {
    const named = await host.post("/v1/domains/red/scmi", {
      protocol: "clock",
      message: "CLOCK_RATE_GET",
      params: { clockId: 1 },
    });
    expect(named).toMatchObject({ status: 200, body: { status: "SUCCESS", statusCode: 0 } });
    expect(named.body.result.rate).toBe("0x17d78400");
    const numbered = await host.post("/v1/domains/1/scmi", {
      protocol: 0x14,
      message: 6,
      payload: "01000000",
    });
    expect(numbered.body).toMatchObject({ status: "SUCCESS", payload: named.body.payload });
  });

  test("it restarts under a new domid, and is destroyed", async () => {
    const before = (await host.get("/v1/domains/blue")).body;
    const restarted = (await host.post("/v1/domains/blue/restart")).body;
    expect(restarted).toMatchObject({ domid: 3, name: "blue", uuid: before.uuid, state: "running" });
    const gone = await host.ask("DELETE", "/v1/domains/3", { body: { reason: "done" } });
    expect(gone).toMatchObject({ status: 200, body: { domid: 3, state: "destroyed" } });
    expect((await host.get("/v1/domains/3")).body).toEqual(gone.body);
  });

  test("it ends itself, and what follows is what its configuration says", async () => {
    const created = (await host.guest("green", 3)).body;
    const rebooted = await host.post("/v1/domains/green/shutdown", { reason: "reboot" });
    expect(rebooted.body).toMatchObject({ domid: created.domid + 1, name: "green", state: "running" });
    const off = await host.post("/v1/domains/green/shutdown", { reason: "poweroff" });
    expect(off.body).toMatchObject({ domid: created.domid + 1, state: "destroyed" });
    const { items } = (await host.get("/v1/events?type=domain.shutdown")).body;
    expect(items.map((event: { data: { reason: string } }) => event.data.reason)).toEqual([
      "reboot",
      "poweroff",
    ]);
    // Why a guest ends is no reason of who asked.
    expect(items[0].reason).toBeUndefined();
  });

  test("domains are listed in the order of creation, by state, by page", async () => {
    const all = (await host.get("/v1/domains")).body;
    expect(all.items.map(({ name }: { name: string }) => name)).toEqual([
      "Domain-0",
      "red",
      "blue",
      "blue",
      "green",
      "green",
    ]);
    const running = (await host.get("/v1/domains?state=running")).body;
    expect(running.items.map(({ name }: { name: string }) => name)).toEqual(["Domain-0", "red"]);
    const first = (await host.get("/v1/domains?limit=4")).body;
    expect(first.items).toHaveLength(4);
    const second = (await host.get(`/v1/domains?limit=4&after=${first.next}`)).body;
    expect([...first.items, ...second.items]).toEqual(all.items);
    expect(second.next).toBeNull();
  });
});

describe("agents, devices and permissions", () => {
  test("agents are shown with who holds them", async () => {
    const { items, next } = (await host.get("/v1/agents")).body;
    expect(next).toBeNull();
    expect(items[1]).toEqual({
      id: 1,
      name: "xen",
      funcId: "0x82000003",
      shmem: "0x47ff1000",
      role: "management",
      domid: null,
      channel: { state: "ok", sinceSeq: null },
    });
    expect((await host.get("/v1/agents/2")).body).toMatchObject({ id: 2, role: "ospm", domid: 1 });
    const page = (await host.get("/v1/agents?limit=2&after=0")).body;
    expect(page).toMatchObject({ items: [{ id: 1 }, { id: 2 }], next: 2 });
  });

  test("devices are shown with their resources and nodes", async () => {
    const { items } = (await host.get("/v1/devices")).body;
    expect(items[1]).toMatchObject({
      id: 1,
      name: "gpu",
      resources: { clocks: [1], powerDomains: [1], resets: [] },
      paths: [GPU],
    });
  });

  test("an administrator grants, revokes and resets on Xen's channel", async () => {
    const granted = await host.ask("PUT", "/v1/agents/3/devices/0", {
      body: { allowed: true, reason: "ticket 7" },
    });
    expect(granted).toMatchObject({ status: 200, body: { status: "SUCCESS", errno: null } });
    const allowed = async () => {
      const { items } = (await host.get("/v1/permissions")).body;
      return items.find((cell: Cell) => cell.agentId === 3 && cell.deviceId === 0).allowed;
    };
    expect(await allowed()).toBe(true);
    const reset = await host.post("/v1/agents/3/reset", { permissions: true });
    expect(reset.body).toMatchObject({ status: "SUCCESS", errno: null });
    expect(await allowed()).toBe(false);
  });

  test("what the firmware refuses is a result", async () => {
    const { status, body } = await host.ask("PUT", "/v1/agents/3/devices/99", { body: { allowed: true } });
    expect(status).toBe(200);
    expect(body.status).toBe("NOT_FOUND");
    expect(body.errno).toBe("ENOENT");
  });

  test("the matrix of a moment is the same by seq and by time, to the microsecond", async () => {
    const [change] = (await host.get("/v1/permissions/history?agentId=3&deviceId=0")).body.items;
    const then = (await host.get(`/v1/permissions?at=${change.seq}`)).body;
    const event = (await host.get(`/v1/events/${change.seq}`)).body;
    const { items } = (await host.get(`/v1/events?commandId=${event.commandId}`)).body;
    // The command's events share its time: a moment means the last of them.
    const byTime = (await host.get(`/v1/permissions?at=${event.time}`)).body;
    expect(byTime.at).toBe(items.at(-1).seq);
    const cell = ({ agentId, deviceId }: Cell) => agentId === 3 && deviceId === 0;
    expect(then.items.find(cell)).toMatchObject({
      allowed: true,
      sinceSeq: change.seq,
      sinceTime: event.time,
    });
    const justBefore = `${event.time.slice(0, -7)}${String(Number(event.time.slice(-7, -1)) - 1).padStart(6, "0")}Z`;
    const earlier = (await host.get(`/v1/permissions?at=${justBefore}`)).body;
    expect(earlier.at).toBeLessThan(items[0].seq);
    expect(earlier.items.find(cell).allowed).toBe(false);
  });

  test("a time after the last event is now; one before the first is before everything", async () => {
    const now = (await host.get("/v1/permissions?at=2999-01-01T00:00:00Z")).body;
    expect(now).toEqual((await host.get("/v1/permissions")).body);
    expect((await host.get("/v1/permissions?at=1999-01-01T00:00:00Z")).body).toEqual({
      at: 0,
      items: [],
      next: null,
    });
  });

  test("history tells each change, and explain the chain behind a permission", async () => {
    const history = (await host.get("/v1/permissions/history?agentId=3&deviceId=0")).body;
    expect(history.items.map(({ allowed, cause }: Change) => [cause, allowed])).toEqual([
      ["device.assign", true],
      ["domain.restart", false],
      ["permission.set", true],
      ["agent.reset", false],
    ]);
    expect(history.items[0]).toMatchObject({ reason: "it drives the sensors", actor: "local", domid: 2 });
    const { seq } = history.items[2];
    const explained = (await host.get(`/v1/permissions/explain?agentId=3&deviceId=0&at=${seq}`)).body;
    expect(explained).toMatchObject({ agentId: 3, deviceId: 0, at: seq, allowed: true });
    expect(explained.chain.at(-1)).toMatchObject({ seq, cause: "permission.set", reason: "ticket 7" });
  });

  test("the matrix and the history page", async () => {
    for (const path of ["/v1/permissions?", "/v1/permissions/history?"]) {
      const all = (await host.get(path)).body.items;
      const paged = [];
      let after = "";
      for (;;) {
        const page = (await host.get(`${path}limit=5${after}`)).body;
        paged.push(...page.items);
        if (page.next === null) break;
        after = `&after=${page.next}`;
      }
      expect(paged).toEqual(all);
    }
  });

  test("a range of the history can be given by time", async () => {
    const { items } = (await host.get("/v1/permissions/history")).body;
    const { time } = items[4];
    const from = (await host.get(`/v1/permissions/history?from=${time}`)).body.items;
    expect(from).toEqual(items.filter((change: Change) => change.time >= time));
    const to = (await host.get(`/v1/permissions/history?to=${time}`)).body.items;
    expect(to).toEqual(items.filter((change: Change) => change.time <= time));
  });
});

describe("the log", () => {
  test("events page from the oldest on, and are dense", async () => {
    const { headSeq } = host.control;
    const seqs: number[] = [];
    let after: number | null = 0;
    while (after !== null) {
      const page: { items: { seq: number }[]; next: number | null } = (
        await host.get(`/v1/events?limit=7&after=${after}`)
      ).body;
      seqs.push(...page.items.map(({ seq }) => seq));
      after = page.next;
    }
    expect(seqs).toEqual(Array.from({ length: headSeq }, (_, i) => i + 1));
  });

  test("filters go together", async () => {
    const { items } = (await host.get("/v1/events?type=smc.forwarded&domid=1&agentId=2&limit=1000")).body;
    expect(items.length).toBe(3);
    for (const event of items) expect(event).toMatchObject({ type: "smc.forwarded", domid: 1, agentId: 2 });
    const { items: none } = (await host.get("/v1/events?type=smc.forwarded&domid=1&agentId=3")).body;
    expect(none).toEqual([]);
  });

  test("a command's events are found by its id", async () => {
    const { items } = (await host.get("/v1/events?commandId=1&limit=1000")).body;
    expect(items[0].type).toBe("host.configured");
    expect(items.at(-1).seq).toBe(items.length);
    expect((await host.get("/v1/events?commandId=999999")).body).toEqual({ items: [], next: null });
    expect((await host.get("/v1/events?commandId=1&limit=2&after=1")).body).toMatchObject({
      items: [{ seq: 2 }, { seq: 3 }],
      next: 3,
    });
  });

  test("an SMC is decoded", async () => {
    const { items } = (await host.get("/v1/events?type=smc.forwarded&domid=1")).body;
    expect(items[0].data).toMatchObject({
      origin: "domain",
      x: ["0x82000004", "0x0", "0x0", "0x0", "0x0", "0x0", "0x0", "0x0"],
      request: { header: "0x5006", payload: "01000000" },
      decoded: {
        protocol: "clock",
        message: "CLOCK_RATE_GET",
        response: { status: "SUCCESS", rate: "0x17d78400" },
      },
    });
  });

  test("writes of the command line are told apart", async () => {
    const { body } = await host.post("/v1/domains/1/smc", { x: ["0x0"] }, { "scmictl-version": "1" });
    expect((await host.get(`/v1/events/${body.seq}`)).body.source).toBe("cli");
  });

  test("the projections can be refolded, to what they were", async () => {
    const before = (await host.get("/v1/domains")).body;
    const { status, body } = await host.post("/v1/projections/rebuild");
    expect(status).toBe(200);
    expect(body.identical).toBe(true);
    expect(body.tables.map(({ name }: { name: string }) => name)).toContain("domains");
    expect((await host.get("/v1/domains")).body).toEqual(before);
    await host.post("/v1/domains/1/smc", { x: ["0x0"] });
  });

  test("the host reboots, and everybody is gone but dom0", async () => {
    const { status, body } = await host.post("/v1/host/reboot", { cause: "crash" });
    expect(status).toBe(200);
    expect(body.epoch).toBe(2);
    const { items } = (await host.get("/v1/domains?state=running")).body;
    expect(items.map(({ name }: { name: string }) => name)).toEqual(["Domain-0"]);
    const boot = (await host.get(`/v1/events?type=host.booted&after=${body.firstSeq - 1}`)).body.items;
    expect(boot).toMatchObject([{ epoch: 2, data: { cause: "crash" } }]);
    expect((await host.post("/v1/host/reboot")).body.epoch).toBe(3);
  });
});

test("metrics count what the log has", async () => {
  const { headers, body } = await host.get("/metrics");
  expect(headers["content-type"]).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(body).toContain(`scmi_log_head_seq ${host.control.headSeq}\n`);
  expect(body).toContain("scmi_log_writable 1\n");
  expect(body).toContain("scmi_host_epoch 3\n");
  expect(body).toMatch(/scmi_smc_forwarded_total\{agent="2"\} \d+/);
  expect(body).toMatch(
    /http_request_duration_seconds_count\{method="POST",route="\/v1\/domains\/:domid\/smc",status="200"\} \d/,
  );
});

test("a domid that came back names its holder of a moment", async () => {
  const again = await RestHost.start();
  const create = (name: string) => again.post("/v1/domains", { name, sci: { type: "none" } });
  await create("first");
  const first = (await again.get("/v1/domains/1")).body;
  const { body: reboot } = await again.post("/v1/host/reboot");
  await create("second");
  expect((await again.get("/v1/domains/1")).body.name).toBe("second");
  expect((await again.get(`/v1/domains/1?at=${reboot.lastSeq}`)).body).toMatchObject({
    ...first,
    state: "destroyed",
    destroyedSeq: reboot.firstSeq + 1,
  });
  expect((await again.get(`/v1/domains/${first.uuid}`)).body.name).toBe("first");
  expect((await again.get(`/v1/domains/1?at=${first.createdSeq - 1}`)).body.code).toBe("domain-not-found");
  expect((await again.get("/v1/domains/1?at=999999")).body.code).toBe("position-out-of-range");
  await again.end();
});

test("tables of an older program say so, until they are refolded", async () => {
  const old = await RestHost.start();
  old.control.exclusively((db) => db.exec("UPDATE projections SET version = 0 WHERE name = 'domains'"));
  await old.restart();
  expect((await old.get("/v1/host")).body.staleProjections).toEqual(["domains"]);
  expect((await old.get("/v1/domains")).headers["stale-projection"]).toBe("domains");
  expect((await old.get("/v1/agents")).headers["stale-projection"]).toBeUndefined();
  await old.post("/v1/projections/rebuild");
  expect((await old.get("/v1/host")).body.staleProjections).toEqual([]);
  expect((await old.get("/v1/domains")).headers["stale-projection"]).toBeUndefined();
  await old.end();
});

interface Cell {
  readonly agentId: number;
  readonly deviceId: number;
}

interface Change {
  readonly time: string;
  readonly allowed: boolean;
  readonly cause: string;
}
