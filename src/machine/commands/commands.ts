import type { HostDescription } from "#config/board/board.ts";
import type { ScmiObserved, TraceImported, XenObserved } from "#events/observed.ts";
import type { AuditRead, BootCause, RequestsRefused } from "#events/types.ts";

/** A live domain as somebody names it: by domid, or by name or uuid. */
export type DomainRef = number | string;

/** A domain asked for field by field: `sci` goes to the domctl as it is. */
export interface DomainFields {
  readonly name: string;
  readonly sci: { readonly type: string; readonly agentId: number };
  readonly dtdev: readonly string[];
  /** Whether the domain gets an IOMMU context; null: as xl does, when `dtdev` is not empty. */
  readonly passthrough: boolean | null;
  readonly uuid: string | null;
}

/** What somebody asks of the machine. Everything that it depends on is in it, or in its stamp. */
export type Command =
  | {
      readonly kind: "host.configure";
      readonly description: HostDescription;
      /** The rules that the host is decided by; left out: the newest. */
      readonly ruleVersion?: number;
    }
  | { readonly kind: "host.reboot"; readonly cause: BootCause }
  | { readonly kind: "domain.create"; readonly request: DomainFields | { readonly xlcfg: string } }
  | { readonly kind: "domain.destroy"; readonly domain: DomainRef }
  | { readonly kind: "domain.restart"; readonly domain: DomainRef }
  | {
      readonly kind: "domain.shutdown";
      readonly domain: DomainRef;
      readonly reason: "poweroff" | "reboot" | "crash";
    }
  | { readonly kind: "device.assign"; readonly domain: DomainRef; readonly path: string }
  | {
      readonly kind: "smc";
      readonly domain: DomainRef;
      /** x0..x7, each below 2^64. */
      readonly x: readonly bigint[];
      /** What the guest writes into its page first, from offset 0, at most a page; null: nothing. */
      readonly shmem: Uint8Array | null;
    }
  | { readonly kind: "scmi"; readonly domain: DomainRef; readonly call: ScmiCall }
  | { readonly kind: "agent.reset"; readonly agentId: number; readonly permissions: boolean }
  | {
      readonly kind: "permission.set";
      readonly agentId: number;
      readonly deviceId: number;
      readonly allowed: boolean;
    }
  /** A guest has read what lies in its agent's platform-to-agent page, and sets the page FREE. */
  | { readonly kind: "p2a.acknowledge"; readonly domain: DomainRef }
  /** A sensor of the board has new readings: one for each axis, or its own. */
  | { readonly kind: "sensor.set"; readonly sensorId: number; readonly readings: readonly number[] }
  /** The firmware finishes the asynchronous command that was taken first; null: of any agent, of any protocol. */
  | {
      readonly kind: "firmware.complete";
      readonly agentId: number | null;
      /** Name or id. */
      readonly protocol: string | number | null;
    }
  /** Requests that never came to the machine are recorded all the same. */
  | ({ readonly kind: "request.refused" } & RequestsRefused)
  | ({ readonly kind: "audit.read" } & AuditRead)
  | Observation;

/** What was observed on another machine is recorded as it is: no rule decides it, and it needs no host. */
export type Observation =
  | { readonly kind: "trace.imported"; readonly observed: TraceImported }
  | { readonly kind: "scmi.observed"; readonly agentId: number | null; readonly observed: ScmiObserved }
  | { readonly kind: "xen.observed"; readonly agentId: number | null; readonly observed: XenObserved };

/** A whole SCMI transfer: names or numbers, and the parameters by name or the payload as it is. */
export interface ScmiCall {
  readonly protocol: string | number;
  readonly message: string | number;
  readonly params?: { readonly [name: string]: unknown };
  /** Payload in hex; goes with any protocol and message number. */
  readonly payload?: string;
  /** Walk an answer that comes in pieces to its end. */
  readonly all?: true;
}

export type CommandKind = Command["kind"];

/** Where and when a command stands in its log. Time and id enter here and nowhere else. */
export interface Stamp {
  /** Dense, from 1. */
  readonly commandId: number;
  /** UTC, microseconds since 1970. */
  readonly timeUs: number;
}
