// Places by their name, from data that lies on the server.

import { call, type Schemas } from "./api";

export type FoundPlace = Schemas["PlaceFound"];

export interface Place {
  lat: number;
  lon: number;
}

const OFFERED = 6;

export async function findPlaces(text: string): Promise<FoundPlace[]> {
  return call<FoundPlace[]>(`/api/geocode/search/?${new URLSearchParams({ q: text, limit: String(OFFERED) })}`);
}

/** Say where a photo was taken; null takes its position away. */
export async function setPlace(photoId: string, place: Place | null): Promise<void> {
  const body = { gps_latitude: place?.lat ?? null, gps_longitude: place?.lon ?? null };
  await call(`/api/photos/${encodeURIComponent(photoId)}/metadata`, { method: "PATCH", body });
}
