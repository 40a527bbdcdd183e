import type { Command } from "commander";
import { isProblem } from "#base/problem.ts";
import { eventLine } from "#events/event-line.ts";
import type { Body } from "../client.ts";
import { type ReadingOptions, reading, withSource } from "../options.ts";
import { show } from "../show.ts";

interface BisectOptions extends ReadingOptions {
  readonly good: string;
  readonly bad: string;
  readonly expect: string;
}

export function addBisect(program: Command): void {
  reading(program.command("bisect"))
    .description("the first event between two moments that made an expression false")
    .requiredOption("--good <moment>", "where it holds: a seq, or an ISO time")
    .requiredOption("--bad <moment>", "where it does not: a seq, or an ISO time")
    .requiredOption("--expect <expression>", "what should hold, such as: not allowed(2, 1)")
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<BisectOptions>();
      const { good, bad, expect } = options;
      const answer = await withSource(options, async (source) => {
        const found = await source.get("/v1/bisect", { good, bad, expect });
        if (isProblem(found) || options.json === true) return found;
        const event = await source.get(`/v1/events/${found["firstSeq"]}`);
        return isProblem(event) ? event : { ...found, event };
      });
      await show(answer, options, bisectText);
    });
}

/** Flips that are told to a person. */
const FLIPS_SHOWN = 20;

function bisectText(body: Body): string {
  const { good, bad, expect, flipCount } = body;
  const flips = body["flips"] as readonly { readonly seq: number; readonly holds: boolean }[];
  const [first] = flips;
  const lines = [
    `${expect}`,
    `holds after event ${good}, and not after event ${bad}; it ${first?.holds === true ? "begins to hold" : "ceases to hold"} with`,
    eventLine(body["event"] as Body),
  ];
  if (flipCount === 1) return lines.join("\n");
  const told = flips
    .slice(0, FLIPS_SHOWN)
    .map(({ seq, holds }) => `${seq} ${holds ? "holds" : "does not"}`)
    .join(", ");
  const more = (flipCount as number) > FLIPS_SHOWN ? ", …" : "";
  return [...lines, `it changes ${flipCount} times: ${told}${more}`].join("\n");
}
