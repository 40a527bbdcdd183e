import { type Finding, findings } from "../checks/findings.ts";
import type { MachineState } from "../state/state.ts";

/** The host as the API shows it, but for its place in the log. */
export interface HostView {
  readonly name: string;
  readonly epoch: number;
  readonly mediator: {
    readonly mode: "multi-agent" | "single-agent" | "none";
    readonly version: string;
    readonly registered: boolean;
    /** What the probe came to: `probed`, or the errno and message of its failure, or `absent`: nothing to probe. */
    readonly probe: {
      readonly result: "probed" | "failed" | "absent";
      readonly errno: string | null;
      readonly message: string | null;
      readonly seq: number | null;
    };
    readonly managementAgent: number | null;
    /** Whether dom0 leaves SCMI to a guest (`scmi-smc-passthrough`); null where no single-agent mediator is registered. */
    readonly passthrough: boolean | null;
    readonly node: string | null;
  };
  readonly profile: string;
  readonly panic: { readonly errno: string; readonly message: string; readonly seq: number } | null;
  readonly findings: readonly Finding[];
}

/** The host, its mediator and what is wrong with it now. Undefined while nothing is configured. */
export function hostView(state: MachineState): HostView | undefined {
  const configuration = state.configuration();
  if (configuration === undefined) return undefined;
  const { board } = configuration;
  const { epoch, panic, panicErrno, panicSeq } = state.host.at(0);
  const driver = state.mediator.driver.get(0) ?? {};
  const registered = driver.registered === true;
  return {
    name: board.name,
    epoch,
    mediator: {
      mode: board.xen.mediator,
      version: board.xen.version,
      registered,
      probe: {
        result: registered ? "probed" : driver.failedSeq === undefined ? "absent" : "failed",
        errno: driver.failedErrno ?? null,
        message: driver.failedMessage ?? null,
        seq: (registered ? driver.probedSeq : driver.failedSeq) ?? null,
      },
      managementAgent: registered ? (driver.managementAgent ?? null) : null,
      passthrough: driver.passthrough ?? null,
      node: driver.accessController ?? driver.node ?? null,
    },
    profile: board.firmware.profile,
    panic: panic === undefined ? null : { errno: panicErrno, message: panic, seq: panicSeq },
    findings: findings(state),
  };
}

/** How an agent's channel fares: `wedged` by the firmware, `stuck` for Xen, else `ok`; and since which event. */
export interface ChannelHealth {
  readonly state: "ok" | "wedged" | "stuck";
  readonly sinceSeq: number | null;
}

/** The health of an agent's channel. */
export function channelHealth({ firmware, mediator }: MachineState, agentId: number): ChannelHealth {
  const channel = firmware.channel.get(agentId);
  if (channel?.wedged === true) return { state: "wedged", sinceSeq: channel.wedgedSeq ?? null };
  const driver = mediator.driver.get(0);
  if (driver?.registered === true && driver.stuckSeq !== undefined && driver.managementAgent === agentId) {
    return { state: "stuck", sinceSeq: driver.stuckSeq };
  }
  return { state: "ok", sinceSeq: null };
}
