import { isProblem, type Problem, problem } from "#base/problem.ts";
import { timeText } from "#base/time.ts";
import type { DomainConfig, ShutdownAction } from "#events/types.ts";
import { assignDevice } from "#mediator/assignment.ts";
import { destroyDomain } from "#mediator/domains.ts";
import type { DomainRef } from "../commands/commands.ts";
import type { AssignedDevice, DomainView } from "../commands/results.ts";
import type { Deciding } from "../context.ts";
import { deriveUuid } from "../uuid.ts";
import { domainView } from "../views/views.ts";
import { create } from "./toolstack.ts";

/** The live domain that a reference means: a domid, or a name or uuid. */
export function resolveDomain({ state }: Deciding, domain: DomainRef): number | Problem {
  if (typeof domain === "number") {
    return state.domain.has(domain) ? domain : notFound(String(domain));
  }
  for (const domid of state.domain.ids()) {
    const { name, uuid } = state.domain.at(domid);
    if (name === domain || uuid === domain.toLowerCase()) return domid;
  }
  return notFound(domain);
}

function notFound(domain: string): Problem {
  return problem("domain-not-found", { domain }, "ESRCH");
}

/** `xl destroy`. The answer shows the domain as it was, destroyed. */
export function destroyRule(context: Deciding, domain: DomainRef): DomainView | Problem {
  const domid = resolveDomain(context, domain);
  if (isProblem(domid)) return recordUnknown(context, domain, domid);
  if (domid === 0) return refuseDom0(context);
  const before = domainView(context.machine, domid);
  const { errno, message, seq } = destroyDomain(context, domid, "destroy");
  if (errno !== null) return problem("domain-destroy-refused", { domid, message }, errno).recordedAt(seq);
  return { ...before, state: "destroyed", destroyedSeq: seq };
}

/** The destroy domctl refuses a domid that does not exist; that is recorded like any refusal of Xen's. */
function recordUnknown(context: Deciding, domain: DomainRef, refusal: Problem): Problem {
  if (typeof domain !== "number" || domain > 0x7fff) return refusal;
  const message = `there is no domain ${domain}`;
  const seq = context.emit(
    "domain.destroy-refused",
    { errno: "ESRCH", message, dying: false },
    { domid: domain },
  );
  return refusal.recordedAt(seq);
}

function refuseDom0(context: Deciding): Problem {
  const message = "dom0 cannot destroy itself";
  const seq = context.emit(
    "domain.destroy-refused",
    { errno: "EINVAL", message, dying: false },
    { domid: 0 },
  );
  return problem("domain-destroy-refused", { domid: 0, message }, "EINVAL").recordedAt(seq);
}

/**
 * xl's restart: destroy, then create again from the saved configuration, under a new domid. xl goes on when the destroy fails;
 * the creation then fails on the agent that the dying domain keeps.
 */
export function restartRule(context: Deciding, domain: DomainRef): DomainView | Problem {
  const domid = resolveDomain(context, domain);
  if (isProblem(domid)) return recordUnknown(context, domain, domid);
  if (domid === 0) return refuseDom0(context);
  return restart(context, domid);
}

function restart(context: Deciding, domid: number): DomainView | Problem {
  const { name, uuid } = context.state.domain.at(domid);
  const config = savedConfig(context, domid);
  const destroyed = destroyDomain(context, domid, "restart");
  const created = create(context, { name, uuid, config });
  if (!isProblem(created)) return created;
  if (destroyed.errno !== null) {
    const { message, errno, seq } = destroyed;
    return problem("domain-restart-refused", { name, half: "destroy", message }, errno).recordedAt(seq);
  }
  const refusal = problem(
    "domain-restart-refused",
    { name, half: "create", message: created.detail },
    created.errno,
  );
  return created.seq === null ? refusal : refusal.recordedAt(created.seq);
}

function savedConfig({ state }: Deciding, domid: number): DomainConfig {
  return JSON.parse(state.domain.at(domid).config) as DomainConfig;
}

/** The guest's own ending: poweroff, reboot or crash; the toolstack does what the domain's configuration says. */
export function shutdownRule(
  context: Deciding,
  domain: DomainRef,
  reason: "poweroff" | "reboot" | "crash",
): DomainView | Problem {
  const domid = resolveDomain(context, domain);
  if (isProblem(domid)) return domid;
  if (domid === 0) return refuseDom0(context);
  const { state, name, uuid } = context.state.domain.at(domid);
  if (state === "dying") return problem("domain-dying", { domid });
  if (state !== "running") return problem("domain-not-running", { domid, state });

  const config = savedConfig(context, domid);
  const action = actionFor(config, reason);
  // The old domain makes way: name and uuid are its successor's.
  const renamedTo = `${name}-${xlTimeSuffix(context.stamp.timeUs)}`;
  const kept = action === "rename-restart" ? { renamedTo, newUuid: deriveUuid(context, renamedTo) } : {};
  context.emit("domain.shutdown", { reason, action, ...kept }, { domid });
  switch (action) {
    case "destroy":
    case "coredump-destroy":
      return destroyRule(context, domid);
    case "restart":
    case "coredump-restart":
      return restart(context, domid);
    case "rename-restart":
      return create(context, { name, uuid, config });
    case "preserve":
    case "soft-reset":
      // Arm has no hook for a soft reset: the domain stays as it is, shut down.
      return domainView(context.machine, domid);
  }
}

function actionFor(config: DomainConfig, reason: "poweroff" | "reboot" | "crash"): ShutdownAction {
  switch (reason) {
    case "poweroff":
      return config.onPoweroff;
    case "reboot":
      return config.onReboot;
    case "crash":
      return config.onCrash;
  }
}

/** The suffix that xl gives a domain that it keeps: `20261120T2349Z`. */
function xlTimeSuffix(timeUs: number): string {
  return `${timeText(timeUs).slice(0, 16).replaceAll(/[-:]/g, "")}Z`;
}

/** The `assign_device` domctl on a live domain. A dying domain still gets the SCI half. */
export function assignRule(context: Deciding, domain: DomainRef, path: string): AssignedDevice | Problem {
  const domid = resolveDomain(context, domain);
  if (isProblem(domid)) {
    if (typeof domain !== "number" || domain > 0x7fff) return domid;
    const seq = context.emit(
      "device.assignment-refused",
      { path, errno: "ESRCH", message: domid.detail, granted: [], protected: false, panic: false },
      { domid: domain },
    );
    return domid.recordedAt(seq);
  }
  const { errno, deviceIds, seq } = assignDevice(context, domid, path);
  if (errno === null) return { path: context.host.tree.nodeByPath(path)?.path ?? path, deviceIds, seq };
  const message = `${errno}${deviceIds.length === 0 ? "" : `, after devices ${deviceIds.join(", ")} were granted`}`;
  return problem("device-assignment-refused", { path, domid, message }, errno).recordedAt(seq);
}
