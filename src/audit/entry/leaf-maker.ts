import type { CommandRecord, LeafMaker } from "#store/log-writer.ts";
import type { RecentLeaves } from "../tree/recent-leaves.ts";
import { EntryWriter } from "./entry.ts";

/**
 * Leaf hashes of events as they are appended.
 *
 * @param recent is given each of them too
 */
export function leafMaker(recent: RecentLeaves | null = null): LeafMaker {
  const writer = new EntryWriter();
  let time = 0;
  return {
    command(record: CommandRecord) {
      const { envelope, kind, events, ruleVersion, digest, input, answerHash } = record;
      const { commandId, timeUs, actor, source, reason, program, request } = envelope;
      time = timeUs;
      writer.command(
        { kind, source, actor, reason, program, ruleVersion, address: request?.address ?? null },
        {
          id: commandId,
          requestId: request?.id ?? null,
          traceparent: request?.traceparent ?? null,
          firstSeq: events[0]?.seq as number,
          lastSeq: events.at(-1)?.seq as number,
          digest,
          input,
          answerHash: answerHash ?? null,
        },
      );
    },
    leaf({ seq, epoch, type, domid, agentId }, body) {
      writer.event({ seq, time, epoch, type, domid, agent: agentId, body });
      const leaf = writer.leaf();
      recent?.add(seq, leaf);
      return leaf;
    },
  };
}
