/** What can be asked of the machine, for those who ask control: the commands, their results, and the bodies that they come in. */
export type { Command, DomainRef } from "#machine/commands.ts";
export * from "#machine/requests.ts";
export type { CommandResult, Outcome } from "#machine/results.ts";
