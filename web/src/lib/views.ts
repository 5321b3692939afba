// The views of the timeline: their addresses, their words, and the query that narrows the API's lists to them.

import type { Strings } from "./strings/en";

export type ViewName = "photos" | "favorites" | "videos" | "undated" | "hidden" | "trash";

export interface View {
  name: ViewName;
  path: string;
  /** As the API's day lists take it, without a leading `?`. */
  query: string;
  title: (words: Strings) => string;
  /** Said where there is nothing. */
  empty: (words: Strings) => [title: string, lead: string];
}

export const VIEWS: readonly View[] = [
  {
    name: "photos",
    path: "/",
    query: "apply_default=true",
    title: (words) => words.nav.photos,
    empty: ({ timeline }) => [timeline.empty, timeline.emptyLead],
  },
  {
    name: "favorites",
    path: "/favorites",
    query: "favorite=true",
    title: (words) => words.nav.favorites,
    empty: ({ timeline }) => [timeline.emptyFiltered, timeline.emptyFavorites],
  },
  {
    name: "videos",
    path: "/videos",
    query: "media=videos",
    title: (words) => words.nav.videos,
    empty: ({ timeline }) => [timeline.emptyFiltered, timeline.emptyVideos],
  },
  {
    name: "undated",
    path: "/undated",
    query: "media=all",
    title: (words) => words.nav.undated,
    empty: ({ timeline }) => [timeline.emptyFiltered, timeline.emptyUndated],
  },
  {
    name: "hidden",
    path: "/hidden",
    query: "hidden=true",
    title: (words) => words.nav.hidden,
    empty: ({ timeline }) => [timeline.emptyFiltered, timeline.emptyHidden],
  },
  {
    name: "trash",
    path: "/trash",
    query: "in_trashcan=true",
    title: (words) => words.nav.trash,
    empty: ({ timeline }) => [timeline.emptyFiltered, timeline.emptyTrash],
  },
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
