import type { FirmwareConfig } from "#config/board/board.ts";
import { unpackHeader } from "#scmi/header.ts";
import { commandById } from "#scmi/registry.ts";
import { CHANNEL_FREE, SHMEM } from "#scmi/shmem.ts";
import { functionIdOf } from "../channel/smccc.ts";
import { indexOf } from "../resources/board-index.ts";
import type { FirmwareMemory } from "../ring.ts";
import type { Fault } from "./faults.ts";

/** A ring, as faults look at it. */
interface RingAtDoor {
  readonly funcId: number;
  /** Whether an agent's doorbell has this function id. */
  readonly isKnown: boolean;
  /** SCMI's name of the message that waits in the page; null where the page is FREE, or no table has the message. */
  readonly message: string | null;
}

/**
 * The fault that a ring meets: the first that matches. Ask before the ring, for this looks at the pending message; counting down
 * `times` is the caller's.
 *
 * @param memory what the firmware will read: the agent's page as the caller left it
 * @param x x0..x7 of the ring
 */
export function pickFault(
  faults: readonly Fault[],
  config: FirmwareConfig,
  memory: FirmwareMemory,
  x: readonly bigint[],
): Fault | undefined {
  if (faults.length === 0) return undefined;
  const funcId = functionIdOf(x);
  const agent = indexOf(config).agentByFuncId.get(funcId);
  const message = agent === undefined ? null : pendingMessage(memory, agent.shmem);
  return faults.find((fault) => matchesFault(fault, { funcId, isKnown: agent !== undefined, message }));
}

/** Whether a fault meets a ring. Only `x0` can meet one whose function id the firmware does not know. */
function matchesFault(fault: Fault, { funcId, isKnown, message }: RingAtDoor): boolean {
  if (fault.funcId !== undefined && fault.funcId !== funcId) return false;
  if (fault.message !== undefined) return fault.message === message;
  return isKnown || fault.action === "x0";
}

function pendingMessage(memory: FirmwareMemory, shmem: number): string | null {
  const page = memory.window(shmem);
  if ((page.read32(SHMEM.CHANNEL_STATUS) & CHANNEL_FREE) !== 0) return null;
  const { protocolId, messageId } = unpackHeader(page.read32(SHMEM.MESSAGE_HEADER));
  return commandById(protocolId, messageId)?.name ?? null;
}
