// The queue of uploads against a server of words: what is sent, in which pieces, and what becomes of failures.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { strings } from "./i18n.svelte";
import { Uploads, wordsOf } from "./uploads.svelte";

const MEGA = 1024 * 1024;
const USER = 7;
const hello = new File(["hello"], "hello.jpg", { lastModified: 1_600_000_000_000 });
const HELLO_MD5 = "5d41402abc4b2a76b9719d911017c592";

type Answer = (form: FormData, range: string) => Response;

interface Sent {
  ranges: string[];
  completed: FormData[];
  atOnce: number;
}

/** Answer as the server does, unless a test has its own way; tell what was sent. */
function serve({ isKnown = false, chunk }: { isKnown?: boolean; chunk?: Answer } = {}): Sent {
  const sent: Sent = { ranges: [], completed: [], atOnce: 0 };
  let running = 0;
  vi.stubGlobal("fetch", async (path: string, options: RequestInit) => {
    if (path.startsWith("/api/exists/")) return Response.json({ exists: isKnown });
    const form = options.body as FormData;
    if (path === "/api/upload/complete/") {
      sent.completed.push(form);
      return Response.json({}, { status: 201 });
    }
    running += 1;
    sent.atOnce = Math.max(sent.atOnce, running);
    await Promise.resolve();
    running -= 1;
    const range = (options.headers as Record<string, string>)["Content-Range"] ?? "";
    sent.ranges.push(range);
    return chunk?.(form, range) ?? received(range);
  });
  return sent;
}

function received(range: string): Response {
  const end = Number(/-(\d+)\//.exec(range)?.[1]);
  return Response.json({ upload_id: "u1", offset: end + 1 });
}

/** Wait for the queue, whose pauses take no time here; files are read in real time all the same. */
async function ended(queue: Uploads): Promise<void> {
  while (queue.isBusy) {
    await vi.advanceTimersByTimeAsync(1000);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  vi.stubGlobal("window", { addEventListener: () => undefined });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the queue of uploads", () => {
  test("sends a file with its hash, its name and its time", async () => {
    const sent = serve();
    const queue = new Uploads();
    queue.add([hello], USER);
    await ended(queue);
    expect(sent.ranges).toEqual(["bytes 0-4/5"]);
    expect(Object.fromEntries(sent.completed[0] ?? [])).toEqual({
      upload_id: "u1",
      md5: HELLO_MD5,
      filename: "hello.jpg",
      device_modified_at: "1600000000000",
    });
    expect(queue.list.map((one) => one.state)).toEqual(["done"]);
  });

  test("does not send what the library has, nor hidden files", async () => {
    const sent = serve({ isKnown: true });
    const queue = new Uploads();
    queue.add([hello, new File(["x"], ".DS_Store")], USER);
    await ended(queue);
    expect([queue.count("known"), queue.list.length, sent.ranges.length, sent.completed.length]).toEqual([1, 1, 0, 0]);
  });

  test("sends a large file in pieces, and goes on where the server stopped receiving", async () => {
    let isLost = false;
    const sent = serve({
      chunk: (form, range) => {
        if (range.startsWith("bytes 0-")) expect(form.has("upload_id")).toBe(false);
        else expect(form.get("upload_id")).toBe("u1");
        if (!range.startsWith(`bytes ${4 * MEGA}-`) || isLost) return received(range);
        isLost = true;
        return Response.json({ detail: "Offsets do not match", offset: 2 * MEGA }, { status: 400 });
      },
    });
    const queue = new Uploads();
    queue.add([new File([new Uint8Array(9 * MEGA)], "film.mp4")], USER);
    await ended(queue);
    const total = 9 * MEGA;
    expect(sent.ranges).toEqual([
      `bytes 0-${4 * MEGA - 1}/${total}`,
      `bytes ${4 * MEGA}-${8 * MEGA - 1}/${total}`,
      `bytes ${2 * MEGA}-${6 * MEGA - 1}/${total}`,
      `bytes ${6 * MEGA}-${total - 1}/${total}`,
    ]);
    expect([queue.count("done"), queue.list[0]?.share]).toEqual([1, 1]);
  });

  test("waits for a server that is away, gives up at last, and tries again when told to", async () => {
    let isAway = true;
    const sent = serve({
      chunk: (_, range) => {
        if (isAway) throw new TypeError("Failed to fetch");
        return received(range);
      },
    });
    const queue = new Uploads();
    queue.add([hello], USER);
    await ended(queue);
    expect(sent.ranges).toHaveLength(5);
    expect(queue.list.map(wordsOf)).toEqual([strings.t.errors.unreachable]);
    isAway = false;
    queue.retry(USER);
    await ended(queue);
    expect(queue.list.map((one) => one.state)).toEqual(["done"]);
  });

  test("says at once that the disk is full or the file is refused, and goes on with the next one", async () => {
    const refusals = [
      Response.json({ detail: "No space left" }, { status: 507 }),
      Response.json({ errors: [{ field: "file", message: "File type not allowed" }] }, { status: 400 }),
    ];
    const sent = serve({ chunk: (_, range) => refusals.shift() ?? received(range) });
    const queue = new Uploads();
    queue.add([hello, new File(["b"], "b.txt"), new File(["c"], "c.jpg")], USER);
    await ended(queue);
    expect(sent.ranges).toHaveLength(3);
    expect(queue.list.map(wordsOf).sort()).toEqual(
      [strings.t.errors.diskFull, "File type not allowed", strings.t.uploads.state.done].sort(),
    );
  });

  test("sends two files at once, and forgets what is over when the list is cleared", async () => {
    const sent = serve();
    const queue = new Uploads();
    queue.add(
      Array.from({ length: 6 }, (_, number) => new File([String(number)], `${number}.jpg`)),
      USER,
    );
    expect([queue.count("hashing"), queue.count("waiting")]).toEqual([2, 4]);
    queue.clear();
    expect(queue.list).toHaveLength(6);
    await ended(queue);
    expect([sent.completed.length, sent.atOnce <= 2]).toEqual([6, true]);
    queue.clear();
    expect(queue.list).toEqual([]);
  });
});
