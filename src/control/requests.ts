/** What can be asked of the machine, for those who ask control: the commands, what they come to, and the bodies they come in. */
export type { Command } from "#machine/commands/commands.ts";
export * from "#machine/commands/requests.ts";
export type { Outcome } from "#machine/commands/results.ts";
