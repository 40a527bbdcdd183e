/** What people can have redacted: names of everything and everybody, addresses of memory and of the network. */
export const REDACTABLE = ["names", "addresses"] as const;
export type Redactable = (typeof REDACTABLE)[number];

/** What of a log is replaced by stand-ins. */
export type RedactionChoice = { readonly [What in Redactable]: boolean };
