/** What a history with stand-ins is made with, for whoever knows nothing of boards and trees. */
export { REDACTABLE, type RedactionChoice } from "#config/redaction/choice.ts";
export { type StandInMap, StandIns } from "#config/redaction/stand-ins.ts";
