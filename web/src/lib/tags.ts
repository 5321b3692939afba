// Tags over the API.

import { call, type Schemas } from "./api";

export type Tag = Schemas["TagItem"];
type Tagged = Schemas["Tag"];

interface TagPage {
  results: Tag[];
}

const OFFERED = 8;

/** Tags whose name holds a text; with none, the first ones by name. */
export async function suggestTags(text: string): Promise<Tag[]> {
  const query = new URLSearchParams({ search: text, page_size: String(OFFERED) });
  return (await call<TagPage>(`/api/tags/?${query}`)).results;
}

export async function listTagsOf(photoId: string): Promise<Tag[]> {
  return (await call<TagPage>(`/api/tags/?photo=${encodeURIComponent(photoId)}&page_size=500`)).results;
}

/** Tag photos by name, making the tag if need be. Returns the tag, and how many photos did not have it before. */
export async function tagPhotos(name: string, photoIds: readonly string[]): Promise<{ tag: Tagged; added: number }> {
  const before = await call<Tagged>("/api/tags/", { method: "POST", body: { name } });
  const tag = await call<Tagged>(`/api/tags/${before.id}/add/`, { method: "POST", body: { photos: photoIds } });
  return { tag, added: tag.photo_count - before.photo_count };
}

export async function untagPhotos(tagId: number, photoIds: readonly string[]): Promise<void> {
  await call(`/api/tags/${tagId}/remove/`, { method: "POST", body: { photos: photoIds } });
}
