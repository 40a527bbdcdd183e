import { about, aboutOne, type Teller } from "./teller.ts";

/** The host itself. */
export const hostWords: Teller = (change) => {
  const { before, after } = change;
  return [
    ...about(change, ["configuration", "configuredSeq", "ruleVersion"], () =>
      after["configuredSeq"] === undefined
        ? "the host is not configured"
        : `the host was configured by event ${after["configuredSeq"]}`,
    ),
    ...aboutOne(change, "epoch", (epoch) => bootText(before["epoch"], epoch)),
    ...aboutOne(change, "lastDomid", (last, was) => {
      if (last === undefined) return "no domid was given out";
      return `the last domid that was given out: ${was === undefined ? "" : `${was} → `}${last}`;
    }),
    ...about(change, ["panic", "panicErrno", "panicSeq"], () =>
      after["panic"] === undefined
        ? "the host has got over its panic"
        : `the host panicked with event ${after["panicSeq"]}: ${after["panicErrno"]}, ${after["panic"]}`,
    ),
  ];
};

function bootText(before: unknown, epoch: unknown): string {
  if (epoch === undefined) return "the host has not booted";
  return before === undefined
    ? `the host is in boot ${epoch}`
    : `the host is in another boot: ${before} → ${epoch}`;
}
