import { describe, expect, test } from "vitest";
import type { DtbNode, DtbValue } from "../../support/fdt-builder.ts";
import { hostTree, partialTree } from "./host-tree.ts";
import { findings, type Given, rules } from "./lint-input.ts";

/** The rules of domains that fire. */
const dm = (given: Given) => rules(given).filter((rule) => rule.startsWith("DM"));

/** A guest's xl.cfg. */
const guest = (agent: number, ...more: string[]) =>
  [`name = "drv${agent}"`, `arm_sci = "type=scmi_smc_multiagent,agent_id=${agent}"`, ...more, ""].join("\n");
const single = (...more: string[]) => [`name = "drv"`, 'arm_sci = "type=scmi_smc"', ...more, ""].join("\n");
const DRV = guest(2, 'iomem = [ "47ff2,1@22001" ]', 'device_tree = "/etc/xen/drv.dtb"');
/** A host with a domain that Xen creates. */
const withDomain = (props: Readonly<Record<string, DtbValue>>) =>
  hostTree({ chosen: { guest1: { props: { compatible: "xen,domain", ...props } } } });
const MULTI = { "xen,sci_type": "scmi_smc_multiagent" };

describe("a configuration that works has no findings", () => {
  test.each<[string, Given]>([
    ["a tree alone", { host: hostTree() }],
    [
      "a tree and a guest",
      { host: hostTree(), xlcfg: [DRV], partials: [partialTree(0x82000004, 0x22001000)] },
    ],
    ["two guests", { host: hostTree(), xlcfg: [DRV, guest(3, 'iomem=["47ff3,1"]')] }],
    ["two guests without a tree", { xlcfg: [DRV, guest(3)] }],
    ["a guest that maps no page, and has no tree", { host: hostTree(), xlcfg: [guest(2)] }],
    ["a page among others", { host: hostTree(), xlcfg: [guest(2, 'iomem=["e6020,1", "0x47ff2,1"]')] }],
    ["no agent for dom0", { host: hostTree({ container: { "xen,dom0-sci-agent-id": null }, scmi: null }) }],
    [
      "no agent for dom0, and a host node",
      { host: hostTree({ container: { "xen,dom0-sci-agent-id": null } }) },
    ],
    ["a dom0less domain", { host: withDomain({ ...MULTI, "xen,sci-agent-id": [2] }) }],
    ["a dom0less domain without SCI", { host: withDomain({}) }],
    ["a dom0less domain of type none", { host: withDomain({ "xen,sci_type": "none" }) }],
    [
      "both names of the agent's property",
      { host: withDomain({ ...MULTI, "xen,sci-agent-id": [2], "xen,sci_agent_id": [2] }) },
    ],
    [
      "both names of the type's property",
      { host: withDomain({ ...MULTI, "xen,sci-type": "x", "xen,sci-agent-id": [2] }) },
    ],
  ])("%s", (_what, given) => {
    expect(dm(given)).toEqual([]);
  });
});

describe("agents", () => {
  test.each<[string, Given, string[]]>([
    ["that are not in the list", { host: hostTree(), xlcfg: [guest(7)] }, ["DM001"]],
    [
      "that are not in the list, of a dom0less domain",
      { host: withDomain({ ...MULTI, "xen,sci-agent-id": [9] }) },
      ["DM001"],
    ],
    ["of another guest", { host: hostTree(), xlcfg: [guest(2), guest(2)] }, ["DM002"]],
    ["of another guest, without a tree", { xlcfg: [guest(2), guest(2)] }, ["DM002"]],
    [
      "of dom0",
      {
        host: hostTree({
          container: { "xen,dom0-sci-agent-id": [2] },
          scmi: { "arm,smc-id": [0x82000004], shmem: [3] },
        }),
        xlcfg: [guest(2)],
      },
      ["DM002"],
    ],
    [
      "of a dom0less domain",
      { host: withDomain({ ...MULTI, "xen,sci-agent-id": [2] }), xlcfg: [guest(2)] },
      ["DM002"],
    ],
    [
      "of dom0, by a dom0less domain, which is agent 0",
      { host: withDomain({ ...MULTI, "xen,sci-agent-id": [0] }) },
      ["DM002", "DM011"],
    ],
    [
      "of which there is one",
      {
        xlcfg: [single(), single()],
        xen: { mediator: "single-agent", cmdline: "scmi-smc-passthrough", known: true },
      },
      ["DM002"],
    ],
    [
      "that dom0 wants and are not there",
      { host: hostTree({ container: { "xen,dom0-sci-agent-id": [9] } }) },
      ["DM003"],
    ],
    [
      "that are too large for dom0",
      { host: hostTree({ container: { "xen,dom0-sci-agent-id": [255] } }) },
      ["DM004"],
    ],
    ["0", { host: hostTree({ container: { "xen,dom0-sci-agent-id": null } }), xlcfg: [guest(0)] }, ["DM011"]],
  ])("%s", (_what, given, expected) => {
    expect(dm(given)).toEqual(expected);
  });

  test("are told where they are asked for", () => {
    const found = findings({ host: hostTree(), xlcfg: [guest(2), `\n\n${guest(2)}`] });
    expect(found).toMatchObject([
      {
        rule: "DM002",
        severity: "E",
        file: "b.cfg",
        line: 4,
        message: expect.stringContaining("taken by drv2 (a.cfg)"),
      },
    ]);
    expect(findings({ host: hostTree(), xlcfg: [guest(7)] })[0]?.message).toContain("known are 0, 2, 3");
  });

  test("of a list that leaves them out are not guessed, unless a board tells them", () => {
    const host = hostTree({
      container: {
        "#scmi-secondary-agents-cells": [2],
        "scmi-secondary-agents": [0x82000002, 1, 0x82000004, 3],
      },
    });
    expect(dm({ host, xlcfg: [guest(7)] })).toEqual([]);
    expect(dm({ host, xlcfg: [guest(7)], board: BOARD })).toEqual(["DM001"]);
    expect(dm({ host, xlcfg: [guest(1)], board: BOARD })).toEqual(["DM002"]);
    expect(dm({ host, xlcfg: [guest(2)], board: BOARD })).toEqual([]);
  });

  test("of a list are all that there are, though the rest of the tree is not known", () => {
    expect(dm({ host: hostTree(), whole: false, xlcfg: [guest(7)] })).toEqual(["DM001"]);
  });

  test("that are Xen's own have no channel that could be mapped or compared", () => {
    const pages = 'iomem = [ "e6020,1" ]';
    expect(dm({ host: hostTree(), board: BOARD, xlcfg: [guest(1, pages)] })).toEqual(["DM002"]);
    const host = hostTree({ container: { "xen,dom0-sci-agent-id": [1] } });
    expect(dm({ host, board: BOARD })).toEqual(["DM003"]);
  });

  test("that are there twice are the first, as Xen finds them", () => {
    const host = hostTree({
      container: { "scmi-secondary-agents": [0x82000002, 1, 0, 0x82000004, 3, 2, 0x82000005, 4, 2] },
    });
    expect(dm({ host, xlcfg: [guest(2, 'iomem = [ "47ff2,1" ]')] })).toEqual([]);
  });

  test("mean nothing to another mediator", () => {
    const xen = { mediator: "none", known: true } as const;
    expect(dm({ host: hostTree(), xlcfg: [guest(7), guest(7)], xen })).toEqual([]);
  });

  test("of dom0 are 0 as a rule, which matters where the firmware keeps it for itself", () => {
    expect(dm({ host: hostTree(), board: BOARD })).toEqual([]);
    expect(dm({ host: hostTree(), board: BOARD.replace("profile: ref", "profile: scp") })).toEqual(["DM011"]);
  });
});

const BOARD = `
name: test
deviceTree: host.dtb
firmware:
  profile: ref
  trustedAgents: [1]
  agents:
    - { id: 0, name: a, funcId: 0x82000002, shmem: 0x47ff0000 }
    - { id: 1, name: b, funcId: 0x82000003, shmem: 0x47ff1000 }
    - { id: 2, name: c, funcId: 0x82000004, shmem: 0x47ff2000 }
    - { id: 3, name: d, funcId: 0x82000005, shmem: 0x47ff3000 }
`;

describe("the host's own SCMI node", () => {
  const elsewhere: Readonly<Record<string, DtbNode>> = {
    scmi: { props: { compatible: "arm,scmi-smc", "arm,smc-id": [0x82000002], shmem: [10] } },
  };

  test.each<[string, Given, string[]]>([
    ["rings another id than dom0's", { host: hostTree({ scmi: { "arm,smc-id": [0x82000004] } }) }, ["DM005"]],
    ["uses another page than dom0's", { host: hostTree({ scmi: { shmem: [3] } }) }, ["DM005"]],
    ["is absent", { host: hostTree({ scmi: null }) }, ["DM006"]],
    ["is disabled", { host: hostTree({ scmi: { status: "disabled" } }) }, ["DM006"]],
    ["may be in the base of the overlays", { host: hostTree({ scmi: null }), whole: false }, []],
    ["is elsewhere", { host: hostTree({ scmi: null, more: elsewhere }) }, ["DM007"]],
    ["is there and elsewhere", { host: hostTree({ more: elsewhere }) }, ["DM007"]],
    [
      "is elsewhere, and stays by default in single-agent mode",
      { host: hostTree({ scmi: null, more: elsewhere }), xen: { mediator: "single-agent", known: true } },
      [],
    ],
    [
      "is elsewhere, and stays where a guest is to have it",
      {
        host: { children: elsewhere },
        xen: { mediator: "single-agent", known: true, cmdline: "scmi-smc-passthrough" },
      },
      ["DM007"],
    ],
    [
      "is of another transport",
      { host: hostTree({ scmi: { compatible: "arm,scmi", "arm,smc-id": null } }) },
      [],
    ],
  ])("%s", (_what, given, expected) => {
    expect(dm(given)).toEqual(expected);
  });
});

describe("a dom0less domain", () => {
  test.each<[string, Readonly<Record<string, DtbValue>>, string[]]>([
    [
      "with a dash in its type's name",
      { "xen,sci-type": "scmi_smc_multiagent", "xen,sci-agent-id": [2] },
      ["DM012"],
    ],
    ["with underscores in its agent's name", { ...MULTI, "xen,sci_agent_id": [2] }, ["DM013"]],
    [
      "with a type in capitals",
      { "xen,sci_type": "SCMI_SMC_MULTIAGENT", "xen,sci-agent-id": [2] },
      ["DM014"],
    ],
    ["with an empty type", { "xen,sci_type": true }, ["DM014"]],
    ["with a type that does not end", { "xen,sci_type": Uint8Array.of(0x78) }, ["DM014"]],
    ["with the type of another mediator", { "xen,sci_type": "scmi_smc" }, ["DM014"]],
    ["with an agent and no type", { "xen,sci-agent-id": [2] }, ["DM015"]],
    ["with an agent and the type none", { "xen,sci_type": "none", "xen,sci-agent-id": [2] }, ["DM015"]],
    ["with no agent", MULTI, ["DM016"]],
    ["with half an agent", { ...MULTI, "xen,sci-agent-id": Uint8Array.of(0, 2) }, ["DM016"]],
    ["with agent 255", { ...MULTI, "xen,sci-agent-id": [255] }, ["DM016"]],
  ])("%s", (_what, props, expected) => {
    const found = findings({ host: withDomain(props) });
    expect(found.map(({ rule }) => rule)).toEqual(expected);
    expect(found.map(({ node }) => node)).toEqual(["/chosen/guest1"]);
  });

  test("of a version with another name for the agent", () => {
    const host = withDomain({ ...MULTI, "xen,sci_agent_id": [2] });
    expect(dm({ host, xen: { version: "v5" } })).toEqual([]);
    expect(dm({ host: withDomain({ ...MULTI, "xen,sci-agent-id": [2] }), xen: { version: "v5" } })).toEqual([
      "DM016",
    ]);
  });

  test("is a child of /chosen that says so", () => {
    const lost: DtbNode = { props: { compatible: "xen,domain", "xen,sci_type": "x" } };
    expect(
      dm({ host: hostTree({ more: { lost }, chosen: { x: { props: { "xen,sci_type": "x" } } } }) }),
    ).toEqual([]);
  });

  test("of the single-agent type needs the option", () => {
    const host: DtbNode = {
      children: {
        chosen: { children: { g: { props: { compatible: "xen,domain", "xen,sci_type": "scmi_smc" } } } },
      },
    };
    const xen = { mediator: "single-agent", known: true } as const;
    expect(dm({ host, xen })).toEqual(["DM014"]);
    expect(dm({ host, xen: { ...xen, cmdline: "scmi-smc-passthrough" } })).toEqual([]);
    expect(dm({ host })).toEqual([]);
  });
});

describe("a guest's page and function id", () => {
  const tree = partialTree(0x82000004, 0x22001000);
  const mapping = (...ranges: string[]) =>
    guest(2, `iomem = [ ${ranges.map((range) => `"${range}"`).join(", ")} ]`);

  test.each<[string, string, DtbNode | null, string[]]>([
    ["the id of another agent", DRV, partialTree(0x82000005, 0x22001000), ["DM008"]],
    ["no id", DRV, partialTree(null, 0x22001000), ["DM008"]],
    ["the page of another agent", mapping("47ff3,1@22001"), null, ["DM009"]],
    ["no page", mapping("e6020,1"), tree, ["DM009"]],
    ["nothing mapped, but a tree", guest(2, 'device_tree = "/x"'), tree, ["DM009"]],
    ["its page and Xen's", mapping("47ff1,2"), partialTree(0x82000004, 0x47ff2000), ["DM009"]],
    ["another guest address", DRV, partialTree(0x82000004, 0x22002000), ["DM010"]],
    ["the host's address, mapped elsewhere", DRV, partialTree(0x82000004, 0x47ff2000), ["DM010"]],
    ["no address", DRV, partialTree(0x82000004, null), ["DM010"]],
    ["the host's address", mapping("47ff2,1"), partialTree(0x82000004, 0x47ff2000), []],
    [
      "an address in a larger range",
      mapping("47ff0,1", "47ff2,10@30000"),
      partialTree(0x82000004, 0x30000000),
      ["DM009"],
    ],
  ])("with %s", (_what, xlcfg, partial, expected) => {
    expect(dm({ host: hostTree(), xlcfg: [xlcfg], partials: [partial] })).toEqual(expected);
  });

  test("are told with the line of the item, and the node of the guest's tree", () => {
    const text = guest(2, "iomem = [", '  "47ff2,1@22001",', '  "47ff1,1",', "]");
    const given: Given = { host: hostTree(), xlcfg: [text], partials: [partialTree(0x82000004, 0x22002000)] };
    expect(findings(given)).toMatchObject([
      { rule: "DM009", line: 5, message: expect.stringContaining("the page of Xen's own channel") },
      {
        rule: "DM010",
        file: "a.dtb",
        node: "/passthrough/sram@22001000",
        message: expect.stringContaining("0x22002000"),
      },
    ]);
  });

  test("of a row without an agent's id may be the guest's, where no board says whose it is; but only one can", () => {
    const rows = {
      "#scmi-secondary-agents-cells": [2],
      "scmi-secondary-agents": [0x82000002, 1, 0x82000004, 3, 0x82000005, 4],
    };
    const host = hostTree({ container: rows });
    expect(dm({ host, xlcfg: [mapping("47ff2,1@22001")] })).toEqual([]);
    expect(dm({ host, xlcfg: [mapping("47ff2,2@22001")] })).toEqual(["DM009"]);
    expect(dm({ host, xlcfg: [mapping("47ff1,1")] })).toEqual(["DM009"]);
    expect(dm({ host, xlcfg: ['name="x"\niomem=["47ff2,1"]'] })).toEqual(["DM009"]);
    expect(dm({ host, xlcfg: [mapping("47ff3,1@22001")], board: BOARD })).toEqual(["DM009"]);
  });

  test("of a guest without an agent are nobody's", () => {
    expect(dm({ host: hostTree(), xlcfg: ['name="x"\niomem=["47ff0,8"]'] })).toEqual(["DM009"]);
    expect(dm({ host: hostTree(), xlcfg: ['name="x"\niomem=["47ff8,8"]'] })).toEqual([]);
    expect(
      dm({
        host: hostTree(),
        xlcfg: ['name="x"\niomem=["47ff8,1"]'],
        board: `${BOARD}    - { id: 9, name: e, funcId: 0x82000009, shmem: 0x47ff8000 }\n`,
      }),
    ).toEqual(["DM009"]);
  });

  test("are the host's in single-agent mode", () => {
    const host: DtbNode = {
      props: { "#address-cells": [2], "#size-cells": [2] },
      children: {
        "sram@1000": { props: { reg: [0, 0x1000, 0, 0x1000], phandle: [1] } },
        firmware: {
          children: {
            scmi: { props: { compatible: "arm,scmi-smc", "arm,smc-id": [0x82000002], shmem: [1] } },
          },
        },
      },
    };
    const given: Given = {
      host,
      xen: { mediator: "single-agent", cmdline: "scmi-smc-passthrough", known: true },
    };
    const text = single('iomem = [ "1,1@22001" ]');
    expect(dm({ ...given, xlcfg: [text], partials: [partialTree(0x82000002, 0x22001000)] })).toEqual([]);
    expect(dm({ ...given, xlcfg: [text], partials: [partialTree(0x82000003, 0x22002000)] })).toEqual([
      "DM008",
      "DM010",
    ]);
    expect(dm({ ...given, xlcfg: [single('iomem = [ "2,1" ]')] })).toEqual(["DM009"]);
  });
});

describe("the partial tree of a dom0less domain", () => {
  /** Guest address 0x22001000 from this page of the host. */
  const partial = (funcId: number, page: number, address = 0x22001000): DtbNode =>
    partialTree(funcId, address, [0, page, 0, 0x1000, 0, 0x22001000]);
  const host = withDomain({ ...MULTI, "xen,sci-agent-id": [2] });
  const board = BOARD.replace("\nfirmware:", "\nxen: { partialTrees: { guest1: loose-0.dtb } }\nfirmware:");

  test.each<[string, DtbNode, string[]]>([
    ["that is right", partial(0x82000004, 0x47ff2000), []],
    ["with the id of another agent", partial(0x82000005, 0x47ff2000), ["DM008"]],
    ["with Xen's page", partial(0x82000004, 0x47ff1000), ["DM009"]],
    ["with another address than it is given", partial(0x82000004, 0x47ff2000, 0x22002000), ["DM010"]],
  ])("%s, is known by its page", (_what, tree, expected) => {
    expect(dm({ host, loose: [tree] })).toEqual(expected);
  });

  test.each<[string, DtbNode, string[]]>([
    ["that is right", partial(0x82000004, 0x47ff2000), []],
    ["with another agent's channel", partial(0x82000005, 0x47ff3000), ["DM008", "DM009"]],
    ["with no page", partialTree(0x82000004, 0x22001000), ["DM009"]],
  ])("%s, is known by the board", (_what, tree, expected) => {
    expect(dm({ host, loose: [tree], board })).toEqual(expected);
  });

  test("of a guest that nobody knows says nothing", () => {
    expect(dm({ host, loose: [partialTree(0x82000009, 0x22001000)] })).toEqual([]);
    expect(dm({ loose: [partial(0x82000009, 0x47ff1000)] })).toEqual([]);
  });
});

describe("of a partial tree the guest gets /passthrough only", () => {
  const scmi: DtbNode = { props: { compatible: "arm,scmi-smc", "arm,smc-id": [0x82000004] } };

  test.each<[string, DtbNode, string[]]>([
    ["so that it needs one", { children: { firmware: { children: { scmi } } } }, ["DM017"]],
    ["of exactly this name", { children: { Passthrough: {} } }, ["DM017"]],
    [
      "so that SCMI has to be in it",
      { children: { passthrough: {}, firmware: { children: { scmi } } } },
      ["DM018"],
    ],
    [
      "whatever else there is",
      { children: { passthrough: { children: { scmi } }, firmware: { children: { scmi } } } },
      [],
    ],
    ["whatever is in it", { children: { passthrough: {} } }, []],
    [
      "and an overlay is a part of one",
      { children: { "fragment@0": { children: { __overlay__: {} } } } },
      [],
    ],
  ])("%s", (_what, partial, expected) => {
    expect(dm({ xlcfg: [DRV], partials: [partial] })).toEqual(expected);
  });

  test("and Xen does not mind a dom0less domain without", () => {
    expect(dm({ loose: [{}] })).toEqual([]);
  });
});

describe("what a dom0less domain's partial tree asks of the host", () => {
  const smmu: DtbNode = { props: { compatible: "arm,mmu-500", "#iommu-cells": [1], phandle: [30] } };
  const host: DtbNode = { children: { smmu, dma: { props: { iommus: [30, 1] } }, plain: {} } };
  const asks = (props: Readonly<Record<string, DtbValue>>): DtbNode => ({
    children: {
      passthrough: { props: { "#address-cells": [1], "#size-cells": [1] }, children: { d: { props } } },
    },
  });
  const reg = { "xen,reg": [0x1000, 0x1000, 0x2000] };
  const force = { "xen,force-assign-without-iommu": true } as const;

  test.each<[string, Readonly<Record<string, DtbValue>>, string[]]>([
    ["is there, behind an IOMMU", { ...reg, "xen,path": "/dma" }, []],
    ["is there, and forced", { ...reg, ...force, "xen,path": "/plain" }, []],
    ["is memory only, and forced", { ...reg, ...force }, []],
    ["is not there", { ...reg, "xen,path": "/none" }, ["DM019"]],
    ["is behind no IOMMU", { ...reg, "xen,path": "/plain" }, ["DM019"]],
    ["is no whole pages", { "xen,reg": [0x1000, 0x800, 0x2000], "xen,path": "/dma" }, ["DM019"]],
    ["is memory only", reg, ["DM019"]],
    ["has no memory", { "xen,path": "/dma" }, ["DM019"]],
  ])("%s", (_what, props, expected) => {
    expect(dm({ host, loose: [asks(props)] })).toEqual(expected);
  });

  test("is known to be there only where the host is", () => {
    expect(dm({ loose: [asks({ ...reg, "xen,path": "/none" })] })).toEqual([]);
    expect(dm({ host, loose: [asks({ ...reg, "xen,path": "/dma" })], xen: { iommu: false } })).toEqual([
      "DM019",
    ]);
  });
});
