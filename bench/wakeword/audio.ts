import { seededRandom } from '../../src/prune/random.ts';

/** Samples a second. */
export const RATE = 16_000;

/** Formant frequencies of vowels in Hz (Peterson and Barney 1952, rounded). */
const VOWELS = [
  [270, 2290, 3010],
  [390, 1990, 2550],
  [530, 1840, 2480],
  [660, 1720, 2410],
  [730, 1090, 2440],
  [570, 840, 2410],
  [440, 1020, 2240],
  [300, 870, 2240],
  [640, 1190, 2390],
  [490, 1350, 1690],
];
const BANDWIDTHS = [80, 110, 160];

type Random = () => number;

/** Two-pole resonator: `y[t] = g x[t] + a y[t-1] + b y[t-2]`, its frequency moving. */
class Resonator {
  private y1 = 0;
  private y2 = 0;

  next(x: number, frequency: number, bandwidth: number): number {
    const radius = Math.exp((-Math.PI * bandwidth) / RATE);
    const a = 2 * radius * Math.cos((2 * Math.PI * frequency) / RATE);
    const b = -radius * radius;
    const y = (1 - a - b) * x + a * this.y1 + b * this.y2;
    this.y2 = this.y1;
    this.y1 = y;
    return y;
  }
}

const between = (random: Random, low: number, high: number): number => low + (high - low) * random();
const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)];

/** Fades of 10 ms at both ends of a sound. */
const envelope = (t: number, length: number): number => Math.min(1, t / 160, (length - 1 - t) / 160);

/** A glide between two vowels: pulses of a gliding pitch and some breath through three resonators. */
function voiced(random: Random, length: number, voice: number): Float32Array {
  const [from, to] = [pick(random, VOWELS), pick(random, VOWELS)];
  const [low, high] = [voice * between(random, 0.85, 1.1), voice * between(random, 0.85, 1.25)];
  const filters = BANDWIDTHS.map(() => new Resonator());
  let phase = 0;
  return Float32Array.from({ length }, (_, t) => {
    const share = t / length;
    phase += (low + (high - low) * share) / RATE;
    const pulse = phase >= 1 ? 1 : 0;
    phase -= pulse;
    const source = pulse * 6 + (random() - 0.5) * 0.08;
    return filters.reduce((x, filter, i) => filter.next(x, from[i] + (to[i] - from[i]) * share, BANDWIDTHS[i]), source);
  });
}

/** Noise in one band, as in s, sh and f. */
function fricative(random: Random, length: number): Float32Array {
  const [centre, width] = [between(random, 2000, 7000), between(random, 400, 2000)];
  const filter = new Resonator();
  return Float32Array.from({ length }, () => filter.next(random() - 0.5, centre, width));
}

/** A tone that glides, as whistles and machines make. */
function chirp(random: Random, length: number): Float32Array {
  const [from, to] = [between(random, 150, 3000), between(random, 150, 3000)];
  let phase = 0;
  return Float32Array.from({ length }, (_, t) => {
    phase += (2 * Math.PI * (from + ((to - from) * t) / length)) / RATE;
    return Math.sin(phase);
  });
}

/**
 * Audio that is like speech in its spectrum and its rhythm: syllables of voiced glides, fricatives, now and then a chirp, and pauses, over noise
 * of a level of its own. In [-1, 1], the same for the same seed.
 */
export function speechLike(seconds: number, seed: number): Float32Array {
  const random = seededRandom(seed);
  const audio = new Float32Array(Math.round(seconds * RATE));
  const voice = between(random, 85, 240);
  const noise = 10 ** between(random, -4, -2);
  for (let t = 0; t < audio.length; t++) audio[t] = noise * (2 * random() - 1);
  for (let at = 0; at < audio.length; ) {
    const kind = random();
    const length = Math.round(RATE * (kind < 0.75 ? between(random, 0.06, 0.3) : between(random, 0.05, 0.6)));
    if (kind < 0.9) {
      const sound = kind < 0.55 ? voiced(random, length, voice) : kind < 0.83 ? fricative(random, length) : chirp(random, length); // biome-ignore format: one line
      add(audio, at, sound, between(random, 0.05, 0.6));
    }
    at += length;
  }
  return audio;
}

function add(audio: Float32Array, at: number, sound: Float32Array, peak: number): void {
  const scale = peak / sound.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-9);
  for (let t = 0; t < sound.length && at + t < audio.length; t++) {
    const x = audio[at + t] + scale * envelope(t, sound.length) * sound[t];
    audio[at + t] = Math.min(1, Math.max(-1, x));
  }
}
