// Addresses of pictures, and the words that tell a photo to somebody who does not see it.

import { formatCaptureTime, strings } from "./i18n.svelte";
import type { Photo } from "./timeline.svelte";

/** The smallest picture that is sharp at this height in CSS pixels; videos have a still in one size only. */
export function gridSource(photo: Photo, height: number): string {
  const hash = encodeURIComponent(photo.image_hash);
  if (photo.type === "video") return `/media/thumbnails_big/${hash}.webp`;
  const pixels = height * (globalThis.devicePixelRatio || 1);
  const kind = pixels <= 280 ? "square_thumbnails_small" : pixels <= 560 ? "square_thumbnails" : "thumbnails_big";
  return `/media/${kind}/${hash}.webp`;
}

export function bigSource(photo: Photo): string {
  return `/media/thumbnails_big/${encodeURIComponent(photo.image_hash)}.webp`;
}

/** The silent few seconds of a video that play on hover. */
export function clipSource(photo: Photo): string {
  return `/media/square_thumbnails/${encodeURIComponent(photo.image_hash)}.mp4`;
}

export function originalSource(photo: Photo): string {
  return `/media/photos/${encodeURIComponent(photo.image_hash)}`;
}

/** The moment that a live or motion photo holds. */
export function motionSource(photo: Photo): string {
  return `/media/embedded_media/${encodeURIComponent(photo.image_hash)}`;
}

export function videoSource(photo: Photo): string {
  return `/media/video/${encodeURIComponent(photo.image_hash)}`;
}

export function labelOf(photo: Photo): string {
  const words = strings.t.timeline;
  const kind = photo.type === "video" ? words.video : photo.type === "motion_photo" ? words.motion : words.photo;
  return words.label(kind, photo.birthTime ? formatCaptureTime(photo.birthTime) : words.undated, photo.location);
}
