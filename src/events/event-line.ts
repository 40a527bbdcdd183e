/** An event on one line: `12  2026-11-20T23:49:28.000001Z  domain.created  domid 1  agent 2  red created, agent 2`. */
export function eventLine(event: { readonly [field: string]: unknown }): string {
  const { seq, time, type, domid, agentId, actor, reason } = event;
  const parts = [
    String(seq).padStart(6),
    time,
    String(type).padEnd(25),
    ...(domid === undefined ? [] : [`domid ${domid}`]),
    ...(agentId === undefined ? [] : [`agent ${agentId}`]),
    String(event["text"] ?? ""),
    ...(actor === "system" ? [] : [`by ${actor}`]),
    ...(reason === undefined ? [] : [`(${reason})`]),
  ];
  return parts
    .filter((part) => part !== "")
    .join("  ")
    .trimEnd();
}
