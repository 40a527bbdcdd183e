import type { z } from "zod";
import type { Control } from "#control/control.ts";
import type { ReadSide } from "#control/read-side.ts";
import type { Audience } from "./auth/audience.ts";

/** What the routes work with. */
export interface ApiContext {
  readonly control: Control;
  readonly reads: ReadSide;
  /** Projections that an older version of the program filled, until they are rebuilt. */
  stale: readonly string[];
  /** Version of this program. */
  readonly program: string;
  /** Who reads the audit's data, and who is refused: both are recorded. */
  readonly audience: Audience;
  /** Whether every write has to say why. */
  readonly isReasonNeeded: boolean;
  /** Aborted when the server begins to close. */
  readonly closing: AbortSignal;
  /** An answer as JSON. */
  readonly stringify: (schema: z.ZodType, answer: unknown) => string;
}
