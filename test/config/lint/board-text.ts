/** What of the board is to be otherwise. */
export interface BoardChanges {
  readonly xen?: Readonly<Record<string, unknown>>;
  readonly firmware?: Readonly<Record<string, unknown>>;
}

/** The board file of the machine that `hostTree` describes: agents 0 to 3, of which 1 is Xen's and trusted. */
export function boardText({ xen = {}, firmware = {} }: BoardChanges = {}): string {
  const agents = [0, 1, 2, 3].map((id) => ({
    id,
    name: `agent-${id}`,
    funcId: 0x82000002 + id,
    shmem: 0x47ff0000 + id * 0x1000,
  }));
  return JSON.stringify(
    {
      name: "board",
      deviceTree: "host.dtb",
      xen: { mediator: "multi-agent", version: "v10", ...xen },
      firmware: {
        profile: "v32",
        trustedAgents: [1],
        protocols: [],
        supports: {
          discoverAgent: true,
          setDevicePermissions: true,
          setProtocolPermissions: false,
          resetAgentConfiguration: true,
        },
        agents,
        ...firmware,
      },
    },
    null,
    2,
  );
}
