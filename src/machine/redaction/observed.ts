import { fromHex, toHex } from "#base/hex.ts";
import type { StandIns } from "#config/redaction/stand-ins.ts";
import type { ScmiObserved, TraceImported, XenObserved } from "#events/observed.ts";
import type { Field, ItemField } from "#scmi/fields.ts";
import { commandById } from "#scmi/registry.ts";

/**
 * What was observed on a real machine, with stand-ins. No board says which names there are, so everything that can be one is taken for
 * one.
 */

const NO_DIGEST = "0".repeat(64);

export function redactTrace(observed: TraceImported, standIns: StandIns): TraceImported {
  const { file, digest, faults } = observed;
  return {
    ...observed,
    file: standIns.word(file),
    // Whoever has the trace could find out that it is this one.
    digest: standIns.choice.names ? NO_DIGEST : digest,
    faults: faults.map(({ line, why }) => ({ line, why: standIns.freeText("text", why) })),
  };
}

/** Text is looked for in answers that have names in them, and nowhere else: elsewhere it would be a number. */
export function redactAgentsMessage(observed: ScmiObserved, standIns: StandIns): ScmiObserved {
  const { kind, protocolId, messageId, task, response } = observed;
  const isAnswer = kind === "exchange" || kind === "delayed";
  const names = Object.values(commandById(protocolId, messageId)?.p2a ?? {}).some(hasName);
  const bytes = response === null || !isAnswer || !names ? null : fromHex(response);
  return {
    ...observed,
    task: task === null ? null : standIns.word(task),
    response: bytes === null ? response : toHex(standIns.allText(bytes)),
  };
}

function hasName(field: Field | ItemField): boolean {
  if (field.kind === "name") return true;
  if (field.kind === "list") return hasName(field.item);
  return field.kind === "record" && Object.values(field.fields).some((part) => hasName(part as ItemField));
}

/** Xen's own words hold names and addresses at any place: what is known of them is in the fields. */
export function redactXenMessage(observed: XenObserved, standIns: StandIns): XenObserved {
  const { message, fields, text } = observed;
  return {
    ...observed,
    fields: Object.fromEntries(
      Object.entries(fields).map(([field, value]) => {
        if (KEPT_FIELDS.has(field)) return [field, value];
        if (typeof value === "string") return [field, standIns.name(value)];
        return [field, ADDRESS_FIELDS.has(field) ? standIns.address(value) : value];
      }),
    ),
    text: standIns.choice.names || standIns.choice.addresses ? `(${message})` : text,
  };
}

/** Words that Xen itself chose. */
const KEPT_FIELDS: ReadonlySet<string> = new Set(["errno", "type", "property"]);
const ADDRESS_FIELDS: ReadonlySet<string> = new Set(["page", "address", "shmem"]);
