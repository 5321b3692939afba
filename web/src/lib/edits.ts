// What people do with photos, each with its way back. Photos are named by id; a thousand at most in one call.

import { call } from "./api";
import { strings } from "./i18n.svelte";
import { toasts } from "./toasts.svelte";

const AT_ONCE = 1000;

export type Flag = "favorite" | "hidden" | "deleted";

const PATHS: Record<Flag, string> = {
  favorite: "/api/photosedit/favorite",
  hidden: "/api/photosedit/hide",
  deleted: "/api/photosedit/setdeleted",
};

/** Set a flag and return how many photos were told to have it. */
export async function setFlag(flag: Flag, photoIds: readonly string[], value: boolean): Promise<void> {
  for (let start = 0; start < photoIds.length; start += AT_ONCE) {
    const image_hashes = photoIds.slice(start, start + AT_ONCE);
    await call(PATHS[flag], { method: "POST", body: { image_hashes, [flag]: value } });
  }
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
  photoIds: readonly string[],
  value: boolean,
  after: () => void,
): Promise<void> {
  await setFlag(flag, photoIds, value);
  toasts.say(wordsFor(flag, value, photoIds.length), () => {
    setFlag(flag, photoIds, !value).then(after, (error: unknown) => toasts.fail(error));
  });
  after();
}

/** Delete trashed photos with their files. Returns how many the server deleted. */
export async function erase(photoIds: readonly string[]): Promise<number> {
  let count = 0;
  for (let start = 0; start < photoIds.length; start += AT_ONCE) {
    const image_hashes = photoIds.slice(start, start + AT_ONCE);
    const answer = await call<{ deleted: unknown[] }>("/api/photosedit/delete", {
      method: "DELETE",
      body: { image_hashes },
    });
    count += answer.deleted.length;
  }
  return count;
}
