// What a view offers to do with its photos, and doing it: at once on the screen, then on the server.

import type { Action } from "./components/BulkBar.svelte";
import { erase, setFlagWithUndo, type Flag } from "./edits";
import { strings } from "./i18n.svelte";
import type { Selection } from "./selection.svelte";
import type { Photo, Timeline } from "./timeline.svelte";
import { toasts } from "./toasts.svelte";
import type { ViewName } from "./views";

const OFFERED: Record<ViewName, readonly Action[]> = {
  photos: ["favorite", "album", "hide", "trash"],
  favorites: ["unfavorite", "album", "hide", "trash"],
  videos: ["favorite", "album", "hide", "trash"],
  hidden: ["unhide", "trash"],
  trash: ["restore", "erase"],
};

const FLAGS: Partial<Record<Action, [Flag, boolean]>> = {
  favorite: ["favorite", true],
  unfavorite: ["favorite", false],
  hide: ["hidden", true],
  unhide: ["hidden", false],
  trash: ["deleted", true],
  restore: ["deleted", false],
};

export function actionsOf(view: ViewName): readonly Action[] {
  return OFFERED[view];
}

/** The actions after which a photo is no longer in its view. */
function leaves(view: ViewName, action: Action): boolean {
  if (action === "favorite") return false;
  return action !== "unfavorite" || view === "favorites";
}

export async function act(
  action: Action,
  photos: readonly Photo[],
  timeline: Timeline,
  selection: Selection,
  favoriteFrom: number,
): Promise<void> {
  const ids = new Set(photos.map((photo) => photo.id));
  const flag = FLAGS[action];
  const reload = () => void timeline.load();
  if (leaves(timeline.view.name, action)) timeline.remove(ids);
  else timeline.change(ids, (photo) => ({ ...photo, rating: action === "favorite" ? Math.max(photo.rating, favoriteFrom) : 0 }));
  selection.drop(photos);
  try {
    if (flag) await setFlagWithUndo(flag[0], [...ids], flag[1], reload);
    else if (action === "erase") toasts.say(strings.t.actions.erased(await erase([...ids])));
  } catch (error) {
    toasts.fail(error);
    reload();
  }
}
