import { expect, test } from "vitest";

import { decodeThumbHash } from "./thumbhash";

// Of a picture that goes from blue-green on the left to red on the right, and loses its blue downwards.
const GRADIENT = "5e180a4c968087878d88788888888380078888";

function pixel(hex: string, across: number, down: number): number[] {
  const { width, height, data } = decodeThumbHash(hex)!;
  const at = (Math.floor(down * (height - 1)) * width + Math.floor(across * (width - 1))) * 4;
  return [...data.slice(at, at + 4)];
}

test("a hash that the server made becomes its picture again", () => {
  expect(decodeThumbHash(GRADIENT)).toMatchObject({ width: 32, height: 18 });
  const [left, right] = [pixel(GRADIENT, 0.05, 0.5), pixel(GRADIENT, 0.95, 0.5)];
  expect(right[0]! - left[0]!).toBeGreaterThan(120);
  const [top, bottom] = [pixel(GRADIENT, 0.5, 0.05), pixel(GRADIENT, 0.5, 0.95)];
  expect(top[2]! - bottom[2]!).toBeGreaterThan(80);
  expect(left[3]).toBe(255);
});

test("what is no hash gives no picture", () => {
  for (const text of ["", "zz", "5e180a4c96808", "5e18"]) expect(decodeThumbHash(text)).toBeUndefined();
});
