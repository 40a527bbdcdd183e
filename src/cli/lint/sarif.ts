import { isAbsolute, relative } from "node:path";
import { pathToFileURL } from "node:url";
import type { LintFinding, Severity } from "#config/lint/finding.ts";
import { RULES } from "#config/lint/rules.ts";
import { VERSION } from "../version.ts";

const LEVELS: Readonly<Record<Severity, string>> = { E: "error", W: "warning", I: "note" };

/**
 * Findings as a log of the Static Analysis Results Interchange Format, for code-review tools. Files are named as they were
 * given: relative to the working directory.
 *
 * @see OASIS SARIF 2.1.0
 */
export function sarifLog(findings: readonly LintFinding[]): object {
  const ids = Object.keys(RULES);
  return {
    $schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: { name: "scmictl check", version: VERSION, semanticVersion: VERSION, rules: rules() },
        },
        columnKind: "utf16CodeUnits",
        results: findings.map((finding) => result(finding, ids)),
      },
    ],
  };
}

function rules(): object[] {
  return Object.entries(RULES).map(([id, { severity, condition, advice }]) => ({
    id,
    shortDescription: { text: plain(condition) },
    help: {
      text: advice === "" ? plain(condition) : plain(advice),
      markdown: advice === "" ? condition : advice,
    },
    defaultConfiguration: { level: LEVELS[severity] },
  }));
}

function result({ rule, severity, message, file, line, node }: LintFinding, ids: readonly string[]): object {
  return {
    ruleId: rule,
    ruleIndex: ids.indexOf(rule),
    level: LEVELS[severity],
    message: { text: message },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(file) },
          ...(line === null ? {} : { region: { startLine: line } }),
        },
        ...(node === null ? {} : { logicalLocations: [{ fullyQualifiedName: node, kind: "object" }] }),
      },
    ],
  };
}

/** A file below the working directory as a relative URI reference, whichever way it was named; another one as a file URI. */
function uriOf(named: string): string {
  const below = relative(process.cwd(), named);
  const file = below.startsWith("..") || isAbsolute(below) ? named : below;
  if (isAbsolute(file)) return pathToFileURL(file).href;
  // A colon in the first segment would read as a scheme.
  return file.split("/").map(encodeURIComponent).join("/");
}

/** Without the marks of Markdown. */
function plain(text: string): string {
  return text.replaceAll("`", "");
}
