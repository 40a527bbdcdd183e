import { PROBLEMS } from "#base/problems.ts";
import { boardFilePage } from "./board-file-page.ts";
import { compliancePage } from "./compliance-page.ts";
import { eventsPage } from "./events-page.ts";
import { lintPage } from "./lint-page.ts";
import { placeholders } from "./markdown.ts";
import { profilesPage } from "./profiles-page.ts";
import { protocolsPage } from "./protocols-page.ts";
import { vendorPage } from "./vendor-page.ts";

/** The pages of docs/ that are made from the code: file, and what stands in it. */
export const PAGES: Readonly<Record<string, () => string>> = {
  "docs/events.md": eventsPage,
  "docs/problems.md": problemsPage,
  "docs/profiles.md": profilesPage,
  "docs/protocols.md": protocolsPage,
  "docs/board-file.md": boardFilePage,
  "docs/compliance.md": compliancePage,
  "docs/lint.md": lintPage,
  "docs/vendor-protocols.md": vendorPage,
};

function problemsPage(): string {
  const intro = [
    "# Problems",
    "",
    "Every refusal carries one of these codes, over HTTP (`application/problem+json`, RFC 9457) as on the command line. Codes are",
    "stable: none is renamed or used again. In the details, `<name>` stands for what was found.",
    "",
    "Made from `src/base/problems.ts` by `npm run docs`.",
  ];
  const entries = Object.entries(PROBLEMS).flatMap(([code, { detail, hint }]) => {
    const template = (detail as (params: unknown) => string)(placeholders);
    return ["", `## ${code}`, "", `- **Detail**: ${template}`, `- **Hint**: ${hint}`];
  });
  return `${[...intro, ...entries].join("\n")}\n`;
}
