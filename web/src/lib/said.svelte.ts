// What the server says, in the reader's language. Its sentences are English, because programs read them.
//
// A sentence is looked up as a whole or by the pattern of its gaps. What is not in the table stays English, and is
// marked so for those who have it read out.

import { formatNumber, strings } from "./i18n.svelte";

type Table = Record<string, string>;

const TABLES: Record<string, () => Promise<Table>> = {
  de: async () => (await import("./strings/sentences.de")).de,
};
const GAP = /\{(\d)\}/;
const END = /[.!?] /g;
const DECIMAL = /^\d+\.\d+$/;
const KEPT = 200;
/** A pattern with fewer fixed characters fits too much to be a sentence: it is a piece of one. */
const LEAST_FIXED = 12;

interface Pattern {
  form: RegExp;
  wanted: string;
  gaps: string[];
  isPiece: boolean;
}

export class Translator {
  private readonly whole: Map<string, string>;
  private readonly patterns: Pattern[];

  constructor(table: Table) {
    const rows = Object.entries(table);
    this.whole = new Map(rows.filter(([said]) => !GAP.test(said)));
    // What says more by itself is tried first.
    this.patterns = rows
      .filter(([said]) => GAP.test(said))
      .sort(([one], [other]) => fixed(other) - fixed(one))
      .map(([said, wanted]) => patternOf(said, wanted));
  }

  /** Return the text in the other language, undefined when a part of it is not known. */
  translate(text: string): string | undefined {
    return this.sentences(text) ?? this.remark(text);
  }

  /** One sentence after the other: an input may have several things wrong. */
  private sentences(text: string): string | undefined {
    for (const { index } of text.matchAll(END)) {
      const first = this.one(text.slice(0, index + 1));
      const rest = first === undefined ? undefined : this.sentences(text.slice(index + 2));
      if (rest !== undefined) return `${first} ${rest}`;
    }
    return this.one(text);
  }

  /** What is told of a file or a field: its name, a colon, and the sentence. */
  private remark(text: string): string | undefined {
    for (let colon = text.indexOf(": "); colon > 0; colon = text.indexOf(": ", colon + 1)) {
      const rest = this.sentences(text.slice(colon + 2));
      if (rest !== undefined) return `${text.slice(0, colon)}: ${rest}`;
    }
    return undefined;
  }

  private one(text: string, isPiece = false): string | undefined {
    const found = this.whole.get(text);
    if (found !== undefined) return found;
    for (const { form, wanted, gaps, ...pattern } of this.patterns) {
      const match = isPiece || !pattern.isPiece ? form.exec(text) : null;
      if (match) return wanted.replace(/\{(\d)\}/g, (_, gap: string) => this.filling(match[gaps.indexOf(gap) + 1] ?? ""));
    }
    return undefined;
  }

  /** A gap holds a name or a number, or a piece that has words of its own. */
  private filling(text: string): string {
    if (DECIMAL.test(text)) return formatNumber(Number(text));
    const own = this.translate(text) ?? this.whole.get(text.toLowerCase());
    if (own !== undefined) return own;
    const parts = text.split(", ").map((part) => this.one(part, true));
    return parts.every((part) => part !== undefined) ? parts.join(", ") : text;
  }
}

function fixed(said: string): number {
  return said.replace(/\{\d\}/g, "").length;
}

function patternOf(said: string, wanted: string): Pattern {
  const parts = said.split(/\{(\d)\}/);
  const gaps = parts.filter((_, place) => place % 2 === 1);
  const source = parts.map((part, place) => (place % 2 ? "(.*?)" : part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")));
  return { form: new RegExp(`^${source.join("")}$`, "s"), wanted, gaps, isPiece: fixed(said) < LEAST_FIXED };
}

let translator = $state.raw<Translator>();
const english = new Set<string>();

/** Resolves when the sentences of the reader's language are there, or will not come. */
export const sentencesReady: Promise<void> = load();

async function load(): Promise<void> {
  try {
    const table = await TABLES[strings.tag]?.();
    if (table) translator = new Translator(table);
  } catch {
    // What the server says stays English.
  }
}

/** What the server said, in the reader's language where it has the words. */
export function said(text: string): string {
  if (!(strings.tag in TABLES) || !text) return text;
  const own = translator?.translate(text);
  if (own !== undefined) return own;
  if (english.size >= KEPT) english.clear();
  english.add(text);
  return text;
}

/** The language of a text on the page, where it is not the page's own. */
export function languageOf(text: string): "en" | undefined {
  return english.has(text) ? "en" : undefined;
}
