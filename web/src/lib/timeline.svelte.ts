// The photos of one view: which there are and where they stand at once, what they are page by page when they
// come into sight.

import { call, callIfChanged, type Schemas } from "./api";
import { Layout, type LayoutOptions } from "./layout";
import type { View } from "./views";

export type Photo = Schemas["PigPhoto"];
type Day = Schemas["LayoutDay"];

const PAGE_SIZE = 100;
const AT_ONCE = 4;
/** About a kilobyte each: the page's memory stays bounded however far somebody scrolls. */
const KEPT_PAGES = 150;
const ALL = "all";

interface PageKey {
  day: number;
  page: number;
}

export class Timeline {
  days = $state.raw<Day[]>([]);
  layout = $state.raw(new Layout([], { width: 1, rowHeight: 1, gap: 0, headerHeight: 0 }));
  isLoaded = $state(false);
  failure = $state<unknown>();
  /** Grows whenever photos arrived or changed: what is drawn depends on it. */
  revision = $state(0);

  private etag = "";
  private isBounded = true;
  private options: LayoutOptions = { width: 1000, rowHeight: 200, gap: 4, headerHeight: 48 };
  private pages = new Map<string, (Photo | undefined)[]>();
  /** Pages that are shown until they have come anew. */
  private stale = new Set<string>();
  private hashes = new Map<string, readonly string[]>();
  private wanted: PageKey[] = [];
  private running = new Map<string, Promise<void>>();
  private dayIndex = new Map<string, number>();

  constructor(readonly view: View) {}

  /** Load the days anew, unless nothing has changed since they were loaded, or the photos were given. */
  async load(): Promise<void> {
    if (!this.isBounded) return;
    try {
      const path = `/api/timeline/layout/?${this.view.query}`;
      const answer = await callIfChanged<{ results: Day[] }>(path, this.isLoaded ? this.etag : "");
      if (answer.content) this.take(this.chosen(answer.content.results));
      this.etag = answer.etag;
      this.failure = undefined;
    } catch (error) {
      this.failure = error;
    }
    this.isLoaded = true;
  }

  /** Hold these photos and no others, without days: an album whose photos are all at hand. */
  show(photos: Photo[]): void {
    const ratios = photos.map((photo) => Math.round(photo.aspectRatio * 100));
    this.pages.clear();
    for (let page = 0; page * PAGE_SIZE < photos.length; page += 1) {
      this.pages.set(this.keyOf(ALL, page), photos.slice(page * PAGE_SIZE, (page + 1) * PAGE_SIZE));
    }
    this.isBounded = false;
    this.isLoaded = true;
    this.setDays(photos.length ? [{ id: ALL, date: null, location: "", ratios, colors: "" }] : []);
  }

  resize(options: LayoutOptions): void {
    this.options = options;
    this.layout = new Layout(this.days, options);
  }

  get count(): number {
    return this.layout.count;
  }

  /** The photo at a position, undefined until it was fetched. */
  at(index: number): Photo | undefined {
    const { day, page, place } = this.locate(index);
    return this.pages.get(this.key(day, page))?.[place];
  }

  /** The colour of a position as style sheets write it, known from the start; empty where photos are all at hand. */
  colorAt(index: number): string {
    const day = this.layout.dayOf(index);
    const place = (index - (this.layout.dayFirst[day] ?? 0)) * 3;
    const digits = this.days[day]?.colors.slice(place, place + 3);
    return digits ? `#${digits}` : "";
  }

  /** The ThumbHash of a position in hex, empty until it was fetched and where there is none. */
  placeholderAt(index: number): string {
    const { day, page, place } = this.locate(index);
    return this.hashes.get(this.key(day, page))?.[place] ?? "";
  }

  /** Ask for what stands between two positions, the most recent wish first. */
  want(first: number, last: number): void {
    const wishes: PageKey[] = [];
    for (let index = first; index <= last; ) {
      const { day, page } = this.locate(index);
      const key = this.key(day, page);
      if (!this.pages.has(key) || this.stale.has(key)) wishes.push({ day, page });
      const start = this.layout.dayFirst[day] ?? 0;
      index = Math.min(start + (page + 1) * PAGE_SIZE, this.layout.dayFirst[day + 1] ?? Infinity);
    }
    this.wanted = wishes;
    this.pump();
  }

  /** Fetch a position and return its photo; undefined when it is gone. */
  async fetch(index: number): Promise<Photo | undefined> {
    if (index < 0 || index >= this.count) return undefined;
    const { day, page } = this.locate(index);
    if (!this.pages.has(this.key(day, page))) await this.fetchPage({ day, page });
    return this.at(index);
  }

  /** Fetch a position anew, after its photo was changed; until it is there the old one is shown. */
  async refresh(index: number): Promise<void> {
    const photo = this.at(index);
    if (this.isBounded || !photo) {
      await this.fetchPage(this.locate(index));
      return;
    }
    const path = `/api/photos/${encodeURIComponent(photo.id)}/summary/`;
    const { photo_summary: now } = await call<Schemas["PhotoSummary"]>(path);
    this.change(new Set([photo.id]), () => now);
  }

  async fetchRange(first: number, last: number): Promise<Photo[]> {
    const found: Photo[] = [];
    for (let index = first; index <= last; index += 1) {
      const photo = this.at(index) ?? (await this.fetch(index));
      if (photo) found.push(photo);
    }
    return found;
  }

  /** The position of a photo among those that were fetched, -1 when it is not there. */
  indexOf(photoId: string): number {
    for (const [key, photos] of this.pages) {
      const place = photos.findIndex((photo) => photo?.id === photoId);
      if (place < 0) continue;
      const [dayId = "", page = "0"] = key.split(" ");
      const day = this.dayIndex.get(dayId);
      if (day !== undefined) return (this.layout.dayFirst[day] ?? 0) + Number(page) * PAGE_SIZE + place;
    }
    return -1;
  }

  /** Return the way back to what is shown now, for a change that is shown at once and then refused. */
  remember(): () => void {
    const { days } = this;
    const pages = new Map(this.pages);
    return () => {
      this.pages = pages;
      this.setDays(days);
    };
  }

  /** Show a change at once, before the server has answered. */
  change(photoIds: ReadonlySet<string>, change: (photo: Photo) => Photo): void {
    this.etag = "";
    for (const [key, photos] of this.pages) {
      if (!photos.some((photo) => photo && photoIds.has(photo.id))) continue;
      this.pages.set(
        key,
        photos.map((photo) => (photo && photoIds.has(photo.id) ? change(photo) : photo)),
      );
    }
    this.revision += 1;
  }

  /** Take photos out of this view at once; `load` tells the truth afterwards. */
  remove(photoIds: ReadonlySet<string>): void {
    this.etag = "";
    const days: Day[] = [];
    const pages = new Map<string, (Photo | undefined)[]>();
    this.days.forEach((day, number) => {
      const photos = this.photosOf(number);
      const kept = photos.map((photo) => !photo || !photoIds.has(photo.id));
      if (kept.every(Boolean)) {
        days.push(day);
        this.copyPages(day.id, photos.length, pages);
        return;
      }
      const ratios = day.ratios.filter((_, place) => kept[place]);
      const left = photos.filter((_, place) => kept[place]);
      const colors = (day.colors.match(/.../g) ?? []).filter((_, place) => kept[place]).join("");
      for (let page = 0; page * PAGE_SIZE < left.length; page += 1) {
        const part = left.slice(page * PAGE_SIZE, (page + 1) * PAGE_SIZE);
        if (part.every(Boolean)) pages.set(this.keyOf(day.id, page), part);
      }
      if (ratios.length) days.push({ ...day, ratios, colors });
    });
    this.pages = pages;
    this.hashes.clear();
    this.setDays(days);
  }

  private chosen(days: Day[]): Day[] {
    return this.view.name === "undated" ? days.filter((day) => day.date === null) : days;
  }

  /** What has kept its shape stays on the screen until it has come anew; it may be of other photos. */
  private take(days: Day[]): void {
    const before = new Map(this.days.map((day) => [day.id, day.ratios]));
    const same = new Set(days.filter((day) => isSame(day.ratios, before.get(day.id))).map((day) => day.id));
    for (const key of this.pages.keys()) {
      const [dayId = ""] = key.split(" ");
      if (same.has(dayId)) this.stale.add(key);
      else this.pages.delete(key);
    }
    this.hashes.clear();
    this.setDays(days);
  }

  private setDays(days: Day[]): void {
    this.days = days;
    this.dayIndex = new Map(days.map((day, number) => [day.id, number]));
    this.layout = new Layout(days, this.options);
    this.revision += 1;
  }

  private photosOf(day: number): (Photo | undefined)[] {
    const first = this.layout.dayFirst[day] ?? 0;
    const end = this.layout.dayFirst[day + 1] ?? first;
    return Array.from({ length: end - first }, (_, place) => this.at(first + place));
  }

  private copyPages(dayId: string, count: number, into: Map<string, (Photo | undefined)[]>): void {
    for (let page = 0; page * PAGE_SIZE < count; page += 1) {
      const key = this.keyOf(dayId, page);
      const photos = this.pages.get(key);
      if (photos) into.set(key, photos);
    }
  }

  private locate(index: number): PageKey & { place: number } {
    const day = this.layout.dayOf(index);
    const within = index - (this.layout.dayFirst[day] ?? 0);
    return { day, page: Math.floor(within / PAGE_SIZE), place: within % PAGE_SIZE };
  }

  private key(day: number, page: number): string {
    return this.keyOf(this.days[day]?.id ?? "", page);
  }

  private keyOf(dayId: string, page: number): string {
    return `${dayId} ${page}`;
  }

  private pump(): void {
    while (this.running.size < AT_ONCE) {
      const next = this.wanted.shift();
      if (!next) return;
      void this.fetchPage(next)
        .catch((error: unknown) => (this.failure = error))
        .finally(() => this.pump());
    }
  }

  private fetchPage({ day, page }: PageKey): Promise<void> {
    const key = this.key(day, page);
    const running = this.running.get(key);
    if (running) return running;
    const dayId = this.days[day]?.id ?? "";
    const query = `?page=${page + 1}&size=${PAGE_SIZE}&${this.view.query}`;
    if (!this.pages.has(key) && !this.hashes.has(key)) void this.fetchPlaceholders(key, dayId, query);
    const path = `/api/albums/date/${dayId}/${query}`;
    const promise = call<{ results: { items: Photo[] } }>(path)
      .then((answer) => {
        this.pages.delete(key);
        this.pages.set(key, answer.results.items);
        this.stale.delete(key);
        this.forgetOld();
        this.revision += 1;
      })
      .finally(() => this.running.delete(key));
    this.running.set(key, promise);
    return promise;
  }

  /** They are an ornament: without them the colour of a photo stands for it. */
  private async fetchPlaceholders(key: string, dayId: string, query: string): Promise<void> {
    try {
      const answer = await call<{ results: string[] }>(`/api/timeline/placeholders/${dayId}/${query}`);
      this.hashes.set(key, answer.results);
      this.revision += 1;
    } catch {
      this.hashes.delete(key);
    }
  }

  /** A map remembers the order of insertion: the first ones were fetched longest ago. */
  private forgetOld(): void {
    if (!this.isBounded) return;
    for (const key of this.pages.keys()) {
      if (this.pages.size <= KEPT_PAGES) return;
      this.pages.delete(key);
      this.hashes.delete(key);
      this.stale.delete(key);
    }
  }
}

function isSame(one: readonly number[], other: readonly number[] | undefined): boolean {
  return one.length === other?.length && one.every((ratio, place) => ratio === other[place]);
}
