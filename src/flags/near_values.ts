/** Values that are almost right: what is probably meant by them. */
import { LONGEST_TIMER } from "../core/timer.ts";

/** Units of time as people write them, as a duration's. */
const TIMES: ReadonlyMap<string, string> = new Map([
  ...["millis", "msec", "msecs", "millisecond", "milliseconds"].map((unit) =>
    [unit, "ms"] as const
  ),
  ...["sec", "secs", "second", "seconds"].map((unit) => [unit, "s"] as const),
  ...["min", "mins", "minute", "minutes"].map((unit) => [unit, "m"] as const),
  ...["hr", "hrs", "hour", "hours"].map((unit) => [unit, "h"] as const),
  ...["ms", "s", "m", "h"].map((unit) => [unit, unit] as const),
]);
/** From this number on, a duration without a unit is probably in milliseconds. */
const LIKELY_MS = 100;

/** The longest duration that is taken, hours. */
export const MOST_HOURS = Math.floor(LONGEST_TIMER / 3_600_000);

const NUMBER = String.raw`(\d+(?:[.,]\d+)?)`;
const meant = (value: string) => `did you mean ${value}?`;

/** What is meant by a duration in another notation; empty where nobody can tell. */
export function nearDuration(text: string): string {
  if (/^(?:-1|never|none|off|forever|inf(?:inity|inite)?)$/i.test(text)) {
    return "without the option there is no limit";
  }
  const [, hours, minutes, seconds] = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text) ?? [];
  if (text !== "" && (hours ?? minutes ?? seconds) !== undefined) {
    const sum = Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0);
    return meant(sum % 60 === 0 ? `${sum / 60}m` : `${sum}s`);
  }
  const [, written, unit] = new RegExp(`^${NUMBER}\\s*([a-z]*)$`, "i").exec(text) ?? [];
  const number = written?.replace(",", ".");
  if (number === undefined) return "";
  if (unit === "") return meant(`${number}${Number(number) < LIKELY_MS ? "s" : "ms"}`);
  if (/^d(?:ays?)?$/i.test(unit!)) {
    const hours = Number(number) * 24;
    return hours > MOST_HOURS ? `at most ${MOST_HOURS}h` : meant(`${hours}h`);
  }
  const known = TIMES.get(unit!.toLowerCase());
  return known ? meant(number + known) : "";
}

const BITS_PER_BYTE = 8;

/** A size's unit in our spelling: `MB` for `mb`, `MiB` for `Mi`; undefined for no unit of sizes. */
function sizeUnit(written: string): string | undefined {
  const [, letter, rest] = /^([kmg])(i?b?(?:ytes?)?)$/i.exec(written) ?? [];
  if (letter === undefined) return /^b(?:ytes?)?$/i.test(written) ? "B" : undefined;
  const isBinary = rest!.toLowerCase().startsWith("i");
  const prefix = letter.toLowerCase() === "k" && !isBinary ? "k" : letter.toUpperCase();
  return prefix + (isBinary ? "iB" : /b/i.test(rest!) ? "B" : "");
}

/** What is meant by a size in another notation; empty where nobody can tell. */
export function nearSize(text: string): string {
  const [, number, unit] = new RegExp(`^${NUMBER}\\s*([a-z]+)$`, "i").exec(text) ?? [];
  const known = unit && sizeUnit(unit);
  return known ? meant(number!.replace(",", ".") + known) : "";
}

/** What is meant by a rate in another notation; empty where nobody can tell. */
export function nearRate(text: string): string {
  const form = new RegExp(`^${NUMBER}\\s*([kmg]?i?)(b(?:it)?s?|B|bytes?)?\\s*(ps|p|/\\w+)?$`, "i");
  const [, written, prefix, unit = "", per = ""] = form.exec(text) ?? [];
  if (written === undefined || !/^(?:|ps|\/s(?:ec(?:ond)?)?)$/i.test(per)) return "";
  const number = Number(written.replace(",", "."));
  if (/^bits?$/.test(unit) || (unit === "b" && per === "ps")) {
    const size = sizeUnit(`${prefix}B`) ?? "B";
    return `${text} is in bits; ${meant(`${number / BITS_PER_BYTE}${size}/s`)}`;
  }
  const size = prefix === "" && unit === "" ? "" : sizeUnit(prefix + (unit && "B"));
  if (size === undefined) return "";
  const plain = size === "" ? "B" : size.endsWith("B") ? size : `${size}B`;
  const means = per === "" && text !== number + plain ? `${text} means ${number} ${plain}/s: ` : "";
  return means + meant(`${number}${size}/s`);
}

/** What is meant by a probability in another notation; empty where nobody can tell. */
export function nearProbability(text: string): string {
  const [, number, percent] = /^(\d+(?:[.,]\d+)?)\s*(%|percent)?$/.exec(text) ?? [];
  if (number === undefined) return "";
  const value = number.replace(",", ".");
  const isPercent = percent !== undefined || Number(value) > 1;
  return Number(value) <= (isPercent ? 100 : 1) ? meant(isPercent ? `${value}%` : value) : "";
}
