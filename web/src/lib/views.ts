// The views of the timeline: their addresses, their words, and the query that narrows the API's lists to them.

import type { Strings } from "./strings/en";

export type ViewName = "photos" | "favorites" | "videos" | "hidden" | "trash";

export interface View {
  name: ViewName;
  path: string;
  /** As the API's day lists take it, without a leading `?`. */
  query: string;
  title: (words: Strings) => string;
}

export const VIEWS: readonly View[] = [
  { name: "photos", path: "/", query: "apply_default=true", title: (words) => words.nav.photos },
  { name: "favorites", path: "/favorites", query: "favorite=true", title: (words) => words.nav.favorites },
  { name: "videos", path: "/videos", query: "media=videos", title: (words) => words.nav.videos },
  { name: "hidden", path: "/hidden", query: "hidden=true", title: (words) => words.nav.hidden },
  { name: "trash", path: "/trash", query: "in_trashcan=true", title: (words) => words.nav.trash },
];

/** The view of an address, also while a photo of it is open: `/favorites/photo/<id>`. */
export function viewOf(path: string): { view: View; photoId: string } | undefined {
  const [before = "", photoId = ""] = path.split(/\/?photo\//);
  const view = VIEWS.find((one) => one.path === (before || "/"));
  return view && { view, photoId };
}

export function photoPath(view: View, photoId: string): string {
  return `${view.path === "/" ? "" : view.path}/photo/${photoId}`;
}
