import type { Json } from "#base/canonical-json.ts";
import { exposures } from "#projections/queries/audit/exposure.ts";
import { useWithin } from "#projections/queries/audit/use.ts";
import { whoHas } from "#projections/queries/audit/who.ts";
import { permissionExplain } from "#projections/queries/permission-explain.ts";
import { permissionsAt } from "#projections/queries/permissions-at.ts";
import type { Database } from "#store/database.ts";
import type { Question } from "./question.ts";

const ALL = 1_000_000_000;

/** The answer to a question, as a log has it; names are those of the moment where the log ends there. */
export function answerOf(db: Database, question: Question, at: number): Json {
  return JSON.parse(JSON.stringify(asked(db, question, at))) as Json;
}

function asked(db: Database, question: Question, at: number): unknown {
  switch (question.kind) {
    case "who":
      return whoHas(db, question.deviceId, at);
    case "permissions":
      return permissionsAt(db, at, { limit: ALL, after: undefined }).items;
    case "explain": {
      const { allowed, chain } = permissionExplain(db, question.agentId, question.deviceId, at);
      // What an event did is told in words, for people; what it is follows from the event.
      return { allowed, chain: chain.map(({ what: _, ...link }) => link) };
    }
    case "exposure":
      return exposures(db, { at, limit: ALL, after: undefined }).items;
    case "use": {
      const { agentId: onlyAgent, deviceId: onlyDevice } = question;
      return useWithin(db, at, { onlyAgent, onlyDevice, limit: ALL, after: undefined }).items;
    }
  }
}
