/** What is measured, in which unit, and how it is written. */

/** The figures of one round of one server. What was not had is absent. */
export type Figures = Partial<Record<Metric, number>>;

export type Metric = keyof typeof METRICS;

interface Kind {
  /** A line's name in the table. */
  heading: string;
  /** Digits behind the point. */
  digits: number;
}

export const METRICS = {
  rate: { heading: 'a second', digits: 0 },
  p50: { heading: 'p50, µs', digits: 0 },
  p99: { heading: 'p99, µs', digits: 0 },
  cpu: { heading: 'server CPU, µs each', digits: 2 },
  open: { heading: 'KB a client, idle', digits: 1 },
  used: { heading: 'KB a client, after an echo', digits: 1 },
  server: { heading: 'server busy, %', digits: 0 },
  load: { heading: 'load busy, %', digits: 0 },
} satisfies Record<string, Kind>;

/** 1234567.8 -> '1,234,568' */
export function format(value: number, metric: Metric): string {
  const { digits } = METRICS[metric];
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
