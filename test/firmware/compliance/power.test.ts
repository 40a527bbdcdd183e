import { playRows } from "./play-rows.ts";
import { POWER_ROWS } from "./power-rows.ts";

playRows(POWER_ROWS);
