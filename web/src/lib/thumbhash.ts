// Pictures of about 25 bytes, shown until the real ones are there: ThumbHash, as published at
// https://evanw.github.io/thumbhash/. Opaque ones only; the server lays transparent pictures on their average.

/** Pixels in rows, four bytes each, as a canvas takes them. */
export interface Pixels {
  width: number;
  height: number;
  data: Uint8ClampedArray<ArrayBuffer>;
}

const EDGE_PX = 32;

interface Channel {
  mean: number;
  columns: number;
  rows: number;
  waves: number[];
}

/** Decode a hash in hex; undefined for a text that is none. */
export function decodeThumbHash(hex: string): Pixels | undefined {
  const bytes = Uint8Array.from(hex.match(/[0-9a-f]{2}/gi) ?? [], (pair) => parseInt(pair, 16));
  if (bytes.length < 6 || bytes.length * 2 !== hex.length) return undefined;
  const colours = (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8) | ((bytes[2] ?? 0) << 16);
  const shape = (bytes[3] ?? 0) | ((bytes[4] ?? 0) << 8);
  const hasAlpha = colours >>> 23 === 1;
  const isLandscape = shape >>> 15 === 1;
  const long = hasAlpha ? 5 : 7;
  const short = Math.max(3, shape & 7);
  const read = nibblesFrom(bytes, hasAlpha ? 6 : 5);
  const light = channel(
    (colours & 63) / 63,
    isLandscape ? long : short,
    isLandscape ? short : long,
    ((colours >>> 18) & 31) / 31,
    read,
  );
  const yellow = channel(((colours >>> 6) & 63) / 31.5 - 1, 3, 3, (((shape >>> 3) & 63) / 63) * 1.25, read);
  const red = channel(((colours >>> 12) & 63) / 31.5 - 1, 3, 3, (((shape >>> 9) & 63) / 63) * 1.25, read);
  const ratio = light.columns / light.rows;
  const width = Math.round(ratio > 1 ? EDGE_PX : EDGE_PX * ratio);
  const height = Math.round(ratio > 1 ? EDGE_PX / ratio : EDGE_PX);
  return paint(width, height, light, yellow, red);
}

function nibblesFrom(bytes: Uint8Array, start: number): () => number {
  let place = start * 2;
  return () => {
    const byte = bytes[place >>> 1] ?? 0;
    place += 1;
    return place % 2 ? byte & 15 : byte >>> 4;
  };
}

function channel(mean: number, columns: number, rows: number, scale: number, read: () => number): Channel {
  const waves: number[] = [];
  for (let row = 0; row < rows; row += 1) {
    for (let column = row ? 0 : 1; column * rows < columns * (rows - row); column += 1) {
      waves.push((read() / 7.5 - 1) * scale);
    }
  }
  return { mean, columns, rows, waves };
}

function paint(width: number, height: number, light: Channel, yellow: Channel, red: Channel): Pixels {
  const across = cosines(width, Math.max(light.columns, 3));
  const down = cosines(height, Math.max(light.rows, 3));
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0, at = 0; y < height; y += 1) {
    // What a row has in common is added up once.
    const lights = wavesOfRow(light, down[y] ?? []);
    const yellows = wavesOfRow(yellow, down[y] ?? []);
    const reds = wavesOfRow(red, down[y] ?? []);
    for (let x = 0; x < width; x += 1, at += 4) {
      const l = valueAt(lights, across[x] ?? []);
      const p = valueAt(yellows, across[x] ?? []);
      const q = valueAt(reds, across[x] ?? []);
      const b = l - (2 / 3) * p;
      const r = (3 * l - b + q) / 2;
      data[at] = 255 * r;
      data[at + 1] = 255 * (r - q);
      data[at + 2] = 255 * b;
      data[at + 3] = 255;
    }
  }
  return { width, height, data };
}

/** Most photos have one of few shapes. */
const known = new Map<string, number[][]>();

function cosines(length: number, count: number): number[][] {
  const key = `${length} ${count}`;
  let found = known.get(key);
  if (!found) {
    found = Array.from({ length }, (_, place) =>
      Array.from({ length: count }, (_, wave) => Math.cos((Math.PI / length) * (place + 0.5) * wave)),
    );
    known.set(key, found);
  }
  return found;
}

function wavesOfRow({ mean, columns, rows, waves }: Channel, down: number[]): number[] {
  const row = new Array<number>(columns).fill(0);
  row[0] = mean;
  let at = 0;
  for (let wave = 0; wave < rows; wave += 1) {
    const weight = (down[wave] ?? 0) * 2;
    for (let column = wave ? 0 : 1; column * rows < columns * (rows - wave); column += 1, at += 1) {
      row[column] = (row[column] ?? 0) + (waves[at] ?? 0) * weight;
    }
  }
  return row;
}

/** The wave of column 0 is flat: it is there for the sake of its weight. */
function valueAt(row: number[], across: number[]): number {
  let value = 0;
  for (let column = 0; column < row.length; column += 1) value += (row[column] ?? 0) * (across[column] ?? 0);
  return value;
}
