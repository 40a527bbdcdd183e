import { hexWord, toHex } from "#base/hex.ts";
import { type DeviceMemory, memcpyFromIo } from "#scmi/device-memory.ts";
import { PAGE_BYTES, SHMEM } from "#scmi/shmem.ts";
import type { AssignedDevice, DomainView } from "../commands/results.ts";
import type { MachineState } from "../state/state.ts";

/** Bytes of a page that are always shown. */
const PAGE_SHOWN_BYTES = 128;

/** A live domain as the API shows it. */
export function domainView({ mediator }: MachineState, domid: number): DomainView {
  const { uuid, name, origin, state, sciType, channel, createdSeq } = mediator.domain.at(domid);
  return {
    domid,
    uuid,
    name,
    origin,
    state,
    sciType,
    agentId: channel === null || !mediator.channel.has(channel) ? null : mediator.channel.at(channel).agentId,
    devices: assignedDevices(mediator.assignment.get(domid) ?? {}),
    createdSeq,
    destroyedSeq: null,
  };
}

function assignedDevices(cells: { readonly [path: string]: string | undefined }): AssignedDevice[] {
  return Object.keys(cells)
    .map((path) => {
      const { deviceIds, seq } = JSON.parse(cells[path] as string) as { deviceIds: number[]; seq: number };
      return { path, deviceIds, seq };
    })
    .sort((a, b) => a.seq - b.seq);
}

/** A page as answers show it, hex: its first 128 bytes, or up to the end of the message if that is longer. */
export function pageView(page: DeviceMemory): string {
  const messageEnd = SHMEM.MESSAGE_HEADER + page.read32(SHMEM.LENGTH);
  const bytes = messageEnd > PAGE_SHOWN_BYTES && messageEnd <= PAGE_BYTES ? messageEnd : PAGE_SHOWN_BYTES;
  return toHex(memcpyFromIo(page, 0, bytes));
}

/** Registers as answers show them. */
export function registersView(x: readonly bigint[]): string[] {
  return x.map(hexWord);
}
