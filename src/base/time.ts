const DAY_US = 86_400_000_000;
/** Days from 0000-03-01, where the reckoning below begins, to 1970-01-01. */
const DAYS_TO_1970 = 719_468;
const DAYS_PER_ERA = 146_097;

/** A moment taken apart, UTC. */
export interface Civil {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly micros: number;
}

/** A time in microseconds since 1970 as calendar date and clock, UTC. Arithmetic only: it asks no clock. */
export function civilTime(timeUs: number): Civil {
  const days = Math.floor(timeUs / DAY_US);
  const rest = timeUs - days * DAY_US;
  // Years are counted from March, so that the leap day is a year's last, in eras of 400 years.
  const fromMarch = days + DAYS_TO_1970;
  const era = Math.floor(fromMarch / DAYS_PER_ERA);
  const dayOfEra = fromMarch - era * DAYS_PER_ERA;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1,
    hour: Math.floor(rest / 3_600_000_000),
    minute: Math.floor(rest / 60_000_000) % 60,
    second: Math.floor(rest / 1_000_000) % 60,
    micros: rest % 1_000_000,
  };
}

/** A time in microseconds since 1970 as ISO 8601 with microseconds: `2026-11-20T23:49:28.000001Z`. */
export function timeText(timeUs: number): string {
  const { year, month, day, hour, minute, second, micros } = civilTime(timeUs);
  const date = `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}`;
  return `${date}T${two(hour)}:${two(minute)}:${two(second)}.${String(micros).padStart(6, "0")}Z`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
