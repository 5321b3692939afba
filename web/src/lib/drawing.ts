// Pictures of a grid, on canvases: what left the page takes no memory.
//
// A browser keeps the pixels of pictures it has shown for a while: of a library that is leafed through, hundreds of
// megabytes. The pixels of a canvas are the page's own, and are given back at once.

/** Pictures much larger than they are shown are kept in the size they are shown in. */
const MUCH = 2;

/** Draw the picture at `source` when it has come, and tell whether it came. Returns how to let go of it. */
export function drawPicture(
  canvas: HTMLCanvasElement,
  source: string,
  height: number,
  onEnd: (isThere: boolean) => void,
): () => void {
  const given = new AbortController();
  // Made when there is something to show: most of what flies past leaves before.
  let context: ImageBitmapRenderingContext | null = null;
  void load(source, height, given.signal).then(
    (bitmap) => {
      if (given.signal.aborted) {
        bitmap.close();
        return;
      }
      canvas.width = bitmap.width;
      canvas.height = bitmap.height;
      context = canvas.getContext("bitmaprenderer");
      context?.transferFromImageBitmap(bitmap);
      onEnd(true);
    },
    () => {
      if (!given.signal.aborted) onEnd(false);
    },
  );
  return () => {
    given.abort();
    context?.transferFromImageBitmap(null);
  };
}

async function load(source: string, height: number, signal: AbortSignal): Promise<ImageBitmap> {
  const answer = await fetch(source, { credentials: "same-origin", signal });
  if (!answer.ok) throw new Error(String(answer.status));
  const bitmap = await createImageBitmap(await answer.blob());
  const wanted = Math.ceil(height * (globalThis.devicePixelRatio || 1));
  if (bitmap.height < wanted * MUCH) return bitmap;
  const smaller = await createImageBitmap(bitmap, { resizeHeight: wanted, resizeQuality: "medium" });
  bitmap.close();
  return smaller;
}
