// What the page decides without a server: selection, toasts, times, formats, plural forms, languages, one refresh.
import { afterEach, describe, expect, test, vi } from "vitest";

import { leaves } from "./actions";
import { call, obtain, refresh } from "./api";
import { parts, timesFrom, timesOf } from "./edits";
import { formatBytes, formatLength, strings } from "./i18n.svelte";
import { isPlayable } from "./playing";
import { plural } from "./plural";
import { Selection } from "./selection.svelte";
import { de } from "./strings/de";
import { en } from "./strings/en";
import type { Photo } from "./timeline.svelte";
import { toasts } from "./toasts.svelte";
import { photoPath, viewOf, VIEWS } from "./views";

const photo = (id: string, birthTime = ""): Photo => ({ id, birthTime, rating: 0 }) as Photo;

afterEach(() => vi.unstubAllGlobals());

describe("selection", () => {
  test("toggles, adds and drops by id and knows where a range begins", () => {
    const selection = new Selection();
    selection.toggle(photo("a"), 7);
    selection.add([photo("a"), photo("b"), photo("c")]);
    expect([selection.count, selection.anchor, selection.has(photo("b"))]).toEqual([3, 7, true]);
    selection.toggle(photo("a"), 7);
    selection.drop([photo("b")]);
    expect([...selection.photos.keys()]).toEqual(["c"]);
    selection.clear();
    expect([selection.count, selection.anchor]).toEqual([0, -1]);
  });
});

describe("times of many photos", () => {
  const photos = [photo("a", "2023-07-01T10:00:00Z"), photo("b", "2023-07-01T09:30:00Z"), photo("c")];

  test("keep their distances from the earliest, and those without one get its time", () => {
    const moved = timesFrom(photos, "2020-01-01T00:00:00", true);
    expect(moved.map((one) => one.taken)).toEqual(["2020-01-01T00:30:00", "2020-01-01T00:00:00", "2020-01-01T00:00:00"]);
    expect(new Set(timesFrom(photos, "2020-01-01T00:00:00", false).map((one) => one.taken)).size).toBe(1);
  });

  test("are undone to what they were, unknown ones to what the file says", () => {
    expect(timesOf(photos).map((one) => one.taken)).toEqual(["2023-07-01T10:00:00", "2023-07-01T09:30:00", null]);
  });
});

test("a long list is sent in parts", () => {
  expect(parts([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
  expect(parts([], 2)).toEqual([]);
});

test("a failure is shown once, and work under way stays beside what passes", () => {
  const note = toasts.hold("packing");
  for (let count = 0; count < 5; count += 1) toasts.say(`said ${count}`);
  toasts.fail(new Error("gone"));
  toasts.fail(new Error("gone"));
  const texts = toasts.list.map((toast) => toast.text);
  expect(texts.filter((text) => text === "gone")).toHaveLength(1);
  expect(texts).toContain("packing");
  note.say("packed");
  expect(toasts.list.map((toast) => toast.text)).toContain("packed");
  note.close();
  expect(toasts.list.map((toast) => toast.text)).not.toContain("packed");
});

test("a browser is believed only when it says no", () => {
  expect(isPlayable("video/x; codecs=hvc1", () => "")).toBe(false);
  expect(isPlayable("video/mp4", () => "maybe")).toBe(true);
  expect(isPlayable(null, () => "")).toBe(true);
});

test("every view has an address that leads back to it, also with a photo open", () => {
  for (const view of VIEWS) {
    expect(viewOf(view.path)).toEqual({ view, photoId: "" });
    expect(viewOf(photoPath(view, "7f"))).toEqual({ view, photoId: "7f" });
  }
  expect(viewOf("/albums")).toBeUndefined();
  expect([leaves("photos", "hide"), leaves("photos", "favorite"), leaves("favorites", "unfavorite")]).toEqual([true, false, true]);
});

test("numbers, sizes and lengths are written as the language does", () => {
  strings.tag = "en";
  expect([formatBytes(999), formatBytes(1_530_000), formatLength(7), formatLength(3723)]).toEqual(["999 byte", "1.5 MB", "0:07", "1:02:03"]);
  strings.tag = "de";
  expect(formatBytes(1_530_000)).toBe("1,5 MB");
  strings.tag = "en";
  expect([plural("en", { one: "# photo", other: "# photos" })(1), plural("de", { one: "# Foto", other: "# Fotos" })(1200)]).toEqual(["1 photo", "1.200 Fotos"]);
});

/** The names of all texts, those in lists by their place. */
function names(value: unknown, path = ""): string[] {
  if (typeof value === "function") return [`${path}()`];
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([name, inner]) => names(inner, `${path}.${name}`));
}

function texts(value: unknown): string[] {
  if (typeof value === "function") return [String((value as (...values: unknown[]) => string)(2, 3))];
  if (typeof value !== "object" || value === null) return [String(value)];
  return Object.values(value).flatMap(texts);
}

test("every language says everything, and nothing with an empty text", () => {
  expect(names(de).sort()).toEqual(names(en).sort());
  for (const language of [en, de]) expect(texts(language).filter((text) => !text.trim())).toEqual([]);
});

test("calls whose token has expired ask for one new one together", async () => {
  let refreshes = 0;
  const bearer = new Set<string>();
  vi.stubGlobal("fetch", async (path: string, options: RequestInit) => {
    await Promise.resolve();
    if (path.includes("/token/obtain/")) return Response.json({ access: "old" });
    if (path.includes("/token/refresh/")) {
      refreshes += 1;
      return Response.json({ access: "new" });
    }
    const token = (options.headers as Record<string, string>)["Authorization"] ?? "";
    bearer.add(token);
    return token === "Bearer new" ? Response.json({ path }) : Response.json({}, { status: 401 });
  });
  await obtain("ann", "secret");
  const answers = await Promise.all(["/a", "/b", "/c"].map((path) => call<{ path: string }>(path)));
  expect(answers.map((answer) => answer.path)).toEqual(["/a", "/b", "/c"]);
  expect([refreshes, [...bearer]]).toEqual([1, ["Bearer old", "Bearer new"]]);
});

test("nobody is signed in where the browser keeps no cookie, and that is no failure", async () => {
  vi.stubGlobal("fetch", async () => Promise.resolve(new Response(null, { status: 204 })));
  expect(await refresh()).toBe(false);
});
