// The selected photos of a view, by id, so that a selection outlives what is loaded.

import { SvelteMap } from "svelte/reactivity";

import type { Photo } from "./timeline.svelte";

export class Selection {
  readonly photos = new SvelteMap<string, Photo>();
  /** Where a range begins. */
  anchor = -1;

  get count(): number {
    return this.photos.size;
  }

  has(photo: Photo): boolean {
    return this.photos.has(photo.id);
  }

  toggle(photo: Photo, index: number): void {
    if (!this.photos.delete(photo.id)) this.photos.set(photo.id, photo);
    this.anchor = index;
  }

  add(photos: readonly Photo[]): void {
    for (const photo of photos) this.photos.set(photo.id, photo);
  }

  drop(photos: readonly Photo[]): void {
    for (const photo of photos) this.photos.delete(photo.id);
  }

  clear(): void {
    this.photos.clear();
    this.anchor = -1;
  }
}
