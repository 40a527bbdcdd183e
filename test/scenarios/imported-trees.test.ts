import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import type { Board } from "#config/board/board.ts";
import { parseBoard } from "#config/board/file.ts";
import type { DeviceTree } from "#config/device-tree/device-tree.ts";
import { boardText } from "#config/draft/write.ts";
import type { TreeChoices } from "#config/tree-import/choices.ts";
import { treeBoard } from "#config/tree-import/to-board.ts";
import { loadDeviceTree } from "#inputs/load-device-tree.ts";
import { loadHost } from "#inputs/load-host.ts";
import { FaultList } from "#machine/fault-list.ts";
import { Machine } from "#machine/machine.ts";
import { type ChannelRow, channelTable } from "#machine/state/channel-table.ts";
import { sha256 } from "#replay/hash.ts";
import { parsed } from "../support/device-tree.ts";
import { HAS_DTC, NO_DTC } from "../support/dtc.ts";
import { buildDtb } from "../support/fdt-builder.ts";
import { bspTree, rfcTree, xenConfigTree } from "../support/generations.ts";
import { funcIdOf, pageOf } from "../support/scenario.ts";

const NOTHING_SAID: TreeChoices = { name: null, profile: null, trustedAgents: null, xenAgent: null };

function boardFrom(tree: DeviceTree, choices: Partial<TreeChoices> = {}): Board {
  const draft = treeBoard(tree, { ...NOTHING_SAID, ...choices }, "host.dtb");
  if (typeof draft === "string") throw new Error(draft);
  const board = parseBoard(boardText(draft, []), "board.yaml");
  if (isProblem(board)) throw new Error(board.detail);
  return board;
}

/** Xen's channels once a host of this board and tree has booted. */
function channelsOf(board: Board, deviceTree: Uint8Array): ChannelRow[] {
  const machine = new Machine(sha256, new FaultList());
  const stamp = (commandId: number) => ({ commandId, timeUs: 1_795_132_800_000_000 + commandId });
  machine.configureOnly({ board, deviceTree, autostart: [] }, stamp(1));
  machine.execute({ kind: "host.reboot", cause: "cold" }, stamp(2));
  return channelTable(machine.state);
}

/** Agent, function id and page of each channel. */
function shown(
  channels: readonly { agentId: number; funcId: string | number; shmem: string | number }[],
): string[] {
  return channels
    .map(
      ({ agentId, funcId, shmem }) =>
        `${agentId} ${Number(funcId).toString(16)} ${Number(shmem).toString(16)}`,
    )
    .sort();
}

/** That the machine has the agents of the board file, which are those of the tree. */
function expectAgents(board: Board, deviceTree: Uint8Array): void {
  const agents = board.firmware.agents.map(({ id, funcId, shmem }) => ({ agentId: id, funcId, shmem }));
  expect(shown(channelsOf(board, deviceTree))).toEqual(shown(agents));
}

describe("a board imported from a tree boots with the tree's agents", () => {
  test.each([
    ["the shipping product's", bspTree(), "bsp", 0],
    ["the RFCs'", rfcTree(), "v4", 0],
    ["that of v5 and v6", xenConfigTree(), "v6", 1],
  ] as const)("of a small tree whose binding is %s", (_, root, version, trusted) => {
    const bytes = buildDtb(root);
    const board = boardFrom(parsed(bytes));
    expect(board.xen).toMatchObject({ mediator: "multi-agent", version });
    expect(board.firmware.trustedAgents).toEqual([trusted]);
    expect(board.firmware.agents.map(({ id, funcId, shmem }) => [id, funcId, shmem])).toEqual(
      [0, 1, 2, 3].map((id) => [id, funcIdOf(id), pageOf(id)]),
    );
    expectAgents(board, bytes);
  });

  test.for(["bsp", "rfc-rows", "three-cells", "two-cells-dom0less", "v5-container"])(
    "of the published tree %s",
    async (name, { skip }) => {
      if (!HAS_DTC) skip(NO_DTC);
      const bytes = await loadDeviceTree(`test/inputs/trees/${name}.dts`);
      if (isProblem(bytes)) throw new Error(bytes.detail);
      const board = boardFrom(parsed(bytes));
      expect(board.firmware.agents.length).toBeGreaterThan(1);
      expectAgents(board, bytes);
    },
  );

  test.each(["two-guests", "rcar-v4h"])(
    "of the example %s: what its own board file says of channels, devices and what they group",
    async (example) => {
      const host = await loadHost(`examples/${example}/board.yaml`);
      if (isProblem(host)) throw new Error(host.detail);
      const own = host.board.firmware;
      const bytes = readFileSync(`examples/${example}/host.dtb`);
      const board = boardFrom(parsed(bytes));
      const { firmware } = board;
      const channel = ({ id, funcId, shmem }: Board["firmware"]["agents"][number]) => ({ id, funcId, shmem });
      expect(firmware.agents.map(channel)).toEqual(own.agents.map(channel));
      expect(firmware.trustedAgents).toEqual(own.trustedAgents);
      expect(new Set(firmware.protocols)).toEqual(new Set(own.protocols));
      for (const device of firmware.devices) {
        const real = own.devices.find(({ id }) => id === device.id);
        expect(new Set(real?.clocks)).toEqual(new Set(device.clocks));
        expect(new Set(real?.resets)).toEqual(new Set(device.resets));
      }
      expectAgents(board, bytes);
    },
  );

  test("of a tree with the host's own channel alone: single-agent, dom0 has it", () => {
    const page = { compatible: "arm,scmi-shmem", reg: [0, 0x4700_0000, 0, 0x1000], phandle: [1] };
    const scmi = { compatible: "arm,scmi-smc", "arm,smc-id": [0x8200_0010], shmem: [1] };
    const bytes = buildDtb({
      props: { "#address-cells": [2], "#size-cells": [2] },
      children: { "sram@47000000": { props: page }, firmware: { children: { scmi: { props: scmi } } } },
    });
    const board = boardFrom(parsed(bytes));
    expect(board.xen.mediator).toBe("single-agent");
    expect(channelsOf(board, bytes).map(({ funcId, owner }) => [Number(funcId), owner])).toEqual([
      [0x8200_0010, 0],
    ]);
  });

  test("whoever knows Xen's own agent better says so, and ids are no longer taken from function ids", () => {
    const bytes = buildDtb(xenConfigTree());
    const board = boardFrom(parsed(bytes), { xenAgent: 7 });
    expect(board.firmware.trustedAgents).toEqual([7]);
    expect(board.firmware.agents.map(({ id }) => id)).toEqual([0, 2, 3, 7]);
    expectAgents(board, bytes);
    expect(treeBoard(parsed(bytes), { ...NOTHING_SAID, xenAgent: 2 }, "host.dtb")).toBe(
      "agent 2 cannot be Xen's own: it is that of /chosen/xen,config scmi-secondary-agents row 1",
    );
  });

  test("of any profile", () => {
    const bytes = buildDtb(xenConfigTree());
    for (const profile of ["v32", "ref", "ref-rcar", "ref-rpi5", "scp", "imx"] as const) {
      const board = boardFrom(parsed(bytes), { profile });
      expect(board.firmware.profile).toBe(profile);
      // Agents of imx know each other by other numbers, of scp the first is 1.
      if (["v32", "ref", "ref-rcar", "ref-rpi5"].includes(profile)) expectAgents(board, bytes);
    }
  });
});
