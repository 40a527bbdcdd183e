import { CLOCK_ROWS } from "./clock-rows.ts";
import { playRows } from "./play-rows.ts";

playRows(CLOCK_ROWS);
