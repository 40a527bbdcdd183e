import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import type { Board } from "#config/board/board.ts";
import { readRegion } from "#config/device-tree/address.ts";
import { parseDeviceTree } from "#config/device-tree/fdt.ts";
import { readU32 } from "#config/device-tree/property.ts";
import { Addresses } from "#config/redaction/addresses.ts";
import { redactBoard } from "#config/redaction/board.ts";
import { redactCmdline } from "#config/redaction/cmdline.ts";
import { StandIns } from "#config/redaction/stand-ins.ts";
import { READ_PROPERTIES, redactTree } from "#config/redaction/tree.ts";
import { Words } from "#config/redaction/words.ts";
import { redactXlCfg } from "#config/redaction/xlcfg.ts";
import { readGuest } from "#config/xlcfg/guest.ts";
import { EXAMPLE_BOARD } from "../support/boards.ts";
import { EVERY_FIELD } from "../support/every-field.ts";
import { buildDtb } from "../support/fdt-builder.ts";

const BOTH = { names: true, addresses: true };

describe("stand-ins for words", () => {
  const word = fc.stringMatching(/^[A-Za-z0-9._+-]{1,24}$/);

  test("are as long as the word, one for each, and the same again", () => {
    fc.assert(
      fc.property(fc.uniqueArray(word, { maxLength: 60 }), (all) => {
        const words = new Words();
        const standIns = all.map((text) => words.of(text));
        expect(new Set(standIns).size).toBe(all.length);
        expect(standIns.map((text) => text.length)).toEqual(all.map((text) => text.length));
        expect(all.map((text) => words.of(text))).toEqual(standIns);
        // Alike but for the case, as the words are.
        for (const [i, a] of all.entries()) {
          for (const [j, b] of all.entries()) {
            const areAlike = standIns[i]?.toLowerCase() === standIns[j]?.toLowerCase();
            expect(areAlike).toBe(a.toLowerCase() === b.toLowerCase());
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  test("of one letter last for the alphabet, and go on longer", () => {
    const words = new Words();
    const letters = Array.from({ length: 40 }, (_, i) => String.fromCharCode(0x430 + i));
    const standIns = letters.map((letter) => words.of(letter));
    expect(new Set(standIns).size).toBe(40);
    const single = new Words();
    const digits = [..."0123456789abcdefghijklmnopqrstuvwxyz"].map((text) => single.of(text));
    expect(new Set(digits).size).toBe(36);
    expect(digits.filter((text) => text.length === 1)).toHaveLength(26);
  });

  test("are found in a text by whole words first, and none is replaced twice", () => {
    const words = new Words();
    const [long, short] = [words.of("gpu-main"), words.of("gpu")];
    expect(words.within("gpu-main gpu name0002")).toBe(`${long} ${short} name0002`);
  });
});

test("names of any letters are found in bytes, and leave as many as there were", () => {
  const standIns = new StandIns(BOTH);
  const name = fc.string({ unit: "grapheme", minLength: 4, maxLength: 12 }).map((text) => `abc${text}`);
  fc.assert(
    fc.property(
      fc.array(name, { minLength: 1, maxLength: 5 }),
      fc.uint8Array({ min: 0x7f, maxLength: 8 }),
      (names, noise) => {
        for (const text of names) standIns.word(text);
        for (const text of names) {
          const bytes = Buffer.concat([noise, Buffer.from(text), noise]);
          const redacted = Buffer.from(standIns.bytes(bytes));
          expect(redacted).toHaveLength(bytes.length);
          expect(redacted.includes(text)).toBe(false);
          expect([
            redacted.subarray(0, noise.length),
            redacted.subarray(bytes.length - noise.length),
          ]).toEqual([Buffer.from(noise), Buffer.from(noise)]);
        }
      },
    ),
    { numRuns: 60 },
  );
});

describe("stand-ins for addresses", () => {
  test("keep order, neighbours and the place in the page of what is placed together, and are one for each", () => {
    const address = fc.bigInt({ min: 0n, max: 0xff_ffff_ffffn });
    fc.assert(
      fc.property(fc.uniqueArray(address, { minLength: 1, maxLength: 40 }), (all) => {
        const addresses = new Addresses();
        addresses.place(all);
        const pairs = all
          .map((from) => [from, addresses.of(from)] as const)
          .sort((a, b) => (a[0] < b[0] ? -1 : 1));
        expect(new Set(pairs.map(([, to]) => to)).size).toBe(all.length);
        for (const [from, to] of pairs) {
          expect(to % 0x1000n).toBe(from % 0x1000n);
          if (from < 0x1000n) expect(to).toBe(from);
        }
        const large = pairs.filter(([from]) => from >= 0x1000n);
        for (const [i, [from, to]] of large.entries()) {
          const [next, standIn] = large[i + 1] ?? [null, 0n];
          if (next === null) continue;
          expect(standIn > to).toBe(true);
          if (next / 0x1000n - from / 0x1000n === 1n) expect(standIn / 0x1000n - to / 0x1000n).toBe(1n);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("a page that is not aligned still reaches into the one behind it", () => {
    const addresses = new Addresses();
    addresses.place([0x47ff_0800n, 0x5000_0000n]);
    expect(addresses.of(0x47ff_1000n) - addresses.of(0x47ff_0800n)).toBe(0x800n);
  });
});

test("of a board every name and address is replaced, and nothing else", () => {
  const board: Board = {
    ...EXAMPLE_BOARD,
    xen: {
      ...EXAMPLE_BOARD.xen,
      cmdline: "console=x scmi-smc-passthrough",
      partialTrees: { domU1: "domU1.dtb" },
    },
    firmware: { ...EXAMPLE_BOARD.firmware, ...EVERY_FIELD, subVendor: "sub" },
  };
  const redacted = redactBoard(board, new StandIns(BOTH));
  const changed: string[] = [];
  const kept: string[] = [];
  const walk = (value: unknown, other: unknown, path: string): void => {
    if (value !== null && typeof value === "object") {
      const [keys, others] = [Object.keys(value), Object.keys(other as object)];
      expect(others.length, path).toBe(keys.length);
      for (const [i, key] of keys.entries()) {
        const inner = (other as { [key: string]: unknown })[others[i] ?? ""];
        walk((value as { [key: string]: unknown })[key], inner, `${path}.${key}`);
      }
      return;
    }
    if (value !== other) changed.push(path);
    else if (typeof value === "string" && value !== "") kept.push(path.replaceAll(/\.\d+/g, "[]"));
  };
  walk(board, redacted, "");
  // What is kept of the texts: each is a word of the board file's own. A new field that holds a name has to go to NAMES.
  expect([...new Set(kept)].sort()).toEqual(
    [
      ".xen.mediator",
      ".xen.version",
      ".xen.smccc",
      ".firmware.profile",
      ".firmware.agents[].type",
      ".firmware.permissionPolicy",
      ".firmware.protocols[]",
      ".firmware.powerDomains[].initial",
      ".firmware.devices[].defaultAccess",
      ".firmware.deviceOwnership",
      ".firmware.performanceDomains[].fastChannels[].message",
      ".firmware.voltageDomains[].mode",
      ".firmware.powerCaps[].unit",
    ].sort(),
  );
  const numbers = changed.filter((path) => /\.(?:shmem|p2a|address)$/.test(path));
  expect(numbers).toHaveLength(4);
  expect(redacted.xen.cmdline).toBe("scmi-smc-passthrough");
});

test.each([
  ["", ""],
  ["console=dtuart dom0_mem=1G", "redacted"],
  ["no-scmi-smc-passthrough secret=1", "no-scmi-smc-passthrough"],
  ["dom0=pvh,sci-agent-id=3,verbose dom0_scmi_agent_id=0x2", "dom0=sci-agent-id=3 dom0_scmi_agent_id=0x2"],
])("of the command line %j is left %j", (cmdline, left) => {
  expect(redactCmdline(cmdline)).toBe(left);
});

describe("a device tree", () => {
  test("keeps its shape, phandles and pages; on buses that translate, a page is where the CPU sees it", () => {
    const dtb = buildDtb({
      props: { "#address-cells": [2], "#size-cells": [2], model: "Zenith Z1", serial: "4711" },
      children: {
        "zbus@50000000": {
          props: {
            "#address-cells": [1],
            "#size-cells": [1],
            ranges: [0x1000, 0, 0x5000_1000, 0x10000],
            compatible: ["zenith,bus", "arm,smmu-v3"],
          },
          children: {
            "page@2000": { props: { reg: [0x2000, 0x1000], phandle: [1] } },
            "Page@2000": { props: { reg: [0x9_0000, 0x1000], phandle: [2] } },
          },
        },
        firmware: {
          children: {
            scmi: {
              props: {
                compatible: "arm,scmi-smc",
                shmem: [1],
                "arm,smc-id": [0x8200_0002],
                "zenith,key": [7],
              },
            },
            other: { props: { shmem: [2], status: "zenith", "xen,sci_type": "zenith" } },
          },
        },
      },
    });
    const bytes = redactTree(dtb, "host", new StandIns(BOTH));
    const tree = parseDeviceTree(bytes, "redacted");
    if (isProblem(tree)) throw new Error(tree.detail);
    expect(Buffer.from(bytes).toString("latin1")).not.toMatch(/enith|4711|model|serial|50000000/i);
    const scmi = tree.nodeByPath("/firmware/scmi");
    if (scmi === undefined) throw new Error("/firmware/scmi is kept");
    expect(readU32(scmi, "arm,smc-id")).toBe(0x8200_0002);
    const page = tree.nodeByPhandle(1);
    if (page === undefined) throw new Error("the page has its phandle");
    const region = readRegion(page, 0);
    expect(region?.size).toBe(0x1000);
    expect((region?.address ?? 0) % 0x1000).toBe(0);
    expect(region?.address).not.toBe(0x5000_2000);
    // Its address could not be translated, and cannot be now.
    const lost = tree.nodeByPhandle(2);
    expect(lost && readRegion(lost, 0)).toBeNull();
    // Paths are compared without case, and both pages are still one path.
    expect(tree.nodeByPath(lost?.path ?? "")).toBe(page);
    const bus = page.parent;
    expect(Buffer.from(bus?.properties.get("compatible") ?? []).toString()).toMatch(/^.{10}\0arm,smmu-v3\0$/);
  });

  test("has every property that a rule reads: what is read in these folders is kept or replaced", () => {
    const folders = ["mediator", "mediator/binding", "mediator/single-agent", "machine", "machine/rules"];
    const config = ["binding", "device-tree", "dom0less", "dom0-tree", "xen"].map((name) => `config/${name}`);
    const read = new Set<string>();
    for (const folder of [...folders, ...config]) {
      for (const file of readdirSync(`src/${folder}`).filter((name) => name.endsWith(".ts"))) {
        const source = readFileSync(join("src", folder, file), "utf8");
        const patterns = [
          /read(?:U32|Cells|Strings)\(\s*\w+,\s*"([^"]+)"/g,
          /properties\.(?:get|has)\("([^"]+)"/g,
          /(?:PROPERTY|PROPERTIES|GUEST)\w*(?:: [^=]+)? = (?:\[\s*)?"([^"]+)"/g,
          /walkPhandleList\(\s*\w+,\s*\w+,\s*"([^"]+)", "[^"]+"/g,
          /walkPhandleList\(\s*\w+,\s*\w+,\s*"[^"]+", "([^"]+)"/g,
          /inheritedCount\(\w+, "([^"]+)"/g,
        ];
        for (const pattern of patterns) for (const [, name = ""] of source.matchAll(pattern)) read.add(name);
      }
    }
    expect(read.size).toBeGreaterThan(25);
    expect([...read].filter((name) => !READ_PROPERTIES.has(name))).toEqual([]);
  });
});

describe("an xl.cfg", () => {
  test("says the same of SCI, on the same lines, and nothing else", () => {
    const text = `name = "zenith"
kernel = "/boot/zenith"

uuid = '6fd4cdcb-3e5e-4f0c-9f6e-2a3b4c5d6e7f' ; vcpus = 4
arm_sci = "type=scmi_smc_multiagent,agent_id=3"
dtdev = [ "/soc/gpu@20000000", "/soc/zen" ]
iomem = [ "47ff2,1@22001", "47ff3,2" ]
irqs = [ 50, 51 ]
on_crash = "preserve"
`;
    const standIns = new StandIns(BOTH);
    const redacted = redactXlCfg(text, standIns);
    expect(redacted).not.toMatch(/zenith|boot|vcpus|47ff|gpu|6fd4/);
    expect(redacted.split("\n")).toHaveLength(text.split("\n").length);
    const [before, after] = [text, redacted].map((cfg) => readGuest(cfg, "v10"));
    if (before === undefined || after === undefined || isProblem(before) || isProblem(after))
      throw new Error("refused");
    expect(after.name).toBe(standIns.name("zenith"));
    expect(after.sci).toEqual(before.sci);
    expect(after.dtdev).toEqual(before.dtdev.map((path) => standIns.path(path)));
    expect(after.irqs).toEqual(before.irqs);
    expect(after.iomem.map(({ count }) => count)).toEqual(before.iomem.map(({ count }) => count));
    expect(after.iomem.map(({ start }) => start)).toEqual(
      before.iomem.map(({ start }) => standIns.address(start * 0x1000) / 0x1000),
    );
    expect([after.passthrough, after.onCrash]).toEqual([before.passthrough, before.onCrash]);
  });

  test("is refused where it was, and taken where it was", () => {
    const key = fc.constantFrom(
      "name",
      "uuid",
      "arm_sci",
      "dtdev",
      "passthrough",
      "irqs",
      "iomem",
      "on_crash",
      "memory",
    );
    const text = fc.constantFrom(
      '"zenith"',
      "'type=scmi_smc_multiagent,agent_id=300'",
      '"type=zenith"',
      '"zenith,type=SCMI_SMC_multiagent,agent_id=3zenith, agent_id=4"',
      '"type=scmi_smc_multiagent,agent_id=zenith"',
      '[ "/soc/gpu", "47ff2,1" ]',
      '[ "/soc/gpu", [ "x" ] ]',
      "12",
      '"disabled"',
      '"rename-restart"',
      '"6fd4cdcb-3e5e-4f0c-9f6e-2a3b4c5d6e7f"',
      '"zenith',
      "[ 1, 2",
      "= 3",
      '""',
      '"a\\\\x41"',
    );
    const line = fc.tuple(key, text).map(([name, value]) => `${name} = ${value}`);
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 6 }), (lines) => {
        const cfg = ['name = "zenith"', ...lines].join("\n");
        const redacted = redactXlCfg(cfg, new StandIns(BOTH));
        expect(redacted).not.toContain("zenith");
        const [before, after] = [cfg, redacted].map((given) => readGuest(given, "v10"));
        expect(isProblem(after)).toBe(isProblem(before));
      }),
      { numRuns: 300 },
    );
  });
});
