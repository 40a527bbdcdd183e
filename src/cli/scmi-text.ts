import { isProblem } from "#base/problem.ts";
import type { Field } from "#scmi/fields.ts";
import { quantityText } from "#scmi/quantity.ts";
import { findCommand } from "#scmi/registry.ts";
import type { Body } from "./client.ts";
import { facts } from "./output.ts";

/** Members of a decoded answer that are no fields of the message. */
const NO_FIELDS = ["protocol", "message", "token", "status", "statusCode", "meaning", "rest"];

/**
 * What a transfer came to, as a person reads it: fields in words and with their units.
 *
 * @param raw the bytes of every transfer too
 */
export function scmiText(answer: Body, raw: boolean): string {
  const { status, result, x, seq } = answer;
  return facts([
    ["status", status ?? `no answer: the SMC returned ${(x as readonly string[])[0]}`],
    ...fieldsOf((result ?? {}) as Body),
    ...(raw ? bytesOf(answer) : []),
    ["event", seq],
  ]);
}

function fieldsOf(result: Body): [name: string, text: unknown][] {
  const command = findCommand(String(result["protocol"]), String(result["message"]));
  const fields = isProblem(command) ? {} : command.p2a;
  const meaning = (result["meaning"] ?? {}) as Body;
  const names = new Set([...Object.keys(fields), ...Object.keys(result), ...Object.keys(meaning)]);
  const shown = [...names].filter((name) => !NO_FIELDS.includes(name));
  const told = shown.flatMap((name): [string, unknown][] =>
    result[name] === undefined && meaning[name] === undefined
      ? []
      : [[name, fieldText(fields[name], result[name], meaning[name])]],
  );
  return result["rest"] === undefined ? told : [...told, ["rest", result["rest"]]];
}

function fieldText(field: Field | undefined, value: unknown, words: unknown): unknown {
  if (Array.isArray(value)) {
    const meanings = Array.isArray(words) ? (words as readonly unknown[]) : [];
    return value.map((item, i) => itemText(item, meanings[i] ?? null, field?.unit));
  }
  if (words !== undefined && words !== null) return wordsText(words);
  return quantity(value, field?.unit);
}

function itemText(item: unknown, words: unknown, unit: string | undefined): unknown {
  if (typeof item !== "object" || item === null) return wordsText(words) ?? quantity(item, unit);
  const parts = Object.entries(item).map(([name, part]) => {
    const meaning = (words as Body | null)?.[name];
    return `${name} ${meaning === undefined || meaning === null ? String(part) : wordsText(meaning)}`;
  });
  return `{${parts.join(", ")}}`;
}

function quantity(value: unknown, unit: string | undefined): unknown {
  const isNumber =
    typeof value === "number" || (typeof value === "string" && /^(0x[0-9a-f]+|-?\d+)$/.test(value));
  return unit === undefined || !isNumber ? value : quantityText(BigInt(value as string | number), unit);
}

/** The parts of a word that say something: `enabled, remaining 3`. */
function wordsText(words: unknown): string | null {
  if (words === null || words === undefined) return null;
  if (typeof words !== "object") return String(words);
  const parts = Object.entries(words).flatMap(([name, value]) => {
    if (value === false) return [];
    return [value === true ? name : `${name} ${String(value)}`];
  });
  return parts.length === 0 ? "-" : parts.join(", ");
}

function bytesOf({ request, header, payload, transfers }: Body): [name: string, text: unknown][] {
  const all = (transfers ?? [{ request, payload }]) as readonly Body[];
  return [
    ["header", header],
    ...all.flatMap((transfer, i): [string, unknown][] => {
      const which = all.length === 1 ? "" : ` ${i + 1}`;
      return [
        [`request${which}`, transfer["request"] === "" ? null : transfer["request"]],
        [`answer${which}`, transfer["payload"] === "" ? null : transfer["payload"]],
      ];
    }),
  ];
}
