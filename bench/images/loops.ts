/** Resizing as people write it by hand, in double precision: RGBA to `[3, height, width]`, normalised. */
export interface Picture {
  data: Uint8ClampedArray;
  width: number;
  height: number;
}

export interface Target {
  width: number;
  height: number;
  mean: readonly number[];
  std: readonly number[];
}

/** The four nearest pixels of each position, in one loop. */
export function bilinear({ data, width: w, height: h }: Picture, { width, height, mean, std }: Target): Float32Array {
  const plane = width * height;
  const out = new Float32Array(3 * plane);
  for (let y = 0; y < height; y++) {
    const fy = Math.max(0, ((y + 0.5) * h) / height - 0.5);
    const y0 = Math.floor(fy);
    const y1 = Math.min(y0 + 1, h - 1);
    for (let x = 0; x < width; x++) {
      const fx = Math.max(0, ((x + 0.5) * w) / width - 0.5);
      const x0 = Math.floor(fx);
      const x1 = Math.min(x0 + 1, w - 1);
      for (let c = 0; c < 3; c++) {
        const above = data[(y0 * w + x0) * 4 + c] * (1 - fx + x0) + data[(y0 * w + x1) * 4 + c] * (fx - x0);
        const below = data[(y1 * w + x0) * 4 + c] * (1 - fx + x0) + data[(y1 * w + x1) * 4 + c] * (fx - x0);
        out[c * plane + y * width + x] = ((above * (1 - fy + y0) + below * (fy - y0)) / 255 - mean[c]) / std[c];
      }
    }
  }
  return out;
}

interface Weights {
  first: number;
  weights: Float64Array;
}

function weightsOf(n: number, m: number): Weights[] {
  const s = n / m;
  const wide = Math.max(s, 1);
  return Array.from({ length: m }, (_, i) => {
    const centre = (i + 0.5) * s;
    const first = Math.max(0, Math.floor(centre - wide + 0.5));
    const end = Math.min(n, Math.floor(centre + wide + 0.5));
    const weights = Float64Array.from({ length: end - first }, (_, j) =>
      Math.max(0, 1 - Math.abs((first + j + 0.5 - centre) / wide)),
    );
    const sum = weights.reduce((a, b) => a + b, 0);
    return { first, weights: weights.map((x) => x / sum) };
  });
}

/** The triangle filter of Pillow, rows first and then columns. */
export function antialiased(from: Picture, { width, height, mean, std }: Target): Float32Array {
  const { data, width: w, height: h } = from;
  const across = weightsOf(w, width);
  const down = weightsOf(h, height);
  const between = new Float32Array(h * width * 3);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < width; x++) {
      const { first, weights } = across[x];
      let r = 0;
      let g = 0;
      let b = 0;
      for (let k = 0, p = (y * w + first) * 4; k < weights.length; k++, p += 4) {
        r += weights[k] * data[p];
        g += weights[k] * data[p + 1];
        b += weights[k] * data[p + 2];
      }
      const to = (y * width + x) * 3;
      between[to] = r;
      between[to + 1] = g;
      between[to + 2] = b;
    }
  }
  const plane = width * height;
  const out = new Float32Array(3 * plane);
  for (let y = 0; y < height; y++) {
    const { first, weights } = down[y];
    for (let x = 0; x < width; x++) {
      let r = 0;
      let g = 0;
      let b = 0;
      for (let k = 0, p = (first * width + x) * 3; k < weights.length; k++, p += width * 3) {
        r += weights[k] * between[p];
        g += weights[k] * between[p + 1];
        b += weights[k] * between[p + 2];
      }
      const to = y * width + x;
      out[to] = (r / 255 - mean[0]) / std[0];
      out[plane + to] = (g / 255 - mean[1]) / std[1];
      out[2 * plane + to] = (b / 255 - mean[2]) / std[2];
    }
  }
  return out;
}
