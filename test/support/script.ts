import { isProblem } from "#base/problem.ts";
import type { HostDescription } from "#config/board/board.ts";
import { Simulation } from "#simulate/simulation.ts";

/** An answer of a simulation, as far as tests look at it. */
export interface ScriptAnswer {
  readonly ok: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into results of every kind
  readonly result: any;
  readonly problem: {
    readonly code: string;
    readonly detail: string;
    readonly errno: string | null;
    readonly seq: number | null;
  };
  readonly errno: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: and into events of every type
  readonly events: readonly any[];
  readonly channels: readonly {
    agentId: number;
    funcId: string;
    shmem: string;
    owner: number | "xen" | null;
  }[];
  readonly permissions: readonly (readonly [number, number])[];
}

/** A simulation that takes commands as objects. */
export interface Script {
  /** Plays one command; a text is taken as it is. */
  do(command: object | string): ScriptAnswer;
}

/** A machine of its own for a script. */
export function script(host: HostDescription, start: "booted" | "power-on" = "booted"): Script {
  return scriptOn(Simulation.of(host, start, "test"));
}

/** A script on a simulation that must have come to be. */
export function scriptOn(simulation: Simulation | unknown): Script {
  if (isProblem(simulation)) throw new Error(simulation.detail);
  return {
    do(command) {
      const line = typeof command === "string" ? command : JSON.stringify(command);
      return JSON.parse((simulation as Simulation).answer(line) ?? "null") as ScriptAnswer;
    },
  };
}

/** Types of an answer's events, in order. */
export function types({ events }: ScriptAnswer): string[] {
  return events.map(({ type }) => type);
}

/** A page's bytes as hex: an SCMI request that waits, from offset 0. */
export function pending(header: number, payload = ""): string {
  return `${"00000000"}${"00000000"}${"0".repeat(16)}${"00000000"}${word(4 + payload.length / 2)}${word(header)}${payload}`;
}

/** A little-endian u32 in hex. */
export function word(value: number): string {
  const bytes = [value, value >>> 8, value >>> 16, value >>> 24];
  return bytes.map((byte) => (byte & 0xff).toString(16).padStart(2, "0")).join("");
}
