import type { FastifyInstance } from "fastify";
import { CompleteBody, HostRebootBody, SensorBody } from "#control/requests.ts";
import type { ApiContext } from "../context.ts";
import { BootAnswer, Completed, Host, SensorChanged, SensorParams } from "../contract.ts";
import { read, write } from "../define.ts";

const tag = "host";

export function hostRoutes(app: FastifyInstance, context: ApiContext): void {
  const { control, program } = context;

  read(app, context, {
    method: "GET",
    url: "/v1/host",
    id: "getHost",
    tag,
    summary: "The host: its mediator, its place in the log, and what is wrong with it",
    answer: Host,
    needsHost: true,
    problems: ["log-observed"],
    handle: () => ({
      ...control.host(),
      headSeq: control.headSeq,
      stateHash: control.stateHash,
      program,
      staleProjections: [...context.stale],
    }),
  });

  write(app, context, {
    method: "POST",
    url: "/v1/host/reboot",
    access: "administer",
    id: "rebootHost",
    tag,
    summary: "Reboot the host",
    description:
      "Every domain ends, the firmware starts anew, Xen probes again, and dom0, dom0less and autostart domains are created. " +
      "A probe that fails, or a panic, does not fail the call: GET /v1/host shows it.",
    body: HostRebootBody,
    answer: BootAnswer,
    command: (_params, { cause }) => ({ kind: "host.reboot", cause: cause ?? "reboot" }),
  });

  write(app, context, {
    method: "PUT",
    url: "/v1/sensors/:sensorId",
    id: "setSensor",
    tag,
    summary: "Let a sensor of the board read something else",
    description: "It is the world that changes: no agent did it, and agents that asked for it are notified.",
    params: SensorParams,
    body: SensorBody,
    answer: SensorChanged,
    problems: ["sensor-not-found", "sensor-axes"],
    command: ({ sensorId }, { readings }) => ({ kind: "sensor.set", sensorId, readings }),
  });

  write(app, context, {
    method: "POST",
    url: "/v1/host/firmware/complete",
    id: "completeCommand",
    tag,
    summary: "Let the firmware finish an asynchronous command",
    description:
      "Nothing in the model happens by itself. The command that was taken first, of those meant, is carried out; its delayed response " +
      "and the notifications that it raises go out.",
    body: CompleteBody,
    answer: Completed,
    problems: ["nothing-pending", "scmi-unknown-message"],
    command: (_params, { agentId = null, protocol = null }) => ({
      kind: "firmware.complete",
      agentId,
      protocol,
    }),
  });
}
