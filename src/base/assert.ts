/** Stops at a bug: a condition that our own code guarantees does not hold. Never for what a user gave us. */
export function assert(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Error(`bug: ${what}`);
}
