// What the server says, in German: every gap is kept, pieces are put together, and what is unknown stays English.
import { afterEach, describe, expect, test, vi } from "vitest";

import { Translator } from "./said.svelte";
import { de } from "./strings/sentences.de";

const gaps = (text: string): string[] => [...text.matchAll(/\{\d\}/g)].map(([gap]) => gap).sort();
const german = new Translator(de);

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

test("a sentence has the same gaps in every language, and none is empty", () => {
  // Which of several words it is, the German sentences leave out.
  const leavesOut = new Set(["No {1} matches the given query.", '"{1}" is no {2}. Known are {3}.']);
  for (const [said, wanted] of Object.entries(de)) {
    expect(wanted.trim(), said).not.toBe("");
    if (!leavesOut.has(said)) expect(gaps(wanted), said).toEqual(gaps(said));
  }
});

describe("is said in German", () => {
  test.each([
    ["This password is too common.", "Dieses Passwort ist zu verbreitet."],
    [
      "This password is too short. It must contain at least 8 characters. The password is too similar to the username.",
      "Dieses Passwort ist zu kurz. Es braucht mindestens 8 Zeichen. Das Passwort ist dem Benutzernamen zu ähnlich.",
    ],
    ["Ensure this field has no more than 512 characters.", "Höchstens 512 Zeichen sind möglich."],
    [
      'At character 12: "9" is no rating from 0 to 5, such as 4, >3, <=2 or 2..4.',
      "Bei Zeichen 12: „9“ ist keine Bewertung von 0 bis 5, wie 4, >3, <=2 oder 2..4.",
    ],
    ['At character 1: "x. y" is no type. Known are photo, video.', "Bei Zeichen 1: „x. y“ ist hier unbekannt. Möglich sind photo, video."],
    ["/photos/a: b.jpg: The file is empty.", "/photos/a: b.jpg: Die Datei ist leer."],
    ["The file cannot be read: permission denied.", "Die Datei ist nicht zu lesen: keine Berechtigung."],
    ["The file cannot be read: something new.", "Die Datei ist nicht zu lesen: something new."],
    [
      "The scan directory is on another file system than before, and missing 30 of 40 known files; nothing was marked as missing.",
      "Im Fotoordner (jetzt auf einem anderen Dateisystem) fehlen 30 von 40 bekannten Dateien; keine wurde als fehlend vermerkt.",
    ],
    [
      "The scan directory is missing all 40 known files; nothing was marked as missing.",
      "Im Fotoordner fehlen alle 40 bekannten Dateien; keine wurde als fehlend vermerkt.",
    ],
    ["Upload failed: '/a/b.' cannot be written to (Read-only file system). Please contact your administrator.",
      "In „/a/b.“ lässt sich nicht schreiben (das Dateisystem ist nur zu lesen). Wende dich an die Person, die diesen Server betreibt."],
    ["Reading files", "Dateien werden gelesen"],
    [
      "Reading files: 12 a second, 1 h 5 min left, 3 skipped, 1 failed",
      "Dateien werden gelesen: 12 pro Sekunde, noch 1 h 5 min, 3 ausgelassen, 1 misslungen",
    ],
    ["Quiet hours: waits until 06:30", "Ruhezeit: wartet bis 06:30"],
  ])("%s", (said, wanted) => expect(german.translate(said)).toBe(wanted));

  test("but not what nobody has words for", () => {
    expect(german.translate("This file is too green.")).toBeUndefined();
    expect(german.translate("Nobody left")).toBeUndefined();
    expect(german.translate("This password is too common. And too green.")).toBeUndefined();
  });
});

test("what stays English on a German page is marked as English", async () => {
  vi.stubGlobal("navigator", { languages: ["de-AT"] });
  vi.resetModules();
  const { languageOf, said, sentencesReady } = await import("./said.svelte");
  await sentencesReady;
  expect(said("The file is empty.")).toBe("Die Datei ist leer.");
  expect(languageOf("Die Datei ist leer.")).toBeUndefined();
  expect(said("This file is too green.")).toBe("This file is too green.");
  expect(languageOf("This file is too green.")).toBe("en");
});
