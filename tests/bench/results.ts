/** What was measured, by row and server, and how servers compare. */
import type { Cores } from './cores.ts';
import type { Figures, Metric } from './metrics.ts';
import type { Peer } from './rivals.ts';
import type { Row } from './rows.ts';
import { ratios, spread, type Spread } from './numbers.ts';

/** One server's rounds of one row. */
export interface Result {
  row: Row;
  peer: Peer;
  rounds: Figures[];
  /** Why it was not played, or not to the end; null where it was. */
  why: string | null;
  /** That was the server's own fault. */
  failed: boolean;
}

export interface Report {
  /** What it ran on. */
  machine: string;
  cores: Cores;
  results: Result[];
}

/** The values of one figure, a round each; empty where it was not had. */
function valuesOf(result: Result | undefined, metric: Metric): number[] {
  return result?.rounds.map((figures) => figures[metric]).filter((value) => value !== undefined) ?? [];
}

/** Median, least and most of one figure; null where it was not had. */
export function spreadOf(result: Result | undefined, metric: Metric): Spread | null {
  const values = valuesOf(result, metric);
  return values.length === 0 ? null : spread(values);
}

/** One server's figure divided by another's, round by round; null where one of them has none. */
export function compare(one: Result | undefined, other: Result | undefined, metric: Metric): Spread | null {
  return ratios(valuesOf(one, metric), valuesOf(other, metric));
}

/** The result of a server with this name in a row. */
export function find(results: readonly Result[], row: Row, name: string): Result | undefined {
  return results.find((one) => one.row === row && one.peer.name === name);
}
