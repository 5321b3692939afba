// What people do with photos, each with its way back. Photos are named by id; a thousand at most in one call.

import { call } from "./api";
import { strings } from "./i18n.svelte";
import type { Photo } from "./timeline.svelte";
import { toasts } from "./toasts.svelte";

const AT_ONCE = 1000;
/** The API changes the ratings of so many at once. */
const RATED_AT_ONCE = 100;
/** Capture times are changed photo by photo. */
const DATED_TOGETHER = 4;

export type Flag = "favorite" | "hidden" | "deleted";

const PATHS: Record<Flag, string> = {
  favorite: "/api/photosedit/favorite",
  hidden: "/api/photosedit/hide",
  deleted: "/api/photosedit/setdeleted",
};

/** Parts of a list, each of at most `size`. */
export function parts<T>(list: readonly T[], size: number): T[][] {
  const found: T[][] = [];
  for (let start = 0; start < list.length; start += size) found.push(list.slice(start, start + size));
  return found;
}

/** Set a flag and return the photos that did not have it before. */
export async function setFlag(flag: Flag, photoIds: readonly string[], value: boolean): Promise<string[]> {
  const changed: string[] = [];
  for (const image_hashes of parts(photoIds, AT_ONCE)) {
    const body = { image_hashes, [flag]: value };
    const answer = await call<{ updated_hashes?: string[] }>(PATHS[flag], { method: "POST", body });
    changed.push(...(answer.updated_hashes ?? image_hashes));
  }
  return changed;
}

export function wordsFor(flag: Flag, value: boolean, count: number): string {
  const words = strings.t.actions;
  if (flag === "favorite") return (value ? words.favorited : words.unfavorited)(count);
  if (flag === "hidden") return (value ? words.hidden : words.unhidden)(count);
  return (value ? words.trashed : words.restored)(count);
}

/** Set a flag, say so, and offer to undo it. `after` runs when the server has answered, also after the undo. */
export async function setFlagWithUndo(
  flag: Flag,
  photos: readonly Photo[],
  value: boolean,
  after: () => void,
): Promise<void> {
  const ids = photos.map((photo) => photo.id);
  const changed = new Set(await setFlag(flag, ids, value));
  const back = (): Promise<unknown> =>
    flag === "favorite"
      ? restoreRatings(photos.filter((photo) => changed.has(photo.id)))
      : setFlag(flag, [...changed], !value);
  sayWithUndo(wordsFor(flag, value, ids.length), changed.size ? back : undefined, after);
  after();
}

/** Say what was done, and take it back when somebody asks for that. */
export function sayWithUndo(text: string, back: (() => Promise<unknown>) | undefined, after: () => void): void {
  toasts.say(text, back && (() => void back().then(after, (error: unknown) => toasts.fail(error))));
}

/** Give every photo the rating that it has here: a favourite of five stars does not come back with four. */
export async function restoreRatings(photos: readonly Photo[]): Promise<void> {
  for (const rating of new Set(photos.map((photo) => photo.rating))) {
    for (const part of parts(photos.filter((photo) => photo.rating === rating), RATED_AT_ONCE)) {
      const body = { photo_ids: part.map((photo) => photo.id), updates: { rating } };
      await call("/api/photos/metadata/bulk", { method: "PATCH", body });
    }
  }
}

/** Delete trashed photos with their files. Returns how many the server deleted. */
export async function erase(photoIds: readonly string[]): Promise<number> {
  let count = 0;
  for (const image_hashes of parts(photoIds, AT_ONCE)) {
    const body = { image_hashes };
    const answer = await call<{ deleted: unknown[] }>("/api/photosedit/delete", { method: "DELETE", body });
    count += answer.deleted.length;
  }
  return count;
}

/** Share photos with somebody, or withdraw them. Returns how many that changed. */
export async function sharePhotos(photoIds: readonly string[], userId: number, shared: boolean): Promise<number> {
  let count = 0;
  for (const image_hashes of parts(photoIds, AT_ONCE)) {
    const body = { image_hashes, target_user_id: userId, val_shared: shared };
    count += (await call<{ count: number }>("/api/photosedit/share", { method: "POST", body })).count;
  }
  return count;
}

export interface NewTime {
  id: string;
  /** Wall-clock, as `2023-07-01T14:05:09`; null for what the file itself says. */
  taken: string | null;
}

/** Set capture times; `onStep` hears how many are done. */
export async function setTimes(times: readonly NewTime[], onStep: (done: number) => void = () => undefined): Promise<void> {
  let done = 0;
  for (const part of parts(times, DATED_TOGETHER)) {
    await Promise.all(
      part.map(({ id, taken }) =>
        call(`/api/photos/edit/${encodeURIComponent(id)}/`, { method: "PATCH", body: { exif_timestamp: taken && `${taken}Z` } }),
      ),
    );
    done += part.length;
    onStep(done);
  }
}

/** The new time of each photo when the earliest one is taken at `first`: all at once, or as far apart as they were. */
export function timesFrom(photos: readonly Photo[], first: string, keepsDistances: boolean): NewTime[] {
  const known = photos.map((photo) => Date.parse(photo.birthTime)).filter((time) => !Number.isNaN(time));
  const start = Math.min(...known);
  const wanted = Date.parse(`${first}Z`);
  return photos.map((photo) => {
    const own = Date.parse(photo.birthTime);
    const shift = keepsDistances && !Number.isNaN(own) ? own - start : 0;
    return { id: photo.id, taken: new Date(wanted + shift).toISOString().slice(0, 19) };
  });
}

/** What `timesFrom` has to be undone to. */
export function timesOf(photos: readonly Photo[]): NewTime[] {
  return photos.map((photo) => ({ id: photo.id, taken: photo.birthTime ? photo.birthTime.slice(0, 19) : null }));
}
