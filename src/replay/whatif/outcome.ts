import type { Json } from "#base/canonical-json.ts";
import { encodeBody } from "#events/body.ts";
import { dataJson, type Names } from "#events/logged.ts";
import { eventText } from "#events/text.ts";
import type { MachineEvent } from "#events/types.ts";
import { shortened } from "../divergence.ts";
import { type LeafDifference, leafDifferences } from "../json-diff.ts";

/** Events of a command that are put into words: a boot of a thousand domains has more than anybody reads. */
const TEXTS_MAX = 100;

/** In what two outcomes of a command differ first. */
export interface OutcomeDifference {
  /** Type of the event that has the field, or of the event that only one side has. */
  readonly event: string;
  /** Its path in the event, in words before bytes: `data.decoded.response.status`; empty: the event itself. */
  readonly field: string;
  /** Null: that side has no such field, or no such event. */
  readonly before: Json;
  readonly after: Json;
}

/** The first difference between what a command recorded and what it would have; null: there is none. Seqs and times do not count. */
export function outcomeDifference(
  before: readonly MachineEvent[],
  after: readonly MachineEvent[],
): OutcomeDifference | null {
  const length = Math.max(before.length, after.length);
  for (let i = 0; i < length; i += 1) {
    const [was, is] = [before[i], after[i]];
    if (was === undefined || is === undefined || was.type !== is.type) {
      const event = (was ?? is)?.type ?? "";
      return { event, field: "", before: was?.type ?? null, after: is?.type ?? null };
    }
    if (isSame(was, is)) continue;
    const first = telling(leafDifferences(shown(was), shown(is)));
    if (first !== undefined) {
      const [before, after] = [shortened(first.recorded), shortened(first.replayed)];
      return { event: was.type, field: first.path, before, after };
    }
  }
  return null;
}

/** The quick way to know that there is nothing to compare. */
function isSame(was: MachineEvent, is: MachineEvent): boolean {
  if (was.domid !== is.domid || was.agentId !== is.agentId) return false;
  return Buffer.compare(encodeBody(was), encodeBody(is)) === 0;
}

/** What people read comes before the bytes that say the same; a status before anything else. */
function telling(differences: readonly LeafDifference[]): LeafDifference | undefined {
  const decoded = differences.filter(({ path }) => path.startsWith("data.decoded."));
  return decoded.find(({ path }) => path.endsWith("status")) ?? decoded[0] ?? differences[0];
}

function shown(event: MachineEvent): Json {
  const { type, domid, agentId } = event;
  return { type, domid, agentId, data: dataJson(event) };
}

/** Events in words, one a line; the first of them where there are too many, and then how many more there are. */
export function eventTexts(events: readonly MachineEvent[], names: Names): string[] {
  const texts = events
    .slice(0, TEXTS_MAX)
    .map((event) => `${event.type}  ${eventText(event, dataJson(event), names)}`);
  const more = events.length - texts.length;
  return more === 0 ? texts : [...texts, `and ${more} more`];
}
