import type { FastifyInstance } from "fastify";
import { DeviceAssignBody, ReasonBody, ScmiBody, SmcBody, scmiCall } from "#control/requests.ts";
import type { ApiContext } from "../context.ts";
import { Acknowledged, AssignedDevice, DomainParams, ScmiAnswer, SmcAnswer } from "../contract.ts";
import { write } from "../define.ts";

const tag = "domains";

/** What a domain is given, and what a guest does: devices, SMCs, SCMI transfers. */
export function guestRoutes(app: FastifyInstance, context: ApiContext): void {
  write(app, context, {
    method: "POST",
    url: "/v1/domains/:domid/devices",
    id: "assignDevice",
    tag,
    summary: "Assign a device of the host device tree",
    description: "The `assign_device` domctl: what was granted before a failure stays granted.",
    params: DomainParams,
    body: DeviceAssignBody,
    answer: AssignedDevice,
    problems: ["domain-not-found", "device-assignment-refused", "host-panicked"],
    command: ({ domid }, { path }) => ({ kind: "device.assign", domain: domid, path }),
  });

  write(app, context, {
    method: "POST",
    url: "/v1/domains/:domid/smc",
    id: "smc",
    tag,
    summary: "A guest's SMC",
    description: "A call that nobody handled is a 200 with `handled: false`.",
    params: DomainParams,
    body: SmcBody,
    answer: SmcAnswer,
    problems: ["domain-not-found", "domain-dying", "domain-not-running", "host-panicked"],
    command: ({ domid }, { x, shmem }) => ({ kind: "smc", domain: domid, x, shmem: shmem ?? null }),
  });

  write(app, context, {
    method: "POST",
    url: "/v1/domains/:domid/scmi",
    id: "scmi",
    tag,
    summary: "A whole SCMI transfer of a guest's, by names",
    description: "As a Linux agent does it: writes the message, rings the doorbell, reads the answer.",
    params: DomainParams,
    body: ScmiBody,
    answer: ScmiAnswer,
    problems: [
      "domain-not-found",
      "domain-dying",
      "domain-not-running",
      "domain-without-channel",
      "channel-busy",
      "scmi-unknown-message",
      "scmi-invalid-params",
      "host-panicked",
    ],
    command: ({ domid }, body) => ({ kind: "scmi", domain: domid, call: scmiCall(body) }),
  });

  write(app, context, {
    method: "POST",
    url: "/v1/domains/:domid/p2a/ack",
    id: "acknowledge",
    tag,
    summary: "A guest has read its platform-to-agent page, and sets it FREE",
    description: "What has waited for the page takes it at once: it is `next` in the answer.",
    params: DomainParams,
    body: ReasonBody,
    answer: Acknowledged,
    problems: [
      "domain-not-found",
      "domain-dying",
      "domain-not-running",
      "domain-without-channel",
      "agent-without-p2a",
      "p2a-page-free",
      "host-panicked",
    ],
    command: ({ domid }) => ({ kind: "p2a.acknowledge", domain: domid }),
  });
}
