import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { HAS_DTC, NO_DTC } from "../support/dtc.ts";
import { inProcess } from "../support/in-process.ts";
import { scratchFolder } from "../support/scmictl.ts";

// What somebody does who brings the tree of an old release: boot it as it is, migrate it, boot that with the newest.

const folder = scratchFolder();
afterAll(() => folder.remove());

function boardFile(
  name: string,
  deviceTree: string,
  version: string,
  xen: number,
  firstPage: number,
): string {
  const agents = [0, 1, 2, 3].map((id) => {
    const [funcId, shmem] = [0x8200_0002 + id, firstPage + 0x1000 * id];
    return `    - { id: ${id}, name: a${id}, funcId: 0x${funcId.toString(16)}, shmem: 0x${shmem.toString(16)} }`;
  });
  const file = join(folder.path, `${name}.yaml`);
  const lines = [
    `name: ${name}`,
    `deviceTree: ${deviceTree}`,
    `xen: { version: ${version} }`,
    "firmware:",
    "  profile: v32",
    `  trustedAgents: [${xen}]`,
    "  protocols: []",
    "  agents:",
    ...agents,
    "  devices: [{ id: 0, name: d0 }, { id: 1, name: d1 }, { id: 2, name: d2 }, { id: 3, name: d3 }]",
  ];
  writeFileSync(file, `${lines.join("\n")}\n`);
  return file;
}

async function booted(board: string) {
  const { stdout, stderr } = await inProcess(["simulate", "--board", board, "--no-boot"], {
    input: '{"do":"host.reboot"}\n',
  });
  expect(stderr).toBe("");
  const { ok, errno, channels, permissions } = JSON.parse(stdout);
  return { ok, errno, owners: channels.map(({ agentId, owner }: never) => [agentId, owner]), permissions };
}

test.for<[string, string, number, number, (string | number | null)[][]]>([
  [
    "bsp",
    "bsp",
    0,
    0x3ff0_0000,
    [
      [0, "xen"],
      [1, 0],
      [2, 1],
      [3, 3],
    ],
  ],
  [
    "rfc",
    "v4",
    0,
    0x47ff_0000,
    [
      [0, "xen"],
      [1, 0],
      [2, null],
      [3, 1],
    ],
  ],
  [
    "v5",
    "v5",
    1,
    0x47ff_0000,
    [
      [1, "xen"],
      [0, 0],
      [2, null],
      [3, 1],
    ],
  ],
  [
    "v7",
    "v7",
    1,
    0x47ff_0000,
    [
      [1, "xen"],
      [0, null],
      [2, 0],
    ],
  ],
])("the tree of %s boots with %s, and migrated with v10", async (row, { skip }) => {
  if (!HAS_DTC) skip(NO_DTC);
  const [name, version, xen, firstPage, owners] = row;
  const dts = resolve(`test/inputs/generations/${name}.dts`);
  // The RFC's tree has its options in bootargs, which are dom0's as far as Xen can tell.
  const before = await booted(
    boardFile(
      name,
      dts,
      name === "rfc" ? `${version}, cmdline: dom0_scmi_agent_id=1` : version,
      xen,
      firstPage,
    ),
  );
  expect(before).toMatchObject({ ok: true, errno: null, owners });

  const run = await inProcess(["export", "migrate", "--dts", dts, "--out", folder.path]);
  expect(run.status).toBe(0);
  const after = boardFile(`${name}-new`, join(folder.path, `${name}-migrated.dtb`), "v10", xen, firstPage);
  expect(await booted(after)).toEqual(before);
  const check = await inProcess(["check", "--json", "--board", after]);
  const errors = JSON.parse(check.stdout).findings.filter(
    ({ severity }: { severity: string }) => severity === "E",
  );
  expect(errors).toEqual([]);
});
