import { type Command, InvalidArgumentError } from "commander";
import { PROFILES, type ProfileName } from "#config/board/board.ts";
import { several } from "../../options.ts";

/** Options of every import that makes a board file. */
export function makingBoard(command: Command): Command {
  return command
    .option(
      "--set <field=value>",
      "set a field of the board file: firmware.clocks.3.rate=24000000; may be repeated",
      several,
    )
    .option("--force", "write over files that are there")
    .option("--no-ask", "ask nothing on the terminal, and assume the defaults");
}

/** Reads the name of a profile. */
export function profile(word: string): ProfileName {
  const found = PROFILES.find((each) => each === word);
  if (found === undefined) throw new InvalidArgumentError(`Allowed are ${PROFILES.join(", ")}.`);
  return found;
}
