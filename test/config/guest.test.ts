import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import { type GuestConfig, guestOf, readGuest, SHUTDOWN_ACTIONS } from "#config/xlcfg/guest.ts";
import { parseIomem } from "#config/xlcfg/iomem.ts";
import { parseXlCfg } from "#config/xlcfg/xlcfg.ts";

function guest(...lines: string[]): GuestConfig {
  const config = readGuest(['name="drv"', ...lines].join("\n"), "v10");
  if (isProblem(config)) throw new Error(config.detail);
  return config;
}

function refusal(...lines: string[]): string {
  const config = readGuest(lines.join("\n"), "v10");
  if (!isProblem(config)) throw new Error("the file was accepted");
  expect(config).toMatchObject({ code: "xlcfg-invalid", errno: "EINVAL" });
  return config.detail.replace("the xl.cfg is refused: ", "");
}

describe("a guest", () => {
  test("that asks for nothing gets xl's defaults", () => {
    expect(guest()).toEqual({
      name: "drv",
      uuid: null,
      sci: { type: "none", agentId: 0 },
      dtdev: [],
      iomem: [],
      irqs: [],
      deviceTree: null,
      passthrough: "disabled",
      onPoweroff: "destroy",
      onReboot: "restart",
      onCrash: "destroy",
      warnings: [],
    });
  });

  test("with an agent, its page and a device", () => {
    const config = guest(
      'arm_sci = "type=scmi_smc_multiagent,agent_id=2"',
      'iomem = [ "47ff2,1@22001" ]      # host page 0x47ff2 -> guest page 0x22001',
      'device_tree = "/etc/xen/drv.dtb"',
      "irqs = [ 112, 113 ]",
      "dtdev = [",
      '    "/soc/i2c@e6508000",',
      "]",
      'on_crash = "preserve"',
      "uuid = '01234567-89AB-cdef-0123-456789abcdef'",
      "memory = 512",
    );
    expect(config).toEqual({
      name: "drv",
      uuid: "01234567-89ab-cdef-0123-456789abcdef",
      sci: { type: "scmi_smc_multiagent", agentId: 2 },
      dtdev: ["/soc/i2c@e6508000"],
      iomem: [{ start: 0x47ff2, count: 1, gfn: 0x22001 }],
      irqs: [112, 113],
      deviceTree: "/etc/xen/drv.dtb",
      passthrough: "enabled",
      onPoweroff: "destroy",
      onReboot: "restart",
      onCrash: "preserve",
      warnings: [],
    });
  });

  test("may be named by a number, or by characters outside ASCII", () => {
    expect(guest("name=7").name).toBe("7");
    expect(guest("name='Gäst'").name).toBe("Gäst");
  });

  test.each([
    ["", "name: found nothing, allowed is the domain's name"],
    ["name=''", "line 1: name: found nothing"],
    ["name=['x']", "line 1: name: found nothing"],
  ])("without a name is refused: %j", (line, expected) => {
    expect(refusal(line)).toContain(expected);
  });

  test.each(["", "x", "01234567-89ab-cdef-0123-456789abcdeg", "0123456789abcdef0123456789abcdef"])(
    "with the uuid %j is refused",
    (uuid) => {
      expect(refusal("name='x'", `uuid='${uuid}'`)).toBe(
        `line 2: uuid: found "${uuid}", allowed are 32 hex digits as 8-4-4-4-12`,
      );
    },
  );

  test("with an xl.cfg that is none is refused for that", () => {
    expect(refusal("name='x'", "A=1")).toMatch(/^2:1: found "A=1"/);
  });

  test("is told every issue at once", () => {
    const told = refusal("iomem=['x']", "irqs=['x']", "arm_sci='type=x'", "on_reboot='x'", "passthrough='x'");
    expect(told.split("; ").map((issue) => issue.replace(/: found.*|: unknown.*/, ""))).toEqual([
      "name",
      "line 3: arm_sci",
      "line 1: iomem[0]",
      "line 2: irqs[0]",
      "line 5: passthrough",
      "line 4: on_reboot",
    ]);
    expect(refusal(`name='x'\nirqs=[${"'x',".repeat(50)}]`)).toMatch(/; and 30 more$/);
  });
});

describe("arm_sci", () => {
  test("as a list is left out without a word", () => {
    const config = guest('arm_sci = [ "type=scmi_smc_multiagent,agent_id=2" ]');
    expect(config.sci).toEqual({ type: "none", agentId: 0 });
    expect(config.warnings).toEqual([]);
  });

  test("is read as its version reads it", () => {
    const text = "name='x'\narm_sci='type=scmi_smc_multiagent,agent_id=0'";
    expect(readGuest(text, "v11")).toMatchObject({ sci: { type: "scmi_smc_multiagent", agentId: 0 } });
    expect(readGuest(text, "v8")).toMatchObject({
      code: "xlcfg-invalid",
      errno: "EINVAL",
      detail: "the xl.cfg is refused: line 2: arm_sci: invalid agent_id 0, allowed is 1 to 255 (v8)",
    });
  });

  test("made by += is one string", () => {
    expect(guest("arm_sci='type=scmi_smc'", "arm_sci+='_multiagent,agent_id=1'", "arm_sci+=2").sci).toEqual({
      type: "scmi_smc_multiagent",
      agentId: 12,
    });
  });
});

describe("dtdev", () => {
  test("ends at the first item that is a list, silently", () => {
    const config = guest("dtdev=['/a', ['/b'], '/c']");
    expect(config.dtdev).toEqual(["/a"]);
    expect(config.warnings).toEqual([]);
  });

  test("keeps order, repetition and whatever is written", () => {
    expect(guest("dtdev=['/b', '/a', '/b', '', 7]").dtdev).toEqual(["/b", "/a", "/b", "", "7"]);
  });

  test("as a single string is warned of, and counts as left out", () => {
    const config = guest("dtdev='/soc/gpu'");
    expect(config.dtdev).toEqual([]);
    expect(config.passthrough).toBe("disabled");
    expect(config.warnings).toEqual([
      "line 2: dtdev is a single value where a list is read; it counts as left out",
    ]);
  });
});

describe("passthrough", () => {
  test.each<[string, GuestConfig["passthrough"]]>([
    ["", "disabled"],
    ["dtdev=[]", "disabled"],
    ["dtdev=['/a']", "enabled"],
    ["dtdev=[['/a']]", "disabled"],
    ["pci=['01:00.0']", "enabled"],
    ["passthrough='enabled'", "enabled"],
    ["passthrough='Enabled'", "enabled"],
    ["passthrough='share_pt'", "enabled"],
    ["passthrough='disabled'", "disabled"],
    ["passthrough='default'", "disabled"],
    ["passthrough='default'; dtdev=['/a']", "enabled"],
    ["passthrough=['enabled']", "disabled"],
  ])("%j is %s", (line, passthrough) => {
    expect(guest(line).passthrough).toBe(passthrough);
  });

  test.each(["dtdev=['/a']", "pci=['01:00.0']"])("disabled with %s is refused", (devices) => {
    expect(refusal("name='x'", "passthrough='disabled'", devices)).toBe(
      "line 2: passthrough: found it disabled with devices in dtdev or pci, allowed is enabled",
    );
  });

  test.each(["sync_pt", "on", "1", ""])("%j is refused", (mode) => {
    expect(refusal("name='x'", `passthrough='${mode}'`)).toBe(
      `line 2: passthrough: found "${mode}", allowed on Arm is default, disabled, enabled, share_pt`,
    );
  });
});

describe("on_poweroff, on_reboot, on_crash", () => {
  test.each(SHUTDOWN_ACTIONS)("can be %s", (action) => {
    const config = guest(`on_poweroff='${action}'`, `on_reboot='${action}'`, `on_crash='${action}'`);
    expect([config.onPoweroff, config.onReboot, config.onCrash]).toEqual([action, action, action]);
  });

  test.each(["Restart", "rename_restart", "", "reboot"])("cannot be %j", (action) => {
    expect(refusal("name='x'", `on_crash='${action}'`)).toBe(
      `line 2: on_crash: found "${action}", allowed is destroy, restart, rename-restart, preserve, coredump-destroy, coredump-restart, soft-reset`,
    );
  });
});

describe("irqs", () => {
  test("are read for the digits that they begin with", () => {
    expect(guest("irqs=[32, '33', ' 34', 010, 0x10, '7abc', 4294967297]").irqs).toEqual([
      32, 33, 34, 10, 0, 7, 1,
    ]);
  });

  test.each([
    ["irqs=['']", 'irqs[0]: found "", allowed is a decimal number'],
    ["irqs=[1,'x']", 'irqs[1]: found "x", allowed is a decimal number'],
    ["irqs=[[1]]", "irqs[0]: found a list, allowed is a decimal number"],
  ])("%s is refused", (line, expected) => {
    expect(refusal("name='x'", line)).toBe(`line 2: ${expected}`);
  });
});

describe("iomem", () => {
  test.each([
    ["47ff2,1@22001", 0x47ff2, 1, 0x22001],
    ["47ff2,1", 0x47ff2, 1, 0x47ff2],
    ["0x47ff2,0x1@0x22001", 0x47ff2, 1, 0x22001],
    ["0X47FF2,10", 0x47ff2, 16, 0x47ff2],
    [" 47ff2, 1@ 22001", 0x47ff2, 1, 0x22001],
    ["\t47ff2,\n1", 0x47ff2, 1, 0x47ff2],
    ["+1,+2@+3", 1, 2, 3],
    ["0,0@0", 0, 0, 0],
    ["fffffffffffff,1", 2 ** 52 - 1, 1, 2 ** 52 - 1],
  ])("%j", (text, start, count, gfn) => {
    expect(parseIomem(text)).toEqual({ start, count, gfn });
  });

  test.each([
    "",
    "47ff2",
    "47ff2,",
    ",1",
    "47ff2 ,1",
    "47ff2,1 ",
    "47ff2,1 @22001",
    "47ff2,1@",
    "47ff2,1@22001 ",
    "47ff2,1@22001,",
    "47ff2,1@x",
    "47ff2,1x",
    "47ff2;1",
    "0x,1",
    "1,0x",
    "1,1@0x",
    "g,1",
    "- 1,1",
    "-1,1",
    "10000000000000,1",
    `${"f".repeat(1000)},1`,
  ])("%j is refused", (text) => {
    expect(parseIomem(text)).toBeNull();
  });

  test("with bare numbers is two items, neither of them a range", () => {
    expect(refusal("name='x'", "iomem=[47ff2,1]")).toBe(
      'line 2: iomem[0]: found "47ff2", allowed is START,COUNT[@GFN] in hexadecimal, such as "47ff2,1@22001"; ' +
        'line 2: iomem[1]: found "1", allowed is START,COUNT[@GFN] in hexadecimal, such as "47ff2,1@22001"',
    );
    expect(refusal("name='x'", "iomem=[['1,1']]")).toMatch(
      /^line 2: iomem\[0\]: found a list, allowed is START/,
    );
  });

  test("as a single string is warned of, and counts as left out", () => {
    const config = guest("iomem='47ff2,1'");
    expect(config.iomem).toEqual([]);
    expect(config.warnings).toHaveLength(1);
  });
});

test("any values of the keys that are read give a guest or a refusal", () => {
  const names = fc.constantFrom(
    "name",
    "uuid",
    "arm_sci",
    "dtdev",
    "pci",
    "iomem",
    "irqs",
    "passthrough",
    "on_crash",
  );
  const item = fc.oneof(
    fc.stringMatching(/^[a-z0-9,@=_ ]{0,12}$/),
    fc.constantFrom("1,1", "disabled", "type=none"),
  );
  const value = fc.oneof(
    item.map((text) => `"${text}"`),
    fc.array(item).map((items) => `[${items.map((text) => `'${text}'`).join(",")}]`),
    fc.nat().map(String),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(names, fc.constantFrom("=", "+="), value)), (lines) => {
      const config = readGuest(lines.map((line) => line.join("")).join("\n"), "v10");
      if (!isProblem(config)) expect(config.name).not.toBe("");
    }),
    { numRuns: 500 },
  );
});

test("what is refused of a list tells the place of the item, and what it was called before", () => {
  const text = 'iomem = [\n  "1,1", "x",\n]\non_reboot = "no"\n';
  const config = parseXlCfg(text);
  if (isProblem(config)) throw new Error(config.detail);
  expect(guestOf(config, "v10").issues.map(({ key, line, at }) => [key, line, at])).toEqual([
    ["name", null, null],
    ["iomem[1]", 1, { line: 2, column: 10 }],
    ["on_reboot", 4, { line: 4, column: 13 }],
  ]);
  expect(refusal(text)).toContain('line 1: iomem[1]: found "x"');
});
