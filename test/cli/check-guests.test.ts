import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import type { LintFinding } from "#config/lint/finding.ts";
import { HAS_DTC, NO_DTC } from "../support/dtc.ts";
import { inProcess } from "../support/in-process.ts";
import { scratchFolder } from "../support/scmictl.ts";

const HOST = "test/inputs/trees/three-cells.dts";
const PARTIAL = "test/inputs/trees/guest-partial.dts";
const folder = scratchFolder();
afterAll(() => folder.remove());
beforeEach(({ skip }) => {
  if (!HAS_DTC) skip(NO_DTC);
});

function file(name: string, content: string): string {
  const path = join(folder.path, name);
  writeFileSync(path, content);
  return path;
}

/** What a check finds, as `rule file:line`. */
async function found(...args: readonly string[]): Promise<string[]> {
  const { stdout } = await inProcess(["check", "--json", ...args]);
  const { findings } = JSON.parse(stdout) as { findings: LintFinding[] };
  return findings.map(({ rule, file: of, line }) => `${rule} ${of.replace(/.*\//, "")}:${line ?? "-"}`);
}

const DRV = `name = "drv"
arm_sci = "type=scmi_smc_multiagent,agent_id=2"
iomem = [ "47ff2,1@22001" ]      # host page, guest page
device_tree = "/etc/xen/drv.dtb"
dtdev = [
    "/soc/i2c@e6508000",
]
`;

describe("a guest's files", () => {
  test("are checked against the host and its partial tree", async () => {
    const drv = file("drv.cfg", DRV);
    expect(await found("--dts", HOST, "--xlcfg", drv, "--partial", PARTIAL)).toEqual(["MA031 drv.cfg:6"]);
  });

  test("may lie where the paths of the target do not lead", async () => {
    expect(await found("--xlcfg", file("alone.cfg", DRV.replace("drv.dtb", "nowhere.dtb")))).toEqual([]);
  });

  test("that contradict each other are told with their lines", async () => {
    const drv = file("drv.cfg", DRV.replace("@22001", "@22002").replace("i2c@e6508000", "i2c@0"));
    const other = file("other.cfg", '\nname = "other"\narm_sci = "type=scmi_smc_multiagent, agent_id=2"\n');
    file(
      "drv.dts",
      `/dts-v1/;
/ {
  #address-cells = <2>;
  #size-cells = <2>;
  passthrough {
    #address-cells = <2>;
    #size-cells = <2>;
    ranges;
    page: sram@22001000 { reg = <0 0x22001000 0 0x1000>; };
    scmi {
      compatible = "arm,scmi-smc";
      arm,smc-id = <0x82000005>;
      shmem = <&page>;
    };
  };
};
`,
    );
    expect(await found("--dts", HOST, "--xlcfg", drv, "--xlcfg", other)).toEqual([
      "XL009 drv.cfg:6",
      "DM010 drv.dts:9",
      "DM008 drv.dts:12",
      // agent_id is not read behind the blank, and agent 0 is dom0's.
      "DM002 other.cfg:3",
      "DM011 other.cfg:3",
      "XL001 other.cfg:3",
      "XL002 other.cfg:3",
    ]);
  });

  test("are looked at once, whatever they are called", async () => {
    const drv = file("drv.cfg", DRV.replace("drv.dtb", "nowhere.dtb"));
    const again = join(folder.path, "..", basename(folder.path), "drv.cfg");
    expect(await found("--xlcfg", drv, "--xlcfg", `${folder.path}//drv.cfg`, "--xlcfg", again)).toEqual([]);
  });

  test("of any bytes are findings", async () => {
    const odd = file("odd.cfg", "\0\x01name = \x02");
    const tree = file("odd.dtb", "\xd0\x0d");
    const rules = await found("--xlcfg", odd, "--partial", tree);
    expect([...new Set(rules.map((rule) => rule.replace(/:.*/, "")))]).toEqual([
      "XL010 odd.cfg",
      "LOAD odd.dtb",
    ]);
  });
});

/** All the mistakes of the examples that were published with the series, in one. */
const PUBLISHED = `/ {
  #address-cells = <2>;
  #size-cells = <2>;
  chosen {
    xen {
      ranges;
      box {
        compatible = "xen,sci";
        ranges;
        page: sram@47ff0000 { compatible = "arm,scmi-shmem"; reg = <0 0x47ff0000 0 0x1000>; };
        page_1: sram@47ff1000 { compatible = "arm,scmi-shmem"; reg = <0 0x47ff1000 0 0x1000>; };
        scmi-secondary-agents = <0x82000002 &page 0>; <--- func_id, shmem, agent_id
        xen,dom0-sci-agent-id = <0>;
        scmi {
          compatible = "arm,scmi-smc";
          arm,smc-id = <0x82000002>; <--- Xen's own
          shmem = <&page_1>;
        };
      };
    };
  };
  page: sram@47ff0000 { compatible = "arm,scmi-shmem"; reg = <0 0x47ff0000 0 0x1000>; };
  firmware {
    scmi {
      compatible = "arm,scmi-smc";
      arm,smc-id = <0x82000002>;
      shmem = <&page>;
    };
  };
};
`;

describe("a published example that does not compile", () => {
  test("is told every mistake at once, those of what it means too", async () => {
    expect(await found("--dts", file("published.dts", PUBLISHED))).toEqual([
      "DT001 published.dts:1", // no /dts-v1/
      "MA007 published.dts:4", // no ranges
      "DT001 published.dts:12", // a property after sub-nodes
      "MA001 published.dts:12", // the function id of Xen
      "DT001 published.dts:13",
      "DT001 published.dts:16", // an arrow
      "DT001 published.dts:22", // a label twice
    ]);
  });

  test("is told the usual mistakes up to one that does not say what was meant", async () => {
    const text = "/ {\n a { };\n b = <1>;\n c = ;\n d { };\n e = <1>;\n};\n";
    expect(await found("--dts", file("broken.dts", text))).toEqual([
      "DT001 broken.dts:1",
      "DT001 broken.dts:3",
      "DT001 broken.dts:4",
    ]);
    expect(await found("--dts", file("broken.dts", "/dts-v1/;\n/ {\n a = ;\n};\n"))).toEqual([
      "DT001 broken.dts:3",
    ]);
  });
});
