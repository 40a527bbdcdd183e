import { playRows } from "./play-rows.ts";
import { SYSTEM_ROWS } from "./system-rows.ts";

playRows(SYSTEM_ROWS);
