// Sends files in chunks: hashed first, so that what is in the library already is not sent, and resumed where the
// server stopped receiving.

import { md5 } from "@noble/hashes/legacy.js";
import { bytesToHex } from "@noble/hashes/utils.js";

import { ApiFailure, call } from "./api";
import { strings } from "./i18n.svelte";

const CHUNK_BYTES = 4 * 1024 * 1024;
const AT_ONCE = 2;
const TRIES = 5;
const PAUSE_MS = 2000;

export type UploadState = "waiting" | "hashing" | "sending" | "done" | "known" | "failed";

export interface Upload {
  id: number;
  file: File;
  state: UploadState;
  /** From 0 to 1, of what is being done. */
  share: number;
  problem: string;
}

export class Uploads {
  list = $state<Upload[]>([]);
  private last = 0;
  private running = 0;
  private isWatched = false;

  get isBusy(): boolean {
    return this.list.some((one) => !isOver(one.state));
  }

  count(...states: UploadState[]): number {
    return this.list.filter((one) => states.includes(one.state)).length;
  }

  add(files: Iterable<File>, userId: number): void {
    for (const file of files) {
      if (file.name.startsWith(".")) continue;
      this.last += 1;
      this.list.push({ id: this.last, file, state: "waiting", share: 0, problem: "" });
    }
    this.warnBeforeLeaving();
    this.pump(userId);
  }

  retry(userId: number): void {
    for (const one of this.list) if (one.state === "failed") one.state = "waiting";
    this.pump(userId);
  }

  clear(): void {
    this.list = this.list.filter((one) => !isOver(one.state));
  }

  private pump(userId: number): void {
    while (this.running < AT_ONCE) {
      const next = this.list.find((one) => one.state === "waiting");
      if (!next) return;
      this.running += 1;
      next.state = "hashing";
      void this.send(next, userId).finally(() => {
        this.running -= 1;
        this.pump(userId);
      });
    }
  }

  private async send(upload: Upload, userId: number): Promise<void> {
    try {
      const digest = await hashOf(upload);
      const known = await call<{ exists: boolean }>(`/api/exists/${digest}${userId}/`);
      if (known.exists) {
        upload.state = "known";
        return;
      }
      upload.state = "sending";
      upload.share = 0;
      const uploadId = await sendChunks(upload);
      const form = new FormData();
      form.set("upload_id", uploadId);
      form.set("md5", digest);
      form.set("filename", upload.file.name);
      form.set("device_modified_at", String(upload.file.lastModified));
      await call("/api/upload/complete/", { method: "POST", form });
      upload.state = "done";
    } catch (error) {
      upload.state = "failed";
      upload.problem = error instanceof Error ? error.message : String(error);
    }
  }

  private warnBeforeLeaving(): void {
    if (this.isWatched) return;
    this.isWatched = true;
    window.addEventListener("beforeunload", (event) => {
      if (this.isBusy) event.preventDefault();
    });
  }
}

function isOver(state: UploadState): boolean {
  return state === "done" || state === "known" || state === "failed";
}

/** The MD5 of a file in hex, read piece by piece: a film of some gigabytes does not fit into memory. */
async function hashOf(upload: Upload): Promise<string> {
  const digest = md5.create();
  for (let start = 0; start < upload.file.size; start += CHUNK_BYTES) {
    const piece = await upload.file.slice(start, start + CHUNK_BYTES).arrayBuffer();
    digest.update(new Uint8Array(piece));
    upload.share = Math.min(1, (start + CHUNK_BYTES) / upload.file.size);
  }
  return bytesToHex(digest.digest());
}

async function sendChunks(upload: Upload): Promise<string> {
  let uploadId = "";
  let offset = 0;
  let tries = 0;
  do {
    const piece = upload.file.slice(offset, offset + CHUNK_BYTES);
    const form = new FormData();
    form.set("file", piece, upload.file.name);
    if (uploadId) form.set("upload_id", uploadId);
    const range = `bytes ${offset}-${offset + piece.size - 1}/${upload.file.size}`;
    try {
      const answer = await call<{ upload_id: string; offset: number }>("/api/upload/", {
        method: "POST",
        form,
        headers: { "Content-Range": range },
      });
      uploadId = answer.upload_id;
      offset = answer.offset;
      tries = 0;
    } catch (error) {
      tries += 1;
      const expected = expectedOffset(error);
      if (expected !== undefined) offset = expected;
      else if (!isPassing(error) || tries >= TRIES) throw error;
      else await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * tries));
    }
    upload.share = upload.file.size ? offset / upload.file.size : 1;
  } while (offset < upload.file.size);
  return uploadId;
}

/** Where the server stopped receiving, when it says so. */
function expectedOffset(error: unknown): number | undefined {
  const content = error instanceof ApiFailure ? (error.content as { offset?: unknown } | undefined) : undefined;
  return typeof content?.offset === "number" ? content.offset : undefined;
}

function isPassing(error: unknown): boolean {
  // A full disk does not pass by waiting.
  return error instanceof ApiFailure && (error.isUnreachable || error.status === 429 || [502, 503, 504].includes(error.status));
}

export const uploads = new Uploads();

/** What an upload's state means in words. */
export function wordsOf(upload: Upload): string {
  const words = strings.t.uploads;
  return upload.state === "failed" ? upload.problem : words.state[upload.state];
}
