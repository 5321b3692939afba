// Originals to take away: one as it is, many in an archive that the server packs.

import { ApiFailure, call, isThere } from "./api";
import { strings } from "./i18n.svelte";
import { originalSource } from "./pictures";
import type { Photo } from "./timeline.svelte";
import { toasts } from "./toasts.svelte";

const LOOK_MS = 1000;

export async function download(photos: readonly Photo[]): Promise<void> {
  const [first] = photos;
  if (!first) return;
  if (photos.length === 1) {
    await downloadOriginal(first);
    return;
  }
  const words = strings.t.actions;
  const note = toasts.hold(words.packing(photos.length));
  try {
    const body = { image_hashes: photos.map((photo) => photo.id) };
    const started = await call<{ job_id: string; url: string }>("/api/photos/download", { method: "POST", body });
    await packed(started.job_id);
    fetchFile(`/media/zip/${encodeURIComponent(started.url)}`);
    toasts.say(words.packed);
  } finally {
    note.close();
  }
}

/** Save an original; where its drive is away, say so instead of leaving a page with an error. */
export async function downloadOriginal(photo: Photo): Promise<void> {
  const path = originalSource(photo);
  if (!(await isThere(path))) throw new Error(strings.t.errors.missingPicture);
  fetchFile(path);
}

async function packed(jobId: string): Promise<void> {
  for (;;) {
    try {
      const path = `/api/photos/download?job_id=${encodeURIComponent(jobId)}`;
      const answer = await call<{ status: string }>(path);
      if (answer.status === "SUCCESS") return;
    } catch (error) {
      const isFailure = error instanceof ApiFailure && (error.content as { status?: string })?.status === "FAILURE";
      throw isFailure ? new Error(strings.t.actions.notPacked) : error;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** Let the browser save a file; the cookie of the pictures goes along. */
function fetchFile(path: string): void {
  const link = document.createElement("a");
  link.href = path;
  link.download = "";
  link.dataset["external"] = "";
  document.body.append(link);
  link.click();
  link.remove();
}
