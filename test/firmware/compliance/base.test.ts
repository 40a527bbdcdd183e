import { BASE_ROWS } from "./base-rows.ts";
import { playRows } from "./play-rows.ts";

playRows(BASE_ROWS);
