import type { MemoryReservation } from "./editable-tree.ts";

/**
 * The memory reservation block of a flattened device tree, which `parseDeviceTree` leaves out.
 *
 * @param bytes what that function accepts
 */
export function memoryReservations(bytes: Uint8Array): MemoryReservation[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const reservations: MemoryReservation[] = [];
  for (let at = view.getUint32(16); at + 16 <= view.byteLength; at += 16) {
    const [address, size] = [view.getBigUint64(at), view.getBigUint64(at + 8)];
    if (address === 0n && size === 0n) break;
    reservations.push({ address, size });
  }
  return reservations;
}
