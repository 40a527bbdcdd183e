import type { LintInput } from "./input.ts";

/** The same, worked out once for each input: several checks ask, and a host tree may have a hundred thousand rows. */
export function once<T extends object>(make: (input: LintInput) => T): (input: LintInput) => T {
  const made = new WeakMap<LintInput, T>();
  return (input) => {
    const before = made.get(input);
    if (before !== undefined) return before;
    const value = make(input);
    made.set(input, value);
    return value;
  };
}
