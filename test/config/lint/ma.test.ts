import { describe, expect, test } from "vitest";
import type { DtbNode } from "../../support/fdt-builder.ts";
import { boardText } from "./board-text.ts";
import { type Edits, edited } from "./edit-tree.ts";
import { hostTree, partialTree } from "./host-tree.ts";
import { findings, type Given, rules } from "./lint-input.ts";

const BOX = "/chosen/xen/xen_scmi_config";
const MANAGEMENT = `${BOX}/scmi`;
const I2C = "/soc/i2c@e6508000";
const SPI = "/soc/spi@e6510000";

/** The rules of this family that fire; what follows for domains is for their own tests. */
const fired = (given: Given) => rules(given).filter((rule) => !/^(DM|DT|XL)/.test(rule));
const host = (edits: Readonly<Record<string, Edits | null>> = {}) => edited(hostTree(), edits);
const rows = (...cells: number[]): Edits => ({ "scmi-secondary-agents": cells });
const guest = (...more: string[]) =>
  ['name = "drv"', 'arm_sci = "type=scmi_smc_multiagent,agent_id=2"', ...more, ""].join("\n");

/** A second management node beside the first. */
const SECOND: Edits = { compatible: "arm,scmi-smc", "arm,smc-id": [0x82000009], shmem: [5] };
const FREE_PAGE: Edits = { reg: [0, 0x47ff9000, 0, 0x1000], phandle: [5] };
const withSecond = (edits: Edits = {}) =>
  host({ [`${BOX}/sram@47ff9000`]: FREE_PAGE, [`${BOX}/scmi2`]: { ...SECOND, ...edits } });
const ofVersion = (version: string) => boardText({ xen: { version } });

/** A row for an agent that the board's firmware does not have, with a page of its own. */
const UNKNOWN_AGENT = rows(0x82000002, 1, 0, 0x82000004, 3, 2, 0x82000009, 5, 7);

/** A broken example of a rule, all that is reported for it, and the nearest that works. */
const CASES: readonly (readonly [
  rule: string,
  what: string,
  bad: Given,
  all: readonly string[],
  good: Given,
])[] = [
  [
    "MA001",
    "a row with the management doorbell",
    { host: host({ [BOX]: rows(0x82000003, 1, 0, 0x82000004, 3, 2) }) },
    ["MA001"],
    { host: host({ [BOX]: rows(0x82000002, 1, 0, 0x82000004, 3, 2) }) },
  ],
  [
    "MA002",
    "two rows with one doorbell",
    { host: host({ [BOX]: rows(0x82000004, 1, 0, 0x82000004, 3, 2) }) },
    ["MA002"],
    { host: host({ [BOX]: rows(0x82000004, 1, 0, 0x82000005, 3, 2) }) },
  ],
  [
    "MA003",
    "a row with the management page",
    { host: host({ [BOX]: rows(0x82000002, 1, 0, 0x82000004, 2, 2) }) },
    ["MA003"],
    { host: hostTree() },
  ],
  [
    "MA003",
    "two nodes at one address",
    { host: host({ [`${BOX}/sram@47ff2000`]: { reg: [0, 0x47ff3000, 0, 0x1000] } }) },
    ["MA003"],
    { host: host({ [`${BOX}/sram@47ff2000`]: { reg: [0, 0x47ff8000, 0, 0x1000] } }) },
  ],
  [
    "MA003",
    "two nodes at one address behind a bus",
    {
      host: host({
        [BOX]: rows(0x82000002, 1, 0, 0x82000004, 40, 2),
        "/bus": { "#address-cells": [1], "#size-cells": [1], ranges: [0, 0, 0x47ff0000, 0x10000] },
        "/bus/page@0": { reg: [0, 0x1000], phandle: [40] },
      }),
    },
    ["MA003"],
    {
      host: host({
        [BOX]: rows(0x82000002, 1, 0, 0x82000004, 40, 2),
        "/bus": { "#address-cells": [1], "#size-cells": [1], ranges: [0, 0, 0x47ff0000, 0x10000] },
        "/bus/page@7000": { reg: [0x7000, 0x1000], phandle: [40] },
      }),
    },
  ],
  [
    "MA004",
    "a row's page at an odd address",
    { host: host({ [`${BOX}/sram@47ff2000`]: { reg: [0, 0x47ff2800, 0, 0x1000] } }) },
    ["MA004"],
    { host: hostTree() },
  ],
  [
    "MA004",
    "a page of half a page's size",
    { host: host({ [`${BOX}/sram@47ff2000`]: { reg: [0, 0x47ff2000, 0, 0x800] } }) },
    ["MA004"],
    { host: host({ [`${BOX}/sram@47ff2000`]: { reg: [0, 0x47ff2000, 0, 0x2000] } }) },
  ],
  [
    "MA004",
    "a management page of half a page's size",
    { host: host({ [`${BOX}/sram@47ff1000`]: { reg: [0, 0x47ff1000, 0, 0x800] } }) },
    ["MA004"],
    { host: hostTree() },
  ],
  [
    "MA005",
    "a management page at an odd address",
    { host: host({ [`${BOX}/sram@47ff1000`]: { reg: [0, 0x47ff1080, 0, 0x1000] } }) },
    ["MA005"],
    { host: hostTree() },
  ],
  [
    "MA005",
    "a row's page at an odd address, before v10",
    {
      host: host({ [`${BOX}/sram@47ff2000`]: { reg: [0, 0x47ff2800, 0, 0x1000] } }),
      xen: { version: "v9", known: true },
    },
    ["MA005"],
    // Only the management page's size is said to be wrong when it is nothing: of the others Xen never looks at it.
    { host: host({ [`${BOX}/sram@47ff2000`]: { reg: [0, 0x47ff2000, 0, 0] } }) },
  ],
  [
    "MA006",
    "a management page of size 0",
    { host: host({ [`${BOX}/sram@47ff1000`]: { reg: [0, 0x47ff1000, 0, 0] } }) },
    ["MA006"],
    { host: hostTree() },
  ],
  [
    "MA007",
    "/chosen without ranges, as published",
    { host: host({ "/chosen": { ranges: null } }) },
    ["MA007"],
    { host: hostTree() },
  ],
  [
    "MA007",
    "a container without ranges",
    { host: host({ [BOX]: { ranges: null } }) },
    ["MA007"],
    { host: hostTree() },
  ],
  [
    "MA007",
    "a page without reg",
    { host: host({ [`${BOX}/sram@47ff2000`]: { reg: null } }) },
    ["MA007"],
    { host: hostTree() },
  ],
  [
    "MA008",
    "a management node whose page dangles",
    { host: host({ [MANAGEMENT]: { shmem: [0x99] } }) },
    ["MA008"],
    { host: hostTree() },
  ],
  [
    "MA008",
    "a management node without a page",
    { host: host({ [MANAGEMENT]: { shmem: null } }) },
    ["MA008"],
    { host: hostTree() },
  ],
  [
    "MA008",
    "a management node without a doorbell",
    { host: host({ [MANAGEMENT]: { "arm,smc-id": null } }) },
    ["MA008"],
    { host: hostTree() },
  ],
  [
    "MA009",
    "a row whose page dangles",
    { host: host({ [BOX]: rows(0x82000002, 1, 0, 0x82000004, 0x99, 2) }) },
    ["MA009"],
    { host: hostTree() },
  ],
  [
    "MA009",
    "a row whose page is a function id",
    { host: host({ [BOX]: rows(0x82000002, 0x82000004, 0) }) },
    ["MA009"],
    { host: host({ [BOX]: rows(0x82000002, 1, 0) }) },
  ],
  [
    "MA009",
    "rows of two cells that divide by three: the second one's page is a function id",
    {
      host: host({
        [BOX]: { "#scmi-secondary-agents-cells": null, ...rows(0x82000002, 1, 0x82000004, 3, 0x82000005, 4) },
      }),
    },
    // What is taken for a function id is a phandle.
    ["MA009", "MA017", "MA019"],
    {
      host: host({
        [BOX]: { "#scmi-secondary-agents-cells": [2], ...rows(0x82000002, 1, 0x82000004, 3, 0x82000005, 4) },
      }),
    },
  ],
  [
    "MA010",
    "two rows of one agent",
    { host: host({ [BOX]: rows(0x82000002, 1, 0, 0x82000004, 3, 0) }) },
    ["MA010"],
    { host: hostTree() },
  ],
  [
    "MA010",
    "a row of Xen's own agent, as the board tells",
    { host: host({ [BOX]: rows(0x82000002, 1, 0, 0x82000004, 3, 1) }), board: boardText() },
    ["MA010", "MA015"],
    { host: hostTree(), board: boardText() },
  ],
  [
    "MA010",
    "two rows of two cells that the firmware answers alike",
    {
      host: host({ [BOX]: { "#scmi-secondary-agents-cells": [2], ...rows(0x82000004, 3, 0x82000004, 4) } }),
      board: boardText(),
    },
    ["MA002", "MA010", "MA016"],
    {
      host: host({ [BOX]: { "#scmi-secondary-agents-cells": [2], ...rows(0x82000004, 3, 0x82000005, 4) } }),
      board: boardText(),
    },
  ],
  [
    "MA011",
    "rows of four cells",
    { host: host({ [BOX]: { "#scmi-secondary-agents-cells": [4] } }) },
    ["MA011"],
    { host: host({ [BOX]: { "#scmi-secondary-agents-cells": null } }) },
  ],
  [
    "MA012",
    "rows of two cells without the cells property",
    {
      host: host({
        [BOX]: { "#scmi-secondary-agents-cells": null, ...rows(0x82000002, 1, 0x82000004, 3) },
      }),
    },
    ["MA012"],
    { host: host({ [BOX]: { "#scmi-secondary-agents-cells": [2], ...rows(0x82000002, 1, 0x82000004, 3) } }) },
  ],
  [
    "MA012",
    "a list cut within a cell",
    { host: host({ [BOX]: { "scmi-secondary-agents": new Uint8Array([0x82, 0, 0, 2, 0, 0]) } }) },
    ["MA012"],
    { host: hostTree() },
  ],
  [
    "MA013",
    "no list",
    { host: host({ [BOX]: { "scmi-secondary-agents": null } }) },
    ["MA013"],
    { host: hostTree() },
  ],
  [
    "MA013",
    "an empty list",
    { host: host({ [BOX]: { "scmi-secondary-agents": true } }) },
    ["MA013"],
    { host: hostTree() },
  ],
  [
    "MA014",
    "rows that start with the agent",
    { host: host({ [BOX]: rows(0, 0x82000002, 1, 2, 0x82000004, 3) }) },
    ["MA014"],
    { host: hostTree() },
  ],
  [
    "MA015",
    "a declared agent that the firmware knows as another",
    { host: host({ [BOX]: rows(0x82000002, 1, 0, 0x82000004, 3, 3) }), board: boardText() },
    ["MA015"],
    { host: hostTree(), board: boardText() },
  ],
  [
    "MA016",
    "the doorbell of one agent with the page of another",
    { host: host({ [BOX]: rows(0x82000002, 1, 0, 0x82000004, 4, 2) }), board: boardText() },
    ["MA016"],
    { host: hostTree(), board: boardText() },
  ],
  [
    "MA016",
    "a page that the firmware does not know",
    {
      host: host({ [`${BOX}/sram@47ff1000`]: { reg: [0, 0x47ff9000, 0, 0x1000] } }),
      board: boardText(),
    },
    ["MA016"],
    { host: hostTree(), board: boardText() },
  ],
  [
    "MA016",
    "an agent that the firmware does not have, with the page of one that it has",
    { host: host({ [BOX]: rows(0x82000002, 1, 0, 0x82000004, 3, 2, 0x82000009, 4, 7) }), board: boardText() },
    ["MA016"],
    { host: host({ [BOX]: UNKNOWN_AGENT, [`${BOX}/sram@47ff9000`]: FREE_PAGE }), board: boardText() },
  ],
  [
    "MA016",
    "a guest's agent that the firmware does not have",
    {
      host: host({ [BOX]: UNKNOWN_AGENT, [`${BOX}/sram@47ff9000`]: FREE_PAGE }),
      board: boardText(),
      xlcfg: [guest().replace("=2", "=7")],
    },
    ["MA016"],
    {
      host: host({ [BOX]: UNKNOWN_AGENT, [`${BOX}/sram@47ff9000`]: FREE_PAGE }),
      board: boardText(),
      xlcfg: [guest()],
    },
  ],
  [
    "MA017",
    "a function id of another owner",
    { host: host({ [BOX]: rows(0x82000002, 1, 0, 0x84000004, 3, 2) }) },
    ["MA017"],
    { host: hostTree() },
  ],
  [
    "MA018",
    "a function id of the 64-bit convention",
    { host: host({ [BOX]: rows(0x82000002, 1, 0, 0xc2000004, 3, 2) }) },
    ["MA018"],
    { host: host({ [MANAGEMENT]: { "arm,smc-id": [0xc2000003] } }) },
  ],
  [
    "MA019",
    "a yielding function id",
    { host: host({ [BOX]: rows(0x82000002, 1, 0, 0x02000004, 3, 2) }) },
    ["MA019"],
    { host: hostTree() },
  ],
  [
    "MA019",
    "a yielding management doorbell",
    { host: host({ [MANAGEMENT]: { "arm,smc-id": [0x02000003] } }) },
    ["MA019"],
    { host: hostTree() },
  ],
  [
    "MA020",
    "two management nodes",
    { host: withSecond() },
    ["MA020"],
    { host: withSecond({ status: "disabled" }) },
  ],
  [
    "MA020",
    "a second management node that fails early",
    { host: withSecond({ shmem: null }) },
    ["MA020"],
    { host: withSecond({ "xen,passthrough": true }) },
  ],
  [
    "MA021",
    "a broken management node before the good one",
    { host: edited(withSecond(), { [MANAGEMENT]: { "arm,smc-id": null } }) },
    ["MA021"],
    { host: hostTree() },
  ],
  [
    "MA021",
    "a management node whose page dangles before the good one",
    { host: edited(withSecond(), { [MANAGEMENT]: { shmem: [0x99] } }) },
    ["MA008", "MA021"],
    { host: edited(withSecond(), { [MANAGEMENT]: { shmem: [0x99], status: "disabled" }, [I2C]: null }) },
  ],
  [
    "MA022",
    "two containers",
    { host: host({ "/chosen/second": { compatible: "xen,sci" } }) },
    ["MA022"],
    { host: host({ "/chosen/second": { compatible: "simple-bus" } }) },
  ],
  [
    "MA023",
    "a host node and no container",
    { host: host({ [BOX]: null, [I2C]: null }) },
    ["MA023"],
    { host: host({ [BOX]: null, [I2C]: null, "/firmware/scmi": { status: "disabled" } }) },
  ],
  [
    "MA023",
    "a container without a management node",
    { host: host({ [MANAGEMENT]: null, [I2C]: null }) },
    ["MA023"],
    { host: host({ [BOX]: null, [I2C]: null, "/hypervisor": { compatible: ["xen,xen-4.21", "xen,xen"] } }) },
  ],
  [
    "MA023",
    "a container whose management node is disabled, and no other SCMI node",
    { host: host({ [MANAGEMENT]: { status: "disabled" }, "/firmware/scmi": null, [I2C]: null }) },
    ["MA023"],
    { host: hostTree() },
  ],
  [
    "MA025",
    "a device that names the host's SCMI node",
    {
      host: host({
        "/firmware/scmi": { "#access-controller-cells": [1], phandle: [30] },
        [I2C]: { "access-controllers": [30, 1] },
      }),
    },
    ["MA025"],
    { host: host({ "/firmware/scmi": { "#access-controller-cells": [1], phandle: [30] } }) },
  ],
  [
    "MA025",
    "a device that names the host's SCMI node, which controls nothing",
    { host: host({ "/firmware/scmi": { phandle: [30] }, [I2C]: { "access-controllers": [30, 1] } }) },
    ["MA025"],
    {
      host: host({
        "/firmware/scmi": { "#access-controller-cells": [1], phandle: [30] },
        [I2C]: { "access-controllers": [20, 1, 30, 1] },
      }),
    },
  ],
  [
    "MA026",
    "a management node without cells",
    { host: host({ [MANAGEMENT]: { "#access-controller-cells": null } }) },
    ["MA026"],
    { host: host({ [MANAGEMENT]: { "#access-controller-cells": null }, [I2C]: null }) },
  ],
  [
    "MA026",
    "a management node of two cells",
    {
      host: host({
        [MANAGEMENT]: { "#access-controller-cells": [2] },
        [I2C]: { "access-controllers": [20, 1, 0] },
      }),
    },
    ["MA026"],
    { host: hostTree() },
  ],
  ...[
    ["phandle 0", [20, 1, 0, 2]],
    ["an unknown phandle", [20, 1, 0x99, 2]],
    ["a provider without cells", [20, 1, 1, 2]],
    ["a cut entry", [20, 1, 20]],
  ].map(
    ([what, list]) =>
      [
        "MA027",
        `a list with ${String(what)}`,
        { host: host({ [I2C]: { "access-controllers": list as number[] } }) },
        ["MA027"],
        { host: host({ [I2C]: { "access-controllers": [20, 1, 20, 2] } }) },
      ] as const,
  ),
  [
    "MA028",
    "two devices of one id",
    { host: host({ [SPI]: { reg: [0, 0xe6510000, 0, 0x1000], "access-controllers": [20, 1] } }) },
    ["MA028"],
    { host: host({ [SPI]: { reg: [0, 0xe6510000, 0, 0x1000], "access-controllers": [20, 2] } }) },
  ],
  [
    "MA029",
    "a guest's device that nobody controls",
    {
      host: host({ [I2C]: { "access-controllers": null } }),
      xlcfg: [guest('dtdev = [ "/soc/i2c@e6508000" ]')],
    },
    ["MA029"],
    { host: hostTree(), xlcfg: [guest('dtdev = [ "/soc/i2c@e6508000" ]')] },
  ],
  [
    "MA029",
    "a passed-through device that is fed by SCMI",
    {
      host: host({
        "/firmware/scmi/protocol@14": { reg: [0x14], phandle: [31] },
        [SPI]: { reg: [0, 0xe6510000, 0, 0x1000], "xen,passthrough": true, clocks: [31, 4] },
      }),
    },
    ["MA029"],
    {
      host: host({
        "/clock": { "#clock-cells": [0], phandle: [31] },
        [SPI]: { reg: [0, 0xe6510000, 0, 0x1000], "xen,passthrough": true, clocks: [31] },
        "/soc/sram@1000": { reg: [0, 0x1000, 0, 0x1000], "xen,passthrough": true },
      }),
    },
  ],
  [
    "MA030",
    "a device of the partial tree that is not assigned",
    {
      host: hostTree(),
      xlcfg: [guest()],
      partials: [
        edited(partialTree(0x82000004, null), { "/passthrough/i2c@e6508000": { reg: [0, 1, 0, 1] } }),
      ],
    },
    ["MA030"],
    {
      host: hostTree(),
      xlcfg: [guest('dtdev = [ "/soc/i2c@e6508000" ]')],
      partials: [
        edited(partialTree(0x82000004, null), { "/passthrough/i2c@e6508000": { reg: [0, 1, 0, 1] } }),
      ],
    },
  ],
  [
    "MA030",
    "a device that the partial tree names by its host path",
    {
      host: hostTree(),
      xlcfg: [guest()],
      partials: [edited(partialTree(0x82000004, null), { "/passthrough/bus": { "xen,path": I2C } })],
    },
    ["MA030"],
    {
      host: hostTree(),
      xlcfg: [guest()],
      partials: [edited(partialTree(0x82000004, null), { "/passthrough/bus": { "xen,path": "/soc" } })],
    },
  ],
  [
    "MA031",
    "a guest's device that dom0 has too",
    {
      host: host({ [I2C]: { "xen,passthrough": null } }),
      xlcfg: [guest('dtdev = [ "/soc/i2c@e6508000" ]')],
    },
    ["MA031"],
    { host: hostTree(), xlcfg: [guest('dtdev = [ "/soc/i2c@e6508000" ]')] },
  ],
];

describe("a rule of the multi-agent binding", () => {
  test("finds nothing in a tree that works, with or without a board", () => {
    expect(fired({ host: hostTree() })).toEqual([]);
    expect(fired({ host: hostTree(), board: boardText() })).toEqual([]);
  });

  test.each(CASES)("%s: %s", (rule, _what, bad, all, good) => {
    expect(fired(bad)).toEqual(all);
    expect(all).toContain(rule);
    expect(fired(good)).toEqual([]);
  });

  test("has an example, whichever it is", () => {
    const shown = new Set(CASES.map(([rule]) => rule));
    const all = Array.from({ length: 31 }, (_, index) => `MA${String(index + 1).padStart(3, "0")}`);
    expect(all.filter((rule) => !shown.has(rule))).toEqual(["MA024"]);
  });
});

describe("MA024", () => {
  const box = { "#address-cells": [2], "#size-cells": [2], ranges: true } as const;
  const page = { "sram@47ff2000": { props: { reg: [0, 0x47ff2000, 0, 0x1000], phandle: [3] } } };
  const smc = { compatible: "arm,scmi-smc", "arm,smc-id": [0x82000002], shmem: [4] };
  const pages = { ...page, "sram@47ff1000": { props: { reg: [0, 0x47ff1000, 0, 0x1000], phandle: [4] } } };
  const forms: Readonly<Record<string, DtbNode>> = {
    v5: {
      props: box,
      children: {
        chosen: {
          props: box,
          children: {
            "xen,config": {
              props: { ...box, "scmi-secondary-agents": [0x82000004, 3, 2] },
              children: { ...pages, scmi: { props: smc } },
            },
          },
        },
      },
    },
    v4: {
      props: box,
      children: {
        chosen: { props: { "xen,scmi-secondary-agents": [2, 0x82000004, 3] } },
        firmware: { children: { scmi: { props: smc } } },
        ...pages,
      },
    },
    bsp: {
      props: box,
      children: {
        firmware: { children: { scmi: { props: { ...smc, "epam,secondary-agents": [2, 0x82000004, 3] } } } },
        ...pages,
      },
    },
  };

  test.each(Object.entries(forms))(
    "names a tree of %s, and nothing else is wrong with it",
    (version, root) => {
      expect(fired({ host: root })).toEqual(["MA024"]);
      expect(fired({ host: root, board: ofVersion("v11") }).filter((rule) => rule === "MA024")).toHaveLength(
        1,
      );
      const { message } = findings({ host: root })[0] ?? {};
      expect(message).toContain("export migrate");
      expect(fired({ host: root, xen: { version: version as "v4", known: true } })).toEqual([]);
    },
  );

  test("names a tree that is newer than Xen", () => {
    const all = fired({ host: hostTree(), board: ofVersion("v6") });
    expect(all).toEqual(["MA024"]);
    expect(fired({ host: hostTree(), board: ofVersion("v7") })).toEqual([]);
  });

  test("says nothing of what an old container became", () => {
    const root = edited(forms["v5"] as DtbNode, { "/chosen/xen,config": { compatible: "xen,sci" } });
    expect(fired({ host: root })).toEqual([]);
  });
});

describe("what is not known of an overlay's base", () => {
  test("is no reason to complain", () => {
    const bare: DtbNode = {
      children: { chosen: { children: { box: { props: { compatible: "xen,sci" } } } } },
    };
    expect(fired({ host: bare })).not.toEqual([]);
  });
});

describe("an overlay without its base", () => {
  const onto = (
    target: string,
    content: DtbNode,
    phandles: Readonly<Record<string, string>> = {},
  ): DtbNode => ({
    children: {
      "fragment@0": { props: { "target-path": target }, children: { __overlay__: content } },
      __fixups__: { props: phandles },
    },
  });
  const cells = { "#address-cells": [2], "#size-cells": [2] };
  const page = (address: number, phandle: number): DtbNode => ({
    props: { compatible: "arm,scmi-shmem", reg: [0, address, 0, 0x1000], phandle: [phandle] },
  });
  const box = (edits: Edits, props: Edits = {}): DtbNode =>
    edited(
      {
        props: { compatible: "xen,sci", ...cells, ranges: true, "scmi-secondary-agents": [0x82000004, 2, 2] },
        children: {
          "sram@1000": page(0x1000, 1),
          "sram@2000": page(0x2000, 2),
          scmi: { props: { compatible: "arm,scmi-smc", "arm,smc-id": [0x82000003], shmem: [1] } },
        },
      },
      { "/": props, "/sram@2000": edits },
    );

  test.each<[string, DtbNode, readonly string[]]>([
    ["a container below what may have `ranges`", onto("/chosen", { children: { box: box({}) } }), []],
    [
      "a page that may lie anywhere",
      onto("/chosen", { children: { box: box({ reg: [0, 0x1000, 0, 0x10] }) } }),
      [],
    ],
    [
      "a container without `ranges`",
      onto("/chosen", { children: { box: box({}, { ranges: null }) } }),
      ["MA007"],
    ],
    ["a container that may have a list", onto("/chosen/box", { props: { compatible: "xen,sci" } }), []],
    [
      "rows that may have another length",
      onto("/chosen/box", {
        props: { ...{ compatible: "xen,sci" }, "scmi-secondary-agents": [0x82000004, 1] },
      }),
      [],
    ],
    [
      "pages whose way to the root is told",
      onto("/", { props: cells, children: { box: box({ reg: [0, 0x1000, 0, 0x1000] }) } }),
      ["MA003"],
    ],
    [
      "an SCMI node",
      onto("/firmware", { children: { scmi: { props: { compatible: "arm,scmi-smc" } } } }),
      [],
    ],
    [
      "pages below a root whose cells are not told",
      onto("/", { children: { box: box({ reg: [0, 0x1000, 0, 0x1000] }) } }),
      [],
    ],
    [
      "references by number, to what the base may have",
      onto("/chosen/box", {
        props: { ...cells, compatible: "xen,sci", "scmi-secondary-agents": [0x82000004, 0x77, 2] },
        children: { scmi: { props: { compatible: "arm,scmi-smc", "arm,smc-id": [1 << 31], shmem: [0x78] } } },
      }),
      [],
    ],
    [
      "a device of a controller of the base",
      onto(
        "/soc/i2c",
        { props: { "access-controllers": [0xffffffff, 1] } },
        {
          mgmt: "/fragment@0/__overlay__:access-controllers:0",
        },
      ),
      [],
    ],
  ])("%s", (_what, overlay, all) => {
    expect(fired({ overlays: [overlay] })).toEqual(all);
  });
});

test("what two channels of one agent come to depends on the version", () => {
  const twice = host({ [BOX]: rows(0x82000002, 1, 0, 0x82000004, 3, 0) });
  const said = (version: "v5" | "v10") =>
    findings({ host: twice, xen: { version, known: true } }).find(({ rule }) => rule === "MA010")?.message;
  expect(said("v10")).toContain("EEXIST");
  expect(said("v5")).toContain("cannot be reached");
});
