import { playRows } from "./play-rows.ts";
import { RESET_ROWS } from "./reset-rows.ts";

playRows(RESET_ROWS);
