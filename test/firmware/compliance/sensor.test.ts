import { playRows } from "./play-rows.ts";
import { SENSOR_ROWS } from "./sensor-rows.ts";

playRows(SENSOR_ROWS);
