/** What a token's holder is. */
export const ROLES = ["admin", "operator", "auditor", "viewer"] as const;
export type Role = (typeof ROLES)[number];

/**
 * What a call needs: `open` nothing; `view` to see the machine and its log; `audit` to see who did what, and proofs of it; `operate`
 * to do what guests and their toolstack do; `administer` to change what the firmware allows, the host and the tables.
 */
export type Access = "open" | "view" | "audit" | "operate" | "administer";

const MAY: Readonly<Record<Role, readonly Access[]>> = {
  admin: ["open", "view", "audit", "operate", "administer"],
  operator: ["open", "view", "operate"],
  auditor: ["open", "view", "audit"],
  viewer: ["open", "view"],
};

/** Whether a role may make calls that need this access. */
export function mayCall(role: Role, access: Access): boolean {
  return MAY[role].includes(access);
}

/** The roles that may. */
export function rolesFor(access: Access): readonly Role[] {
  return ROLES.filter((role) => mayCall(role, access));
}
