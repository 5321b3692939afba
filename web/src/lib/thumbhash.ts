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
    for (let x = 0; x < width; x += 1, at += 4) {
      const l = valueAt(light, across[x] ?? [], down[y] ?? []);
      const p = valueAt(yellow, across[x] ?? [], down[y] ?? []);
      const q = valueAt(red, across[x] ?? [], down[y] ?? []);
      const b = l - (2 / 3) * p;
      const r = (3 * l - b + q) / 2;
      data.set([255 * r, 255 * (r - q), 255 * b, 255], at);
    }
  }
  return { width, height, data };
}

function cosines(length: number, count: number): number[][] {
  return Array.from({ length }, (_, place) =>
    Array.from({ length: count }, (_, wave) => Math.cos((Math.PI / length) * (place + 0.5) * wave)),
  );
}

function valueAt({ mean, columns, rows, waves }: Channel, across: number[], down: number[]): number {
  let value = mean;
  let at = 0;
  for (let row = 0; row < rows; row += 1) {
    const weight = (down[row] ?? 0) * 2;
    for (let column = row ? 0 : 1; column * rows < columns * (rows - row); column += 1, at += 1) {
      value += (waves[at] ?? 0) * (across[column] ?? 0) * weight;
    }
  }
  return value;
}
