// User albums over the API.

import { call, type Schemas } from "./api";

export type AlbumItem = Schemas["UserAlbumListItem"];

interface AlbumPage {
  results: AlbumItem[];
}

export async function listAlbums(): Promise<AlbumItem[]> {
  return (await call<AlbumPage>("/api/albums/user/list/?page_size=1000")).results;
}

export async function listShared(): Promise<AlbumItem[]> {
  return (await call<AlbumPage>("/api/albums/user/shared/tome/")).results;
}

/** Make an album, or add to the own one of this title. Returns its id. */
export async function addToTitle(title: string, photoIds: readonly string[]): Promise<number> {
  const body = { title, photos: photoIds };
  return (await call<{ id: number }>("/api/albums/user/edit/", { method: "POST", body })).id;
}

export interface AlbumChange {
  title?: string;
  photos?: readonly string[];
  removedPhotos?: readonly string[];
  cover_photo?: string | null;
}

export async function changeAlbum(albumId: number | string, change: AlbumChange): Promise<void> {
  await call(`/api/albums/user/edit/${albumId}/`, { method: "PATCH", body: change });
}

export async function deleteAlbum(albumId: number | string): Promise<void> {
  await call(`/api/albums/user/${albumId}/`, { method: "DELETE" });
}

export async function shareAlbum(albumId: number, userId: number, shared: boolean): Promise<AlbumItem> {
  const body = { album_id: albumId, target_user_id: userId, shared };
  return call<AlbumItem>("/api/useralbum/share", { method: "POST", body });
}

/** Add photos to an album. `added` are those that were not in it before. */
export async function addPhotos(albumId: number, photoIds: readonly string[]): Promise<{ id: number; added: string[] }> {
  const before = new Set((await call<{ photos: string[] }>(`/api/albums/user/edit/${albumId}/`)).photos);
  await changeAlbum(albumId, { photos: photoIds });
  return { id: albumId, added: photoIds.filter((id) => !before.has(id)) };
}

export async function takeOut(albumId: number, photoIds: readonly string[]): Promise<void> {
  await changeAlbum(albumId, { removedPhotos: photoIds });
}

export type EventItem = Schemas["EventItem"];

/** Albums that the server made of photos taken at one time and place. */
export async function listEvents(): Promise<EventItem[]> {
  return (await call<{ results: EventItem[] }>("/api/albums/auto/list/?page_size=1000")).results;
}

export async function makeEvents(): Promise<void> {
  await call("/api/autoalbumgen/", { method: "POST" });
}

export async function renameEvent(eventId: string, title: string): Promise<void> {
  await call(`/api/albums/auto/${eventId}/`, { method: "PATCH", body: { title } });
}

export async function deleteEvent(eventId: string): Promise<void> {
  await call(`/api/albums/auto/${eventId}/`, { method: "DELETE" });
}
