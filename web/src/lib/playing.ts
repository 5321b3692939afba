// Plays a video as it lies on the disk where the browser can, and converted by the server where it cannot.

import { call, isThere, type Schemas } from "./api";
import { strings } from "./i18n.svelte";
import { videoSource } from "./pictures";
import type { Photo } from "./timeline.svelte";

/** What a browser says of a type: an empty text is a no, everything else deserves a try. */
export function isPlayable(type: string | null, canPlay: (type: string) => string): boolean {
  return !type || canPlay(type) !== "";
}

/** Load a video; `onProblem` hears the sentence when neither form of it plays. */
export async function playVideo(
  video: HTMLVideoElement,
  photo: Photo,
  onProblem: (sentence: string) => void,
): Promise<void> {
  const plain = videoSource(photo);
  let isConverted = false;

  function convert(): void {
    if (isConverted) {
      void isThere(plain).then(
        (found) => onProblem(found ? strings.t.errors.unplayable : strings.t.errors.missingPicture),
        (error: unknown) => onProblem(error instanceof Error ? error.message : String(error)),
      );
      return;
    }
    isConverted = true;
    const position = video.currentTime;
    video.src = `${plain}?transcode=1`;
    if (position > 0) video.currentTime = position;
  }

  video.addEventListener("error", () => {
    const code = video.error?.code ?? 0;
    if (code === MediaError.MEDIA_ERR_DECODE || code === MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED) convert();
  });
  video.addEventListener("loadedmetadata", () => {
    // Sound without a picture: the browser knows the container, not what is in it.
    if (video.videoWidth === 0 && !isConverted) convert();
  });
  if (isPlayable(await playbackType(photo), (type) => video.canPlayType(type))) video.src = plain;
  else convert();
}

async function playbackType(photo: Photo): Promise<string | null> {
  try {
    const path = `/api/photos/${encodeURIComponent(photo.id)}/`;
    return (await call<Schemas["PhotoDetail"]>(path)).video_playback_type;
  } catch {
    return null; // the video's own error says more
  }
}
