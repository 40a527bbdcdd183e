import { assert } from "#base/assert.ts";
import type { FirmwareConfig } from "#config/board/board.ts";
import { IMX } from "./profiles/imx.ts";
import type { Profile } from "./profiles/profile.ts";
import { REF } from "./profiles/ref.ts";
import { REF_RCAR } from "./profiles/ref-rcar.ts";
import { REF_RPI5 } from "./profiles/ref-rpi5.ts";
import { SCP } from "./profiles/scp.ts";
import { TFA } from "./profiles/tfa.ts";
import { V32 } from "./profiles/v32.ts";

/** Every profile, in the order of the board file's words for them. */
export const PROFILE_TABLE: readonly Profile[] = [V32, REF, REF_RCAR, REF_RPI5, TFA, SCP, IMX];

/** The profile that a board asks for. */
export function profileOf({ profile }: FirmwareConfig): Profile {
  const found = PROFILE_TABLE.find(({ name }) => name === profile);
  assert(found !== undefined, `every word for a profile has one, ${profile} too`);
  return found;
}
