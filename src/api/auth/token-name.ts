/** Whether a token can have this name; the log calls its holder so. `local`, `system` and `anonymous` are actors without a token. */
export function isTokenName(text: string): boolean {
  return /^(?!(?:local|system|anonymous)$)[\w.@-]{1,64}$/.test(text);
}
