/** The commands of the debugger: names, the short one first where there is one; what they take; what they do. */
export const COMMANDS = [
  { names: ["s", "step"], takes: "[N]", doc: "applies the next event, or the next N" },
  { names: ["b", "back"], takes: "[N]", doc: "takes the last event back, or the last N" },
  {
    names: ["c", "continue"],
    takes: "",
    doc: "goes on to the next event at which something stops, or the log's end",
  },
  {
    names: ["rc", "reverse-continue"],
    takes: "",
    doc: "goes back to the event before at which something stops, or the log's beginning",
  },
  {
    names: ["g", "goto"],
    takes: "SEQ|TIME",
    doc: "goes to the moment after an event, or at a time with its zone",
  },
  {
    names: ["br", "break"],
    takes: "type|domain|agent|command|status VALUE …",
    doc: "stops at events that are so; all pairs must hold",
  },
  {
    names: ["w", "watch"],
    takes: "PATH|EXPRESSION|finding KIND|findings|violations",
    doc: "stops at events that change what it comes to",
  },
  { names: ["breaks"], takes: "", doc: "lists what stops" },
  { names: ["d", "delete"], takes: "[ID]", doc: "deletes what stops: one, or everything" },
  {
    names: ["p", "print"],
    takes: "PATH|EXPRESSION|/POINTER",
    doc: "shows a part of the state: an expression, or a JSON pointer into what scmictl state shows",
  },
  { names: ["e", "event"], takes: "", doc: "shows the last event that happened, its message decoded" },
  { names: ["diff"], takes: "", doc: "shows what the last event changed" },
  { names: ["state"], takes: "", doc: "lists the tables of the state, with its digest" },
  { names: ["where"], takes: "", doc: "says where it stands: moment, command, findings" },
  { names: ["h", "help"], takes: "", doc: "lists these commands" },
  { names: ["q", "quit"], takes: "", doc: "ends the session" },
] as const satisfies readonly {
  readonly names: readonly [string, ...string[]];
  readonly takes: string;
  readonly doc: string;
}[];

/** The long name of a command. */
export type CommandName =
  | "step"
  | "back"
  | "continue"
  | "reverse-continue"
  | "goto"
  | "break"
  | "watch"
  | "breaks"
  | "delete"
  | "print"
  | "event"
  | "diff"
  | "state"
  | "where"
  | "help"
  | "quit";

/** Every name of every command, the long ones. */
export const COMMAND_NAMES: readonly CommandName[] = COMMANDS.map(({ names }) => names.at(-1) as CommandName);

/** The command that a name means, short or long; undefined: none. */
export function commandNamed(name: string): CommandName | undefined {
  return COMMANDS.find(({ names }) => (names as readonly string[]).includes(name))?.names.at(-1) as
    | CommandName
    | undefined;
}

/** What `help` prints. */
export function helpText(): string {
  const rows = COMMANDS.map(
    ({ names, takes, doc }) => [`${names.join(", ")} ${takes}`.trimEnd(), doc] as const,
  );
  const width = Math.max(...rows.map(([head]) => Math.min(head.length, 34)));
  return rows
    .map(([head, doc]) =>
      head.length > width ? `${head}\n${" ".repeat(width + 2)}${doc}` : `${head.padEnd(width + 2)}${doc}`,
    )
    .join("\n");
}
