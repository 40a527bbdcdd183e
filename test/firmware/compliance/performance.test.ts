import { PERFORMANCE_ROWS } from "./performance-rows.ts";
import { playRows } from "./play-rows.ts";

playRows(PERFORMANCE_ROWS);
