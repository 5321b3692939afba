import { describe, expect, test } from "vitest";

import { Layout } from "./layout";

const OPTIONS = { width: 1000, rowHeight: 200, gap: 4, headerHeight: 50 };

function days(...counts: number[]): { ratios: number[] }[] {
  return counts.map((count, day) => ({
    ratios: Array.from({ length: count }, (_, index) => [150, 75, 133, 178][(day + index) % 4] ?? 100),
  }));
}

describe("layout", () => {
  test("full rows end at the right edge and are never higher than asked", () => {
    const layout = new Layout(days(40), OPTIONS);
    const boxes = layout.boxesBetween(0, layout.height);
    expect(boxes).toHaveLength(40);
    for (let row = 0; row < layout.rowCount - 1; row += 1) {
      const last = boxes.findLast((box) => box.top === layout.rowTops[row]);
      expect(last && last.left + last.width).toBeCloseTo(1000, 1);
      expect(layout.rowHeights[row]).toBeLessThanOrEqual(200);
    }
  });

  test("rows follow each other without overlap and end at the height of the page", () => {
    const layout = new Layout(days(7, 1, 33), OPTIONS);
    for (let row = 1; row < layout.rowCount; row += 1) {
      const before = (layout.rowTops[row - 1] ?? 0) + (layout.rowHeights[row - 1] ?? 0);
      expect(layout.rowTops[row]).toBeGreaterThanOrEqual(before);
    }
    const last = layout.rowCount - 1;
    expect((layout.rowTops[last] ?? 0) + (layout.rowHeights[last] ?? 0)).toBeLessThanOrEqual(layout.height);
  });

  test("a lone photo keeps the usual height", () => {
    const layout = new Layout([{ ratios: [75] }], OPTIONS);
    expect(layout.boxOf(0)).toMatchObject({ left: 0, top: 50, width: 150, height: 200 });
  });

  test("a band gives only the rows that touch it", () => {
    const layout = new Layout(days(5000), OPTIONS);
    const middle = layout.height / 2;
    const boxes = layout.boxesBetween(middle, middle + 600);
    expect(boxes.length).toBeLessThan(60);
    expect(Math.min(...boxes.map((box) => box.top))).toBeLessThanOrEqual(middle);
    expect(Math.max(...boxes.map((box) => box.top + box.height))).toBeGreaterThanOrEqual(middle + 600 - 4);
  });

  test("what stays in the band are the same boxes, in the same list as long as no row comes or goes", () => {
    const layout = new Layout(days(7, 1, 33, 5000), OPTIONS);
    const before = layout.boxesBetween(300, 900);
    expect(layout.boxesBetween(300, 901)).toBe(before);
    const after = layout.boxesBetween(700, 1500);
    expect(after).toEqual(new Layout(days(7, 1, 33, 5000), OPTIONS).boxesBetween(700, 1500));
    const kept = after.filter((box) => before.some((one) => one.index === box.index));
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.every((box) => before.includes(box))).toBe(true);
    // Fewer rows, none of them new.
    expect(layout.boxesBetween(900, 1200)).toEqual(new Layout(days(7, 1, 33, 5000), OPTIONS).boxesBetween(900, 1200));
    expect(layout.daysBetween(300, 900)).toBe(layout.daysBetween(300, 901));
  });

  test("small days stand side by side as long as there is room, and everything in them is found", () => {
    const small = { ...OPTIONS, dayWidth: 240 };
    // 150, 266, 300 and 356 wide: three on the first line, the fourth below, then one that needs rows of its own.
    const layout = new Layout([{ ratios: [75] }, { ratios: [133] }, { ratios: [150] }, { ratios: [178] }, ...days(30)], small);
    expect([...layout.dayTops.slice(0, 4)]).toEqual([0, 0, 0, 254]);
    expect([...layout.dayLefts.slice(0, 4)]).toEqual([0, 256, 538, 0]);
    expect([...layout.dayWidths]).toEqual([240, 266, 300, 356, 1000]);
    expect(layout.boxesBetween(100, 120).map((box) => box.index)).toEqual([0, 1, 2]);
    expect(layout.daysBetween(100, 120)).toEqual([0, 3]);
    expect(layout.boxOf(2)).toMatchObject({ left: 538, top: 50, width: 300, height: 200 });
    expect([layout.neighbour(0, 1), layout.neighbour(2, 1), layout.neighbour(3, -1)]).toEqual([3, 3, 0]);
    expect(layout.neighbour(3, 1)).toBeGreaterThan(3);
    const alone = new Layout([{ ratios: [75] }, { ratios: [133] }], OPTIONS);
    expect([...alone.dayTops]).toEqual([0, 254, 508]);
  });

  test("every photo knows its day, empty timelines have none", () => {
    const layout = new Layout(days(3, 2, 4), OPTIONS);
    expect([0, 2, 3, 4, 5, 8].map((index) => layout.dayOf(index))).toEqual([0, 0, 1, 1, 2, 2]);
    expect(layout.daysBetween(0, layout.height)).toEqual([0, 3]);
    const empty = new Layout([], OPTIONS);
    expect([empty.height, empty.boxesBetween(0, 100), empty.daysBetween(0, 100)]).toEqual([0, [], [0, 0]]);
  });

  test("down and up find the photo nearest in the next row and stay at the edges", () => {
    const layout = new Layout(days(40), OPTIONS);
    const below = layout.neighbour(0, 1);
    expect(layout.boxOf(below)?.left).toBe(0);
    expect(layout.neighbour(below, -1)).toBe(0);
    expect(layout.neighbour(0, -1)).toBe(0);
    expect(layout.neighbour(39, 1)).toBe(39);
  });

  test("nonsense ratios become something that can be shown", () => {
    const layout = new Layout([{ ratios: [0, 100000, 1] }], OPTIONS);
    for (const box of layout.boxesBetween(0, layout.height)) {
      expect(box.width).toBeGreaterThan(10);
      expect(box.width).toBeLessThanOrEqual(1000);
    }
  });
});
