import type { Command } from "commander";
import { isProblem } from "#base/problem.ts";
import { PROTOCOLS } from "#scmi/registry.ts";
import { client, type WritingOptions, writing } from "../options.ts";
import { EXIT } from "../output.ts";
import { scmiText } from "../scmi-text.ts";
import { show } from "../show.ts";
import { domainPath } from "./domain.ts";

interface ScmiOptions extends WritingOptions {
  readonly payload?: string;
  readonly all?: boolean;
  readonly raw?: boolean;
}

export function addScmi(program: Command): void {
  writing(program.command("scmi"))
    .description("a whole SCMI transfer of a guest's, by names, values with units, and parts of words")
    .argument("<domain>", "domid, or the domain's name or uuid")
    .argument("<protocol>", `name or number: ${PROTOCOLS.map(({ name }) => name).join(", ")}, 0x14`)
    .argument("<message>", "SCMI's name or number: CLOCK_RATE_GET, 0x6")
    .argument("[param=value...]", "parameters: clockId=gpu rate=400MHz flags.async=true powerState=OFF")
    .option("--payload <hex>", "the payload in hex instead of parameters")
    .option("--all", "walk a list to its end: all rates, levels, protocols, sensors")
    .option("--raw", "show the bytes too")
    .action(
      async (
        ref: string,
        protocol: string,
        message: string,
        given: string[],
        _: unknown,
        command: Command,
      ) => {
        const options = command.optsWithGlobals<ScmiOptions>();
        const { payload, all, raw, reason, idempotencyKey } = options;
        if (payload !== undefined && given.length > 0) {
          command.error("error: give parameters or --payload, not both");
        }
        const misfit = given.find((text) => !text.includes("="));
        if (misfit !== undefined) command.error(`error: a parameter is name=value, not '${misfit}'`);
        const call = { protocol: nameOrNumber(protocol), message: nameOrNumber(message), all };
        const body =
          payload === undefined
            ? { ...call, params: Object.fromEntries(given.map(parameter)), reason }
            : { ...call, payload, reason };
        const answer = await client(options).send("POST", `${domainPath(ref)}/scmi`, body, idempotencyKey);
        await show(answer, options, (body) => scmiText(body, raw === true));
        if (!isProblem(answer) && answer["status"] !== "SUCCESS") process.exitCode = EXIT.refused;
      },
    );
}

function nameOrNumber(text: string): string | number {
  return /^(0[xX][0-9a-fA-F]+|\d+)$/.test(text) ? Number(text) : text;
}

/** `rate=1000`, `flags={"async":true}`, `state=ON`: JSON where it is JSON, else text. Long numbers stay text, as JSON would round them. */
function parameter(text: string): [string, unknown] {
  const at = text.indexOf("=");
  const value = text.slice(at + 1);
  return [text.slice(0, at), /^[[{tf]/.test(value) ? fromJson(value) : value];
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
