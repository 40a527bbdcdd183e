/** A number as people read it: 0x47ff0000. */
export function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
