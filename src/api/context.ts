import type { z } from "zod";
import type { Control } from "#control/control.ts";
import type { ReadSide } from "#control/read-side.ts";

/** What the routes work with. */
export interface ApiContext {
  readonly control: Control;
  readonly reads: ReadSide;
  /** Projections that an older version of the program filled, until they are rebuilt. */
  stale: readonly string[];
  /** Version of this program. */
  readonly program: string;
  /** Aborted when the server begins to close. */
  readonly closing: AbortSignal;
  /** An answer as JSON. */
  readonly stringify: (schema: z.ZodType, answer: unknown) => string;
}
