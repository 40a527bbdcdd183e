import { expect, test } from "vitest";
import { agent, agents } from "#projections/queries/agents.ts";
import { channels } from "#projections/queries/channels.ts";
import { device, devices } from "#projections/queries/devices.ts";
import { domain, domainConfig, domains } from "#projections/queries/domains.ts";
import { smcCounters } from "#projections/queries/smc-counters.ts";
import { ERROR_COLUMNS } from "#projections/smc-counters.ts";
import { SCMI_STATUS } from "#scmi/status.ts";
import {
  assigned,
  booted,
  bootedLog,
  configured,
  created,
  destroyed,
  event,
  firmware,
  forwarded,
  HostLog,
  permits,
  probed,
  probeFailed,
  refused,
  uuidOf,
} from "./host-log.ts";

const ALL = { limit: 100 };

test("agents are those that the firmware lists; the probe tells which is Xen's own", () => {
  const log = new HostLog();
  log.command("host.configure", [configured(), booted]);
  expect(agents(log.db, ALL).items.map(({ id, role }) => [id, role])).toEqual([
    [0, "ospm"],
    [1, "ospm"],
    [2, "ospm"],
    [3, "ospm"],
  ]);
  log.command("host.reboot", [booted, probed]);
  expect(agent(log.db, 1)).toEqual({
    id: 1,
    name: "agent-1",
    funcId: "0x82000003",
    shmem: "0x47ff1000",
    role: "management",
    domid: null,
  });
  expect(agent(log.db, 9)).toBeUndefined();
});

test("an agent and its channel belong to a domain from its creation to its end", () => {
  const log = bootedLog();
  log.command("domain.create", [created(1, 2)]);
  log.command("domain.create", [created(2, null)]);
  expect(agent(log.db, 2)?.domid).toBe(1);
  expect(channels(log.db)).toEqual([
    { agentId: 1, funcId: "0x82000003", shmem: "0x47ff1000", owner: "xen" },
    { agentId: 0, funcId: "0x82000002", shmem: "0x47ff0000", owner: null },
    { agentId: 2, funcId: "0x82000004", shmem: "0x47ff2000", owner: 1 },
    { agentId: 3, funcId: "0x82000005", shmem: "0x47ff3000", owner: null },
  ]);
  log.command("domain.destroy", [destroyed(1, 2, "destroy")]);
  expect(agent(log.db, 2)?.domid).toBeNull();
  expect(channels(log.db).map(({ owner }) => owner)).toEqual(["xen", null, null, null]);
});

test("dom0 owns its channel although its domid is 0", () => {
  const log = bootedLog();
  log.command("domain.create", [created(0, 0)]);
  expect(agent(log.db, 0)?.domid).toBe(0);
  expect(channels(log.db).map(({ owner }) => owner)).toEqual(["xen", 0, null, null]);
});

test("a second probe that fails late leaves no channel; one that fails early leaves all", () => {
  const log = bootedLog();
  log.command("host.reboot", [probeFailed(false)]);
  expect(channels(log.db)).toHaveLength(4);
  log.command("host.reboot", [probeFailed(true)]);
  expect(channels(log.db)).toEqual([]);
  expect(agent(log.db, 1)?.role).toBe("management");
});

test("a changed board has its own agents and devices", () => {
  const log = bootedLog();
  const smaller = {
    ...firmware,
    agents: firmware.agents.slice(0, 2),
    devices: firmware.devices.slice(1, 2),
  };
  log.command("host.configure", [configured(smaller), booted]);
  expect(agents(log.db, ALL).items.map(({ id }) => id)).toEqual([0, 1]);
  expect(devices(log.db, ALL).items.map(({ id }) => id)).toEqual([1]);
});

test("a domain is kept with its devices when it is gone", () => {
  const log = bootedLog();
  const [first] = log.command("domain.create", [created(1, 2)]);
  const [, grant] = log.command("device.assign", [permits([2, 0, true]), assigned(1, 2, "/soc/i2c@1", [0])]);
  log.command("device.assign", [assigned(1, 2, "/soc/b@2", [])]);
  const running = domain(log.db, 1);
  expect(running).toEqual({
    domid: 1,
    uuid: uuidOf("guest-1"),
    name: "guest-1",
    origin: "toolstack",
    state: "running",
    sciType: "scmi_smc_multiagent",
    agentId: 2,
    devices: [
      { path: "/soc/i2c@1", deviceIds: [0], seq: grant?.seq },
      { path: "/soc/b@2", deviceIds: [], seq: log.headSeq },
    ],
    createdSeq: first?.seq,
    destroyedSeq: null,
  });
  log.command("domain.destroy", [destroyed(1, 2, "destroy")]);
  expect(domain(log.db, 1)).toEqual({ ...running, state: "destroyed", destroyedSeq: log.headSeq });
  expect(domainConfig(log.db, first?.seq as number)?.onReboot).toBe("restart");
});

test("a device that is assigned again is listed once, since the last time", () => {
  const log = bootedLog();
  log.command("domain.create", [created(1, 2)]);
  log.command("device.assign", [assigned(1, 2, "/soc/i2c@1", [0])]);
  log.command("device.assign", [assigned(1, 2, "/soc/i2c@1", [])]);
  expect(domain(log.db, 1)?.devices).toEqual([{ path: "/soc/i2c@1", deviceIds: [], seq: log.headSeq }]);
});

test("shutdown, rename and dying show; a refusal that leaves the domain running does not", () => {
  const log = bootedLog();
  log.command("domain.create", [created(1, 2), created(2, 3)]);
  const refusal = (dying: boolean) =>
    event("domain.destroy-refused", { errno: "EBUSY", message: "", dying }, { domid: 1 });
  log.command("domain.destroy", [refusal(false)]);
  expect(domain(log.db, 1)?.state).toBe("running");
  log.command("domain.destroy", [refusal(true)]);
  expect(domain(log.db, 1)?.state).toBe("dying");
  log.command("domain.shutdown", [
    event(
      "domain.shutdown",
      { reason: "reboot", action: "rename-restart", renamedTo: "guest-2-old" },
      { domid: 2 },
    ),
  ]);
  expect(domain(log.db, 2)).toMatchObject({ state: "shutdown", name: "guest-2-old" });
});

test("a host that crashed without a word has no living domains either", () => {
  const log = bootedLog();
  log.command("domain.create", [created(1, 2)]);
  const [boot] = log.command("host.reboot", [booted, probed]);
  expect(domain(log.db, 1)).toMatchObject({ state: "destroyed", destroyedSeq: boot?.seq });
  expect(agent(log.db, 2)?.domid).toBeNull();
});

test("a domid means its latest holder; a name or a uuid the one that lives", () => {
  const log = bootedLog();
  log.command("domain.create", [created(1, 2, "web")]);
  log.command("domain.destroy", [destroyed(1, 2, "destroy")]);
  log.command("domain.create", [created(1, 2, "db"), created(2, 3, "web")]);
  expect(domain(log.db, 1)?.name).toBe("db");
  expect(domain(log.db, "web")).toMatchObject({ domid: 2, state: "running" });
  expect(domain(log.db, uuidOf("WEB").toLowerCase())?.domid).toBe(2);
  log.command("domain.destroy", [destroyed(2, 3, "destroy")]);
  expect(domain(log.db, "web")).toMatchObject({ domid: 2, state: "destroyed" });
  expect(domain(log.db, "nobody")).toBeUndefined();
  expect(domain(log.db, 9)).toBeUndefined();
});

test("of two with a name, the one that is still dying is meant rather than a later one that is gone", () => {
  const log = bootedLog();
  log.command("domain.create", [created(1, 2, "web")]);
  log.command("domain.destroy", [
    event("domain.destroy-refused", { errno: "EBUSY", message: "", dying: true }, { domid: 1 }),
  ]);
  log.command("domain.create", [created(2, 3, "web"), destroyed(2, 3, "destroy")]);
  expect(domain(log.db, "web")).toMatchObject({ domid: 1, state: "dying" });
});

test("nothing happens to a domain that is gone", () => {
  const log = bootedLog();
  log.command("domain.create", [created(1, 2), destroyed(1, 2, "destroy")]);
  const gone = domain(log.db, 1);
  log.command("device.assign", [
    assigned(1, 2, "/soc/i2c@1", [0]),
    event("domain.destroy-refused", { errno: "EBUSY", message: "", dying: true }, { domid: 1 }),
    event("domain.shutdown", { reason: "crash", action: "preserve", renamedTo: "x" }, { domid: 1 }),
    destroyed(1, 2, "destroy"),
  ]);
  expect(domain(log.db, 1)).toEqual(gone);
});

test("domains page by the event that created them, of one state or all", () => {
  const log = bootedLog();
  const seqs = [1, 2, 3, 4, 5].map((domid) => log.command("domain.create", [created(domid, null)])[0]?.seq);
  log.command("domain.destroy", [destroyed(2, null, "destroy")]);
  const first = domains(log.db, { limit: 2 });
  expect(first.items.map(({ domid }) => domid)).toEqual([1, 2]);
  expect(first.next).toBe(seqs[1]);
  const second = domains(log.db, { limit: 2, after: first.next as number });
  const third = domains(log.db, { limit: 2, after: second.next as number });
  expect([second, third].flatMap(({ items }) => items.map(({ domid }) => domid))).toEqual([3, 4, 5]);
  expect(third.next).toBeNull();
  expect(domains(log.db, { ...ALL, state: "destroyed" }).items.map(({ domid }) => domid)).toEqual([2]);
  expect(domains(log.db, { limit: 4, state: "running" })).toMatchObject({ next: null });
});

test("a list that fits its page exactly has no next", () => {
  const log = bootedLog();
  expect(agents(log.db, { limit: 4 })).toMatchObject({ next: null });
  expect(agents(log.db, { limit: 3 })).toMatchObject({ next: 2 });
  expect(agents(log.db, { limit: 3, after: 2 }).items.map(({ id }) => id)).toEqual([3]);
});

test("devices show what they group, and the nodes that name them at the node that Xen probed", () => {
  const log = new HostLog();
  log.command("host.configure", [configured(), booted]);
  const listed = devices(log.db, ALL).items;
  expect(listed.map(({ id, name, paths }) => [id, name, paths])).toEqual([
    [0, "i2c1", ["/soc/i2c@1"]],
    [1, "gpu", ["/soc/gpu@2"]],
    [7, "timer", ["/soc/gpu@2", "/soc/timer@3"]],
  ]);
  expect(listed[0]?.resources).toMatchObject({ powerDomains: [], clocks: [0], resets: [0] });
  expect(log.rows("SELECT DISTINCT provider FROM device_paths")).toEqual([{ provider: "/chosen/xen/scmi" }]);
  log.command("host.reboot", [booted, probed]);
  expect(device(log.db, 0)).toEqual(listed[0]);
  // From then on assignment takes another node for the access controller.
  log.command("host.reboot", [booted, probeFailed(true)]);
  expect(device(log.db, 0)?.paths).toEqual([]);
});

test("SMCs are counted by agent, with the errors by status", () => {
  const log = new HostLog();
  log.command("host.configure", [configured(), booted]);
  log.command("smc", [
    forwarded(2),
    forwarded(2, -3),
    forwarded(2, -3),
    forwarded(2, -11),
    forwarded(2, -77),
  ]);
  log.command("smc", [forwarded(2, -1), refused(2), refused(null)]);
  expect(smcCounters(log.db)).toEqual([
    { agentId: null, forwarded: 0, refused: 1, unanswered: 0, errors: {}, lastSeq: 10 },
    {
      agentId: 2,
      forwarded: 6,
      refused: 1,
      unanswered: 0,
      errors: { NOT_SUPPORTED: 1, DENIED: 2, IN_USE: 1, other: 1 },
      lastSeq: 9,
    },
  ]);
});

test("an SMC that came to no SCMI status is unanswered", () => {
  const log = bootedLog();
  const left = { length: 8, header: 0, payload: new Uint8Array(4) };
  log.command("smc", [
    forwarded(2, 0, { xOut: [0xffff_ffffn, 0n, 0n, 0n], response: null, caller: null }),
    forwarded(2, 0, { xOut: [1n, 0n, 0n, 0n] }),
    forwarded(2, 0, { response: { ...left, channelStatus: 3 } }),
    forwarded(2, 0, { response: { ...left, channelStatus: 0 } }),
    forwarded(2, 0, { response: { ...left, channelStatus: 1, payload: new Uint8Array(0) } }),
  ]);
  expect(smcCounters(log.db)).toEqual([
    { agentId: 2, forwarded: 5, refused: 0, unanswered: 5, errors: {}, lastSeq: log.headSeq },
  ]);
});

test("the error columns are SCMI's statuses, from -1 down", () => {
  const names = Object.entries(SCMI_STATUS)
    .filter(([, code]) => code < 0)
    .sort(([, a], [, b]) => b - a)
    .map(([name]) => name.toLowerCase());
  expect(names).toEqual([...ERROR_COLUMNS]);
});
