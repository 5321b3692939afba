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
  private wanted: PageKey[] = [];
  private running = new Map<string, Promise<void>>();
  private dayIndex = new Map<string, number>();

  constructor(readonly view: View) {}

  /** Load the days anew, unless nothing has changed since they were loaded. */
  async load(): Promise<void> {
    try {
      const path = `/api/timeline/layout/?${this.view.query}`;
      const answer = await callIfChanged<{ results: Day[] }>(path, this.isLoaded ? this.etag : "");
      if (answer.content) this.take(answer.content.results);
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
    this.setDays(photos.length ? [{ id: ALL, date: null, location: "", ratios }] : []);
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

  /** Ask for what stands between two positions, the most recent wish first. */
  want(first: number, last: number): void {
    const wishes: PageKey[] = [];
    for (let index = first; index <= last; ) {
      const { day, page } = this.locate(index);
      if (!this.pages.has(this.key(day, page))) wishes.push({ day, page });
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
    await this.fetchPage(this.locate(index));
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
      for (let page = 0; page * PAGE_SIZE < left.length; page += 1) {
        const part = left.slice(page * PAGE_SIZE, (page + 1) * PAGE_SIZE);
        if (part.every(Boolean)) pages.set(this.keyOf(day.id, page), part);
      }
      if (ratios.length) days.push({ ...day, ratios });
    });
    this.pages = pages;
    this.setDays(days);
  }

  private take(days: Day[]): void {
    // A day whose photos are as many as before may hold others: only what is shown is asked for again.
    this.pages.clear();
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
    const path = `/api/albums/date/${dayId}/?page=${page + 1}&size=${PAGE_SIZE}&${this.view.query}`;
    const promise = call<{ results: { items: Photo[] } }>(path)
      .then((answer) => {
        this.pages.set(key, answer.results.items);
        this.forgetOld();
        this.revision += 1;
      })
      .finally(() => this.running.delete(key));
    this.running.set(key, promise);
    return promise;
  }

  /** A map remembers the order of insertion: the first ones were fetched longest ago. */
  private forgetOld(): void {
    if (!this.isBounded) return;
    for (const key of this.pages.keys()) {
      if (this.pages.size <= KEPT_PAGES) return;
      this.pages.delete(key);
    }
  }
}
