/** What can be asked with evidence. Each is about the moment after an event. */
export type Question =
  | { readonly kind: "who"; readonly deviceId: number }
  | { readonly kind: "permissions" }
  | { readonly kind: "explain"; readonly agentId: number; readonly deviceId: number }
  | { readonly kind: "exposure" }
  | { readonly kind: "use"; readonly agentId?: number; readonly deviceId?: number };

export const QUESTION_KINDS = [
  "who",
  "permissions",
  "explain",
  "exposure",
  "use",
] as const satisfies readonly Question["kind"][];

/** When it is asked about. */
export interface Moment {
  /** The last event of that moment. */
  readonly at: number;
  /** The time that was asked for, UTC microseconds: `at` is the last event not after it. Null: `at` itself was asked for. */
  readonly timeUs: number | null;
}
