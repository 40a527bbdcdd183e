import type { FastifyInstance } from "fastify";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { WitnessStatus } from "#audit/witnesses/asked-witness.ts";
import type { ApiContext } from "./context.ts";

/** Seconds; a forwarded SMC is below the first few, a verification above the last. */
const BUCKETS = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];

/** What SMCs came to so far, by agent. */
export interface SmcTotals {
  readonly agent: string;
  readonly forwarded: number;
  readonly refused: number;
}

/** Where the numbers come from that are not counted here. */
export interface MetricSources {
  readonly openStreams: () => number;
  readonly smcTotals: () => readonly SmcTotals[];
  readonly witnesses: () => readonly WitnessStatus[];
}

/** The server's metrics for Prometheus. What the log knows is read when somebody asks, so that counting costs the writer nothing. */
export function createMetrics({ control, reads }: ApiContext, sources: MetricSources): Registry {
  const registry = new Registry();
  const registers = [registry];
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });

  gauge("scmi_log_head_seq", "Seq of the last event of the log.", () => control.headSeq);
  gauge("scmi_log_writable", "1, or 0: the log cannot be written.", () =>
    control.writeFault() === null ? 1 : 0,
  );
  gauge("scmi_audit_signing", "1, or 0: the last try to sign a checkpoint, or to keep it, failed.", () =>
    (control.audit?.fault ?? null) === null ? 1 : 0,
  );
  gauge(
    "scmi_audit_signed_size",
    "Events under the newest signed checkpoint.",
    () => control.audit?.signedSize ?? 0,
  );
  gauge("scmi_commands", "Commands in the log.", () => reads.log.headCommand());
  gauge("scmi_host_epoch", "Count of host boots.", () => (control.hasHost ? control.host().epoch : 0));
  gauge("scmi_findings", "Findings that the running machine shows.", () =>
    control.hasHost ? control.host().findings.length : 0,
  );
  gauge("scmi_event_streams", "Open streams of server-sent events.", sources.openStreams);
  gauge("process_resident_memory_bytes", "Resident memory of the server.", () => process.memoryUsage.rss());
  gauge("process_uptime_seconds", "Seconds since the server started.", () => process.uptime());
  smcCounter(registry, "scmi_smc_forwarded_total", "SMCs that reached the firmware.", () =>
    sources.smcTotals().map(({ agent, forwarded }) => ({ agent, count: forwarded })),
  );
  smcCounter(registry, "scmi_smc_refused_total", "SMCs that did not reach the firmware.", () =>
    sources.smcTotals().map(({ agent, refused }) => ({ agent, count: refused })),
  );
  witnessGauges(registry, sources.witnesses);
  return registry;
}

/** How far each witness has cosigned the log, and how often it failed since. */
function witnessGauges(registry: Registry, statuses: () => readonly WitnessStatus[]): void {
  const gauge = (name: string, help: string, value: (status: WitnessStatus) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ["witness", "state"],
      registers: [registry],
      collect() {
        this.reset();
        for (const status of statuses()) {
          this.set({ witness: status.name, state: status.state }, value(status));
        }
      },
    });
  gauge("scmi_witness_cosigned_size", "Events that the witness has cosigned.", (s) => s.cosignedSize ?? 0);
  gauge("scmi_witness_failures", "Failures since the witness cosigned last.", (s) => s.failures);
}

function smcCounter(
  registry: Registry,
  name: string,
  help: string,
  counts: () => readonly { readonly agent: string; readonly count: number }[],
): void {
  new Counter({
    name,
    help,
    labelNames: ["agent"],
    registers: [registry],
    collect() {
      this.reset();
      for (const { agent, count } of counts()) this.inc({ agent }, count);
    },
  });
}

/** Measures every request by method, route and status. */
export function measureRequests(app: FastifyInstance, registry: Registry): void {
  const durations = new Histogram({
    name: "http_request_duration_seconds",
    help: "Time from a request's arrival to its answer.",
    labelNames: ["method", "route", "status"],
    buckets: BUCKETS,
    registers: [registry],
  });
  // A child for each combination, made once: finding one by its labels costs as much as the rest of the hook.
  const children = new Map<string, { observe(seconds: number): void }>();
  app.addHook("onResponse", (request, reply, done) => {
    const { method } = request;
    const route = request.routeOptions.url ?? "none";
    const key = `${reply.statusCode}${method}${route}`;
    let child = children.get(key);
    if (child === undefined) {
      child = durations.labels(method, route, String(reply.statusCode));
      children.set(key, child);
    }
    child.observe(reply.elapsedTime / 1000);
    done();
  });
}
