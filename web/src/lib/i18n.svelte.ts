// The words of the page in the reader's language, and dates and numbers as that language writes them.

import { de } from "./strings/de";
import { en, type Strings } from "./strings/en";

const LANGUAGES: Record<string, Strings> = { en, de };

function choose(): string {
  const wanted = typeof navigator === "undefined" ? [] : navigator.languages;
  return wanted.map((tag) => tag.slice(0, 2)).find((tag) => tag in LANGUAGES) ?? "en";
}

class Language {
  tag = $state(choose());
  t = $derived<Strings>(LANGUAGES[this.tag] ?? en);
}

export const strings = new Language();

/** To make a format takes a hundred times as long as to use it, and a screen of photos uses one for each. */
const formats = new Map<string, Intl.DateTimeFormat>();

function dateFormat(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = strings.tag + JSON.stringify(options);
  let format = formats.get(key);
  if (!format) formats.set(key, (format = new Intl.DateTimeFormat(strings.tag, options)));
  return format;
}

/** Capture times are wall-clock times that the API labels as UTC: they are shown in UTC, never shifted. */
export function formatDay(iso: string, style: "long" | "short" = "long"): string {
  const options: Intl.DateTimeFormatOptions =
    style === "long"
      ? { weekday: "long", day: "numeric", month: "long", year: "numeric" }
      : { day: "numeric", month: "short", year: "numeric" };
  return dateFormat({ ...options, timeZone: "UTC" }).format(new Date(iso));
}

export function formatMonth(year: number, month: number): string {
  const format = dateFormat({ month: "long", year: "numeric", timeZone: "UTC" });
  return format.format(new Date(Date.UTC(year, month - 1, 1)));
}

export function formatCaptureTime(iso: string): string {
  return dateFormat({ dateStyle: "full", timeStyle: "short", timeZone: "UTC" }).format(new Date(iso));
}

/** An instant of the server, in the reader's own zone. */
export function formatInstant(iso: string): string {
  return dateFormat({ dateStyle: "medium", timeStyle: "short" }).format(new Date(iso));
}

export function formatNumber(value: number): string {
  return new Intl.NumberFormat(strings.tag).format(value);
}

export function formatDegrees(degrees: number): string {
  return new Intl.NumberFormat(strings.tag, { maximumFractionDigits: 4 }).format(degrees);
}

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const options = { style: "unit", unit: UNITS[unit] ?? "byte", maximumFractionDigits: value < 10 ? 1 : 0 } as const;
  return new Intl.NumberFormat(strings.tag, options).format(value);
}

/** Seconds as 0:07 or 1:02:03. */
export function formatLength(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (parts[0] === 0) parts.shift();
  return parts.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, "0"))).join(":");
}
