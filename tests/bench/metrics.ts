/** What is measured, in which unit, and how it is written. */

/** The figures of one round of one server. What was not had is absent. */
export type Figures = Partial<Record<Metric, number>>;

export type Metric = keyof typeof METRICS;

interface Kind {
  /** A table's heading. */
  heading: string;
  /** Whether more is better. */
  more: boolean;
  /** Digits behind the point. */
  digits: number;
}

export const METRICS = {
  rate: { heading: 'per second', more: true, digits: 0 },
  bytes: { heading: 'MB/s', more: true, digits: 1 },
  p50: { heading: 'p50 us', more: false, digits: 0 },
  p99: { heading: 'p99 us', more: false, digits: 0 },
  cpu: { heading: 'server CPU us each', more: false, digits: 2 },
  rss: { heading: 'server MB', more: false, digits: 0 },
  open: { heading: 'KB an idle client', more: false, digits: 1 },
  used: { heading: 'KB after an echo', more: false, digits: 1 },
  server: { heading: 'server busy %', more: false, digits: 0 },
  load: { heading: 'load busy %', more: false, digits: 0 },
} satisfies Record<string, Kind>;

/** All, in the order of a table's columns. */
export const ALL = Object.keys(METRICS) as Metric[];

/** 1234567.8 -> '1,234,568' */
export function format(value: number, metric: Metric): string {
  const { digits } = METRICS[metric];
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
