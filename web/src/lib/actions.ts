// What a view offers to do with its photos, and doing it: at once on the screen, then on the server.

import type { Action } from "./components/BulkBar.svelte";
import { download } from "./downloads";
import { erase, setFlagWithUndo, type Flag } from "./edits";
import { strings } from "./i18n.svelte";
import type { Selection } from "./selection.svelte";
import type { Photo, Timeline } from "./timeline.svelte";
import { toasts } from "./toasts.svelte";
import type { ViewName } from "./views";

const USUAL: readonly Action[] = ["favorite", "album", "share", "download", "trash", "tag", "date", "hide"];
const OFFERED: Record<ViewName, readonly Action[]> = {
  photos: USUAL,
  favorites: USUAL.map((action) => (action === "favorite" ? "unfavorite" : action)),
  videos: USUAL,
  undated: ["date", ...USUAL.filter((action) => action !== "date")],
  hidden: ["unhide", "download", "trash"],
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
export function leaves(view: ViewName, action: Action): boolean {
  if (action === "favorite" || action === "download") return false;
  return action !== "unfavorite" || view === "favorites";
}

export interface Place {
  timeline: Timeline;
  selection: Selection;
  favoriteFrom: number;
  /** Shows what the server has now. */
  reload: () => void;
}

/** Do what needs no further question. */
export async function act(action: Action, photos: readonly Photo[], place: Place): Promise<void> {
  const { timeline, selection, favoriteFrom, reload } = place;
  const ids = new Set(photos.map((photo) => photo.id));
  const flag = FLAGS[action];
  const takeBack = flag || action === "erase" ? timeline.remember() : undefined;
  if (leaves(timeline.view.name, action)) timeline.remove(ids);
  else if (flag) {
    timeline.change(ids, (photo) => ({ ...photo, rating: action === "favorite" ? Math.max(photo.rating, favoriteFrom) : 0 }));
  }
  selection.drop(photos);
  try {
    if (flag) await setFlagWithUndo(flag[0], photos, flag[1], reload);
    else if (action === "erase") toasts.say(strings.t.actions.erased(await erase([...ids])));
    else if (action === "download") await download(photos);
  } catch (error) {
    takeBack?.();
    toasts.fail(error);
    reload();
  }
}
