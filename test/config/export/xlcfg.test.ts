import { describe, expect, test } from "vitest";
import { xlCfgFile } from "#config/export/exports.ts";
import { exportXlCfg } from "#config/export/xlcfg.ts";
import { readGuest } from "#config/xlcfg/guest.ts";
import { DOM0, GUEST, guest, hostTree, ok, viewOf } from "./views.ts";

const I2C = "/soc/i2c@1000";
const GPU = "/soc/gpu@20000000";
const SOC = {
  "i2c@1000": { props: { reg: [0, 0x1000, 0, 0x40], interrupts: [0, 10, 4, 1, 9, 8] } },
  "gpu@20000000": { props: { reg: [0, 0x2000_0000, 0, 0x1800, 1, 0, 0, 0x1000], interrupts: [0, 20, 4] } },
};
const view = viewOf(hostTree(SOC));

const textOf = (changes: Parameters<typeof guest>[0], deviceTree: string | null = null): string =>
  ok(exportXlCfg(view, guest(changes), { deviceTree }));

describe("a domain that was created field by field", () => {
  const text = textOf({ devices: [I2C, GPU] });

  test("gets the pages of its agent and of its devices, and their interrupts", () => {
    const made = ok(readGuest(text, "v10"));
    expect(made).toMatchObject({
      name: "red",
      uuid: GUEST.uuid,
      sci: { type: "scmi_smc_multiagent", agentId: 2 },
      dtdev: [I2C, GPU],
      irqs: [42, 52],
      passthrough: "enabled",
      onReboot: "restart",
    });
    expect(made.iomem).toEqual([
      { start: 0x47ff2, count: 1, gfn: 0x22001 },
      { start: 1, count: 1, gfn: 1 },
      { start: 0x20000, count: 2, gfn: 0x20000 },
      { start: 0x100000, count: 1, gfn: 0x100000 },
    ]);
    expect(text).toContain(`# ${GPU}\n    "20000,2",\n`);
  });

  test("is told that it needs a partial tree, and gets one where that is known", () => {
    expect(text).toContain("# Without a partial tree it finds no SCMI.");
    expect(textOf({}, "/etc/xen/red.dtb")).toContain('device_tree = "/etc/xen/red.dtb"\n');
  });

  test("has passthrough where that is not what its devices say", () => {
    expect(textOf({ devices: [I2C] })).not.toContain("passthrough =");
    expect(textOf({ devices: [] })).toContain('passthrough = "enabled"');
    expect(textOf({ devices: [], passthrough: false })).not.toContain("passthrough =");
  });

  test("names what its agent was allowed by hand, for no file makes that", () => {
    expect(textOf({ grantedByHand: [7] })).toContain("scmictl permissions set 2 7 allow\n");
  });

  test("without an agent has no arm_sci, and no page", () => {
    const without = textOf({ sci: { type: "none", agentId: 0 }, agentId: null, channel: null });
    expect(without).not.toContain("arm_sci");
    expect(without).not.toContain("iomem");
  });
});

describe("a domain that was created from an xl.cfg", () => {
  const xlcfg = [
    'name = "old"',
    "memory = 0x200",
    'extra += "a\\"b"',
    'disk = [ "x", [ "y", 3 ] ] # a comment',
    'arm_sci = "type=scmi_smc_multiagent,agent_id=9"',
    'device_tree = "/boot/red.dtb"',
    `dtdev = [ "${I2C}" ]`,
    'iomem = [ "47ff0,4@30000", "5,1" ]',
    "irqs = [ 99 ]",
    "",
  ].join("\n");

  test("keeps all other keys as they were", () => {
    const text = textOf({ xlcfg, devices: [I2C] });
    for (const line of ["memory = 0x200", 'extra += "a\\"b"', 'disk = [ "x", [ "y", 3 ] ]']) {
      expect(text.split("\n")).toContain(line);
    }
    expect(text).toContain('device_tree = "/boot/red.dtb"');
    expect(text).toContain("agent_id=2");
    expect(text).not.toContain("old");
  });

  test("has long lists over several lines", () => {
    const irqs = Array.from({ length: 40 }, (_, index) => 100 + index);
    const long = `name = "x"\nirqs = [ ${irqs.join(", ")} ]\ndisk = [ "${"y".repeat(99)}", [ "z" ] ]\n`;
    const text = textOf({ xlcfg: long });
    expect(text).toMatch(/irqs = \[\n {4}100, 101, [^\n]{50,90},\n {4}\d/);
    expect(ok(readGuest(text, "v10")).irqs).toEqual(irqs);
    expect(text).toContain("disk = [\n");
  });

  test("keeps its own pages and interrupts, and gets those of devices that came later", () => {
    expect(ok(readGuest(textOf({ xlcfg, devices: [I2C] }), "v10"))).toMatchObject({
      iomem: [
        { start: 0x47ff0, count: 4, gfn: 0x30000 },
        { start: 5, count: 1, gfn: 5 },
      ],
      irqs: [99],
    });
    expect(ok(readGuest(textOf({ xlcfg, devices: [I2C, GPU] }), "v10")).irqs).toEqual([99, 52]);
  });

  test("gets the page of its agent where it has that not, at a place where it has nothing", () => {
    const taken = xlcfg.replace("47ff0,4@30000", "8,2@22001");
    expect(ok(readGuest(textOf({ xlcfg: taken, devices: [I2C] }), "v10")).iomem[0]).toEqual({
      start: 0x47ff2,
      count: 1,
      gfn: 0x22003,
    });
  });
});

describe("what no xl.cfg makes", () => {
  test.each([
    ["dom0", { ...DOM0 }, /dom0 is built by Xen/],
    ["an agent that xl has no number for", { agentId: 255 }, /invalid agent_id 255/],
    ["a device without passthrough", { devices: [I2C], passthrough: false }, /disabled with devices/],
  ])("%s", (_, changes, why) => {
    expect(exportXlCfg(view, guest(changes), { deviceTree: null })).toMatchObject({
      code: "not-exportable",
      detail: expect.stringMatching(why),
    });
  });

  test("a domain that there is not", () => {
    expect(xlCfgFile(view, { domain: "nobody" }, { deviceTree: null })).toMatchObject({
      code: "domain-not-found",
    });
  });
});

test.each(['we"ird\\name', "two\nlines", "é — ü", "tab\there"])(
  "the name %j is spelt so that xl reads it",
  (name) => {
    expect(ok(readGuest(textOf({ name }), "v10")).name).toBe(name);
  },
);

test("a guest that there could be has an agent, and a name after it", () => {
  const { text, name } = ok(xlCfgFile(view, { agentId: 3 }, { deviceTree: null }));
  expect(name).toBe("agent-3.cfg");
  expect(text).toContain('arm_sci = "type=scmi_smc_multiagent,agent_id=3"');
  expect(text).not.toContain("uuid");
  expect(xlCfgFile(view, { agentId: 1 }, { deviceTree: null })).toMatchObject({ code: "not-exportable" });
  expect(xlCfgFile(view, { agentId: 9 }, { deviceTree: null })).toMatchObject({
    detail: expect.stringContaining("Xen's channels are of agents 0, 2, 3"),
  });
});

test("a dom0less domain as xl would create it ends as xl's domains do", () => {
  const text = textOf({
    origin: "dom0less",
    onReboot: "preserve",
    onCrash: "preserve",
    onPoweroff: "preserve",
  });
  expect(text).toContain("take its node out of /chosen");
  expect(ok(readGuest(text, "v10"))).toMatchObject({
    onPoweroff: "destroy",
    onReboot: "restart",
    onCrash: "destroy",
  });
});
