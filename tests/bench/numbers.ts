/** Numbers of one kind put together: medians of rounds, percentiles of latencies. */

/** What several rounds gave. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** Of an even number of rounds the median is half-way between the middle two. */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b), half = sorted.length / 2;
  const median = (sorted[Math.ceil(half) - 1]! + sorted[Math.floor(half)]!) / 2;
  return { median, min: sorted[0]!, max: sorted.at(-1)! };
}

/**
 * The first divided by the second, round by round: both were played in turns, so what the machine did meanwhile has hit both
 * of a round alike. Null where the two have no round in common.
 */
export function ratios(these: readonly number[], those: readonly number[]): Spread | null {
  const both = these.slice(0, those.length).map((value, i) => value / those[i]!);
  return both.length === 0 ? null : spread(both);
}

/** Steps for each doubling of a time: neighbours are 2.2 percent apart. */
const STEPS = 32;

/** Times in microseconds, counted rather than kept: a second may bring millions. */
export class Histogram {
  private readonly counts = new Float64Array(STEPS * 28);
  private total = 0;

  /** Times below a microsecond count as one, those of more than two minutes as two. */
  add(microseconds: number, times = 1): void {
    const step = Math.round(Math.log2(Math.max(1, microseconds)) * STEPS);
    this.counts[Math.min(step, this.counts.length - 1)]! += times;
    this.total += times;
  }

  clear(): void {
    this.counts.fill(0);
    this.total = 0;
  }

  /** The time that so many of 100 did not exceed, to 2 percent; NaN where there is none. */
  percentile(percent: number): number {
    let left = Math.max(1, Math.ceil(this.total * percent / 100));
    for (const [step, count] of this.counts.entries()) {
      left -= count;
      if (left <= 0) return 2 ** (step / STEPS);
    }
    return NaN;
  }
}
