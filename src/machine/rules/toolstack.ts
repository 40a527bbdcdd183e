import { isProblem, type Problem, problem } from "#base/problem.ts";
import { type GuestConfig, readGuest } from "#config/xlcfg/guest.ts";
import type { DomainConfig } from "#events/types.ts";
import { buildDomain, type Creation } from "#mediator/domains.ts";
import type { DomainFields } from "../commands/commands.ts";
import type { DomainView } from "../commands/results.ts";
import type { Deciding } from "../context.ts";
import { deriveUuid } from "../uuid.ts";
import { domainView } from "../views/views.ts";

/** A domain as the toolstack hands it to Xen. */
interface Wanted {
  readonly name: string;
  readonly uuid: string;
  readonly config: DomainConfig;
}

/** What the toolstack does with a request: its own checks, then Xen. Its refusals are events that use no domid. */
export function createFromRequest(
  context: Deciding,
  request: DomainFields | { readonly xlcfg: string },
): DomainView | Problem {
  const wanted = "xlcfg" in request ? readXlcfg(context, request.xlcfg) : readFields(context, request);
  if (isProblem(wanted)) {
    return refuse(context, { name: nameIn(request), config: null }, wanted.detail);
  }
  const refusal = libxlRefuses(context, wanted);
  if (refusal !== null) return refuse(context, wanted, refusal);
  return create(context, wanted);
}

/** Creates a domain that the toolstack has nothing against: also the second half of a restart. */
export function create(context: Deciding, wanted: Wanted): DomainView | Problem {
  const creation = buildDomain(context, {
    ...wanted,
    origin: "toolstack",
    lastDomid: context.machine.host.at(0).lastDomid,
  });
  return creation.errno === null
    ? domainView(context.machine, creation.domid)
    : notCreated(wanted.name, creation);
}

function notCreated(name: string, { message, errno, seq }: Creation): Problem {
  return problem("domain-creation-refused", { name, message }, errno).recordedAt(seq);
}

function refuse(
  context: Deciding,
  wanted: { readonly name: string; readonly config: DomainConfig | null },
  message: string,
): Problem {
  const { name, config } = wanted;
  const seq = context.emit("domain.creation-refused", {
    name,
    origin: "toolstack",
    config,
    stage: "toolstack",
    errno: "EINVAL",
    message,
    panic: false,
  });
  return problem("domain-creation-refused", { name, message }, "EINVAL").recordedAt(seq);
}

function readXlcfg(context: Deciding, xlcfg: string): Wanted | Problem {
  const guest = readGuest(xlcfg, context.host.board.xen.version);
  if (isProblem(guest)) return guest;
  return {
    name: guest.name,
    uuid: guest.uuid ?? deriveUuid(context, guest.name),
    config: { ...configOf(guest), xlcfg },
  };
}

function configOf(guest: GuestConfig): DomainConfig {
  return {
    sci: guest.sci,
    dtdev: guest.dtdev,
    passthrough: guest.passthrough !== "disabled",
    onPoweroff: guest.onPoweroff,
    onReboot: guest.onReboot,
    onCrash: guest.onCrash,
  };
}

function readFields(context: Deciding, fields: DomainFields): Wanted {
  const { name, sci, dtdev, passthrough, uuid } = fields;
  return {
    name,
    uuid: uuid ?? deriveUuid(context, name),
    config: {
      sci,
      dtdev,
      passthrough: passthrough ?? dtdev.length > 0,
      onPoweroff: "destroy",
      onReboot: "restart",
      onCrash: "destroy",
    },
  };
}

/** The name that a refused request gave, for its event. */
function nameIn(request: DomainFields | { readonly xlcfg: string }): string {
  if ("name" in request) return request.name;
  return /^\s*name\s*=\s*["']([^"']*)["']/m.exec(request.xlcfg)?.[1] ?? "(unnamed)";
}

/** What libxl itself has against a domain, or null. */
function libxlRefuses({ host, state }: Deciding, { name, uuid, config }: Wanted): string | null {
  for (const domid of state.domain.ids()) {
    const other = state.domain.at(domid);
    if (other.state === "dying") continue;
    if (other.name === name) return `the name ${name} is in use by domain ${domid}`;
    if (other.uuid === uuid) return `the uuid ${uuid} is in use by domain ${domid}`;
  }
  if (config.dtdev.length > 0 && !config.passthrough) return "dtdev needs passthrough, which is disabled";
  if (config.passthrough && !host.board.xen.iommu)
    return "passthrough is not supported on this host: it has no IOMMU";
  return null;
}
