import { fromHex, toHex } from "#base/hex.ts";
import { redactDescription } from "#config/redaction/description.ts";
import type { StandIns } from "#config/redaction/stand-ins.ts";
import { redactXlCfg } from "#config/redaction/xlcfg.ts";
import { SHMEM } from "#scmi/shmem.ts";
import type { Command, DomainFields, DomainRef, ScmiCall } from "../commands/commands.ts";
import { redactAgentsMessage, redactTrace, redactXenMessage } from "./observed.ts";
import { redactQuery, redactRequests, redactUrlPath } from "./requests.ts";

/** A command with stand-ins for what it names: decided again, it comes to the same. */
export function redactCommand(command: Command, standIns: StandIns): Command {
  switch (command.kind) {
    case "host.configure":
      return { ...command, description: redactDescription(command.description, standIns) };
    case "domain.create":
      return { ...command, request: redactCreation(command.request, standIns) };
    case "domain.destroy":
    case "domain.restart":
    case "domain.shutdown":
    case "p2a.acknowledge":
      return { ...command, domain: redactRef(command.domain, standIns) };
    case "device.assign":
      return {
        ...command,
        domain: redactRef(command.domain, standIns),
        path: standIns.path(command.path),
      };
    case "smc": {
      const { x, shmem, domain } = command;
      return {
        ...command,
        domain: redactRef(domain, standIns),
        // x0 is the function id, by which everything is decided.
        x: x.map((value, i) => (i === 0 ? value : standIns.register(value))),
        shmem: shmem === null ? null : redactPage(shmem, standIns),
      };
    }
    case "scmi":
      return {
        ...command,
        domain: redactRef(command.domain, standIns),
        call: redactCall(command.call, standIns),
      };
    case "request.refused":
      return { ...command, ...redactRequests(command, standIns) };
    case "audit.read": {
      const { path, query } = command;
      return { ...command, path: redactUrlPath(path, standIns), query: redactQuery(query, standIns) };
    }
    case "trace.imported":
      return { ...command, observed: redactTrace(command.observed, standIns) };
    case "scmi.observed":
      return { ...command, observed: redactAgentsMessage(command.observed, standIns) };
    case "xen.observed":
      return { ...command, observed: redactXenMessage(command.observed, standIns) };
    case "host.reboot":
    case "agent.reset":
    case "permission.set":
    case "sensor.set":
    case "firmware.complete":
      return command;
  }
}

function redactRef(domain: DomainRef, standIns: StandIns): DomainRef {
  return typeof domain === "number" ? domain : standIns.domain(domain);
}

function redactCreation(
  request: DomainFields | { readonly xlcfg: string },
  standIns: StandIns,
): DomainFields | { readonly xlcfg: string } {
  if ("xlcfg" in request) return { xlcfg: redactXlCfg(request.xlcfg, standIns) };
  const { name, dtdev, uuid } = request;
  return {
    ...request,
    name: standIns.name(name),
    dtdev: dtdev.map((path) => standIns.path(path)),
    uuid: uuid === null ? null : standIns.uuid(uuid),
  };
}

function redactCall(call: ScmiCall, standIns: StandIns): ScmiCall {
  const { params, payload } = call;
  const bytes = payload === undefined ? null : fromHex(payload);
  return {
    ...call,
    ...(params === undefined
      ? {}
      : { params: redactParams(params, standIns) as { readonly [name: string]: unknown } }),
    ...(bytes === null ? {} : { payload: toHex(standIns.bytes(bytes)) }),
  };
}

/** Parameters may name resources: those are words that the board has. */
function redactParams(value: unknown, standIns: StandIns): unknown {
  if (typeof value === "string") return standIns.knownName(value);
  if (Array.isArray(value)) return value.map((item) => redactParams(item, standIns));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, redactParams(inner, standIns)]),
  );
}

/** What a guest wrote into its page: its message, and nothing of what lay behind that. */
function redactPage(shmem: Uint8Array, standIns: StandIns): Uint8Array {
  const length =
    shmem.length < SHMEM.LENGTH + 4
      ? 0
      : new DataView(shmem.buffer, shmem.byteOffset, shmem.byteLength).getUint32(SHMEM.LENGTH, true);
  // `length` counts the header word; one that fits no page is refused before anything behind it is read.
  const end = Math.max(SHMEM.PAYLOAD, SHMEM.MESSAGE_HEADER + length);
  const redacted = new Uint8Array(shmem.length);
  redacted.set(standIns.bytes(shmem.subarray(0, Math.min(end, shmem.length))));
  return redacted;
}
