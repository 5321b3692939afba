// Where every photo of a timeline stands, computed at once: days of justified rows, in typed arrays.
//
// A hundred thousand photos take some milliseconds and a few megabytes, and the height of the page is exact before
// any photo was asked for.

export interface LayoutDay {
  /** Width through height of each photo of the day, in order, in hundredths. */
  ratios: readonly number[];
}

export interface LayoutOptions {
  /** The width of the page's content. All lengths are in CSS pixels. */
  width: number;
  rowHeight: number;
  gap: number;
  headerHeight: number;
  /** Days of few photos stand side by side, each at least so wide that its date can be read; 0: each on its own. */
  dayWidth?: number;
}

export interface Box {
  index: number;
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Very wide panoramas get a row of their own rather than a strip of pixels. */
const WIDEST = 4;
const NARROWEST = 0.4;
/** Between days that stand side by side, in gaps. */
const DAY_GAPS = 4;
/** A last row that is not full keeps the usual height. */
const STRETCH = 1.35;

export class Layout {
  readonly count: number;
  readonly height: number;
  readonly dayTops: Float64Array;
  readonly dayLefts: Float32Array;
  /** How much room a day has beside others; the whole width when it stands alone. */
  readonly dayWidths: Float32Array;
  readonly dayFirst: Uint32Array;
  readonly rowTops: Float64Array;
  readonly rowHeights: Float32Array;
  readonly rowFirst: Uint32Array;
  private readonly rowLefts: Float32Array;
  private readonly ratios: Float32Array;
  private readonly gap: number;
  /** What was given last: most steps of scrolling ask for the same rows again. */
  private given: Box[] = [];
  private givenRows = new Map<number, Box[]>();
  private givenDays: [number, number] = [0, 0];

  constructor(days: readonly LayoutDay[], options: LayoutOptions) {
    const { width, rowHeight, gap, headerHeight, dayWidth = 0 } = options;
    this.gap = gap;
    this.count = days.reduce((sum, day) => sum + day.ratios.length, 0);
    this.ratios = new Float32Array(this.count);
    this.dayTops = new Float64Array(days.length + 1);
    this.dayFirst = new Uint32Array(days.length + 1);
    this.dayLefts = new Float32Array(days.length);
    this.dayWidths = new Float32Array(days.length).fill(width);
    const tops: number[] = [];
    const lefts: number[] = [];
    const heights: number[] = [];
    const firsts: number[] = [];
    let index = 0;
    let top = 0;
    // Where the line of small days stands, and how far it is taken.
    const dayGap = gap * DAY_GAPS;
    let lineTop = 0;
    let taken = 0;
    days.forEach((day, number) => {
      const small = dayWidth ? this.smallWidth(day.ratios, options) : 0;
      const isBeside = small > 0 && taken > 0 && taken + dayGap + small <= width;
      if (isBeside) top = lineTop;
      else lineTop = top;
      const left = isBeside ? taken + dayGap : 0;
      taken = small ? left + small : 0;
      this.dayLefts[number] = left;
      if (small) this.dayWidths[number] = small;
      this.dayTops[number] = top;
      this.dayFirst[number] = index;
      top += headerHeight;
      let first = index;
      let sum = 0;
      for (const hundredths of day.ratios) {
        const ratio = clamp(hundredths);
        this.ratios[index] = ratio;
        index += 1;
        sum += ratio;
        const height = (width - gap * (index - first - 1)) / sum;
        if (height <= rowHeight) {
          tops.push(top);
          lefts.push(left);
          heights.push(height);
          firsts.push(first);
          top += height + gap;
          first = index;
          sum = 0;
        }
      }
      if (first < index) {
        const full = (width - gap * (index - first - 1)) / sum;
        const height = full <= rowHeight * STRETCH && !small ? full : rowHeight;
        tops.push(top);
        lefts.push(left);
        heights.push(height);
        firsts.push(first);
        top += height + gap;
      }
    });
    this.dayTops[days.length] = top;
    this.dayFirst[days.length] = index;
    this.rowTops = Float64Array.from(tops);
    this.rowLefts = Float32Array.from(lefts);
    this.rowHeights = Float32Array.from(heights);
    this.rowFirst = Uint32Array.from([...firsts, index]);
    this.height = top;
  }

  get rowCount(): number {
    return this.rowTops.length;
  }

  /** The boxes of all photos in rows that touch the band from `from` to `to`; the same objects as long as they are in it. */
  boxesBetween(from: number, to: number): readonly Box[] {
    const rows = new Map<number, Box[]>();
    let isNew = false;
    for (let row = firstAlike(this.rowTops, lastAtOrBefore(this.rowTops, from)); row < this.rowCount; row += 1) {
      const top = this.rowTops[row] ?? 0;
      if (top > to) break;
      let boxes = this.givenRows.get(row);
      if (!boxes) {
        boxes = [];
        this.pushRow(row, top, boxes);
        isNew = true;
      }
      rows.set(row, boxes);
    }
    if (isNew || rows.size !== this.givenRows.size) {
      this.givenRows = rows;
      this.given = [...rows.values()].flat();
    }
    return this.given;
  }

  /** The days whose band touches `from` to `to`: the first, and the one after the last; one object as long as they are. */
  daysBetween(from: number, to: number): readonly [number, number] {
    const last = this.dayTops.length - 1;
    const found = Math.min(Math.max(0, lastAtOrBefore(this.dayTops, from)), Math.max(0, last - 1));
    const first = firstAlike(this.dayTops, found);
    let end = first;
    while (end < last && (this.dayTops[end] ?? 0) <= to) end += 1;
    if (this.givenDays[0] !== first || this.givenDays[1] !== end) this.givenDays = [first, end];
    return this.givenDays;
  }

  dayOf(index: number): number {
    return Math.max(0, lastAtOrBefore(this.dayFirst, index, this.dayFirst.length - 1));
  }

  boxOf(index: number): Box | undefined {
    const row = lastAtOrBefore(this.rowFirst, index, this.rowCount);
    const boxes: Box[] = [];
    if (row >= 0) this.pushRow(row, this.rowTops[row] ?? 0, boxes);
    return boxes.find((box) => box.index === index);
  }

  /** The photo nearest below or above another one, for the arrow keys. */
  neighbour(index: number, rows: 1 | -1): number {
    const here = this.boxOf(index);
    if (!here) return index;
    let row = lastAtOrBefore(this.rowFirst, index, this.rowCount);
    while (this.rowTops[row] === here.top) row += rows;
    const target = this.rowTops[row];
    if (target === undefined) return index;
    const boxes: Box[] = [];
    for (; this.rowTops[row] === target; row += rows) this.pushRow(row, target, boxes);
    const centre = here.left + here.width / 2;
    const distance = (box: Box) => Math.abs(box.left + box.width / 2 - centre);
    return boxes.reduce((best, box) => (distance(box) < distance(best) ? box : best)).index;
  }

  /** The width of a day that takes less than a row, 0 for all others. */
  private smallWidth(ratios: readonly number[], { width, rowHeight, gap, dayWidth = 0 }: LayoutOptions): number {
    // Nobody needs to add up a thousand photos to see that they take more than a row.
    if (ratios.length > width / (rowHeight * NARROWEST)) return 0;
    const sum = ratios.reduce((total, ratio) => total + clamp(ratio), 0);
    const taken = sum * rowHeight + gap * (ratios.length - 1);
    // Almost a row becomes one.
    return taken * STRETCH < width ? Math.max(dayWidth, taken) : 0;
  }

  private pushRow(row: number, top: number, boxes: Box[]): void {
    const height = this.rowHeights[row] ?? 0;
    let left = this.rowLefts[row] ?? 0;
    for (let index = this.rowFirst[row] ?? 0; index < (this.rowFirst[row + 1] ?? 0); index += 1) {
      const width = (this.ratios[index] ?? 1) * height;
      boxes.push({ index, left, top, width, height });
      left += width + this.gap;
    }
  }
}

function clamp(hundredths: number): number {
  return Math.min(WIDEST, Math.max(NARROWEST, hundredths / 100 || 1));
}

/** The first of the values that are like the one at a position. */
function firstAlike(values: ArrayLike<number>, position: number): number {
  let first = Math.max(0, position);
  while (first > 0 && values[first - 1] === values[first]) first -= 1;
  return first;
}

/** The position of the last value that is not above `wanted`, -1 when all are. */
function lastAtOrBefore(values: ArrayLike<number>, wanted: number, length = values.length): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((values[middle] ?? Infinity) <= wanted) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
