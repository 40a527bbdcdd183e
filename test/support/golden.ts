import { toHex } from "#base/hex.ts";
import { type Database, openInMemory } from "#store/database.ts";

/** A command of a golden log with its events, as a line has it: blobs in hex. */
interface GoldenLine {
  readonly command: readonly [
    id: number,
    kind: string,
    input: string | null,
    actor: string,
    source: string,
    reason: string | null,
    firstSeq: number,
    lastSeq: number,
    digest: string,
    ruleVersion: number,
    program: string,
  ];
  readonly events: readonly (readonly [
    seq: number,
    time: number,
    type: string,
    epoch: number,
    domid: number | null,
    agent: number | null,
    body: string,
  ])[];
}

/** A log as lines of JSON, a command a line. */
export function goldenLines(db: Database): string[] {
  const commands = db
    .prepare(`
      SELECT c.id, kind, input, actor, source, reason, first_seq, last_seq, digest, rule_version, version
      FROM commands AS c JOIN programs AS p ON p.id = c.program ORDER BY c.id
    `)
    .raw()
    .all() as unknown[][];
  const events = db
    .prepare(
      "SELECT seq, time, type, epoch, domid, agent, body FROM events WHERE command_id = ? ORDER BY seq",
    )
    .raw();
  const inHex = (cells: readonly unknown[]): unknown[] =>
    cells.map((cell) => (cell instanceof Uint8Array ? toHex(cell) : cell));
  return commands.map((command) =>
    JSON.stringify({ command: inHex(command), events: (events.all(command[0]) as unknown[][]).map(inHex) }),
  );
}

/** The log that lines tell of, in memory. */
export function goldenLog(lines: readonly string[], db: Database = openInMemory()): Database {
  const program = db.prepare("INSERT OR IGNORE INTO programs (version) VALUES (?)");
  const addCommand = db.prepare(`
    INSERT INTO commands (id, kind, input, actor, source, reason, first_seq, last_seq, digest, rule_version, program)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, unhex(?), ?, (SELECT id FROM programs WHERE version = ?))
  `);
  const addEvent = db.prepare(`
    INSERT INTO events (command_id, seq, time, type, epoch, domid, agent, body) VALUES (?, ?, ?, ?, ?, ?, ?, unhex(?))
  `);
  db.transaction(() => {
    for (const line of lines) {
      const { command, events } = JSON.parse(line) as GoldenLine;
      program.run(command.at(-1));
      addCommand.run(...command);
      for (const event of events) addEvent.run(command[0], ...event);
    }
  })();
  return db;
}
