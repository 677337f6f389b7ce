/** The results as text, for a terminal. */
import { ALL, format, type Metric, METRICS } from './metrics.ts';
import { compare, find, type Result, spreadOf } from './results.ts';
import type { Row } from './rows.ts';
import type { Spread } from './numbers.ts';

/** 1.32 (1.28 to 1.40) */
export function ratio({ median, min, max }: Spread): string {
  return `${median.toFixed(2)} (${min.toFixed(2)} to ${max.toFixed(2)})`;
}

/** Which of the two had no time left, so that the figure is its own; the other could do more. */
export function bound(result: Result): string {
  const server = spreadOf(result, 'server'), load = spreadOf(result, 'load');
  if (server === null || load === null) return '';
  return server.median >= load.median ? 'server' : 'load';
}

/** One row: all figures of all servers as medians, then ours divided by theirs. */
export function describeRow(row: Row, results: readonly Result[]): string {
  const own = results.filter((one) => one.row === row);
  const metrics = ALL.filter((metric) => own.some((one) => spreadOf(one, metric) !== null));
  const isBound = metrics.includes('load');
  const lines = [['', ...metrics.map((metric) => METRICS[metric].heading), ...isBound ? ['bound by'] : []]];
  for (const one of own.filter(({ rounds }) => rounds.length > 0)) {
    lines.push([one.peer.name, ...metrics.map((metric) => {
      const figure = spreadOf(one, metric);
      return figure === null ? '' : format(figure.median, metric);
    }), ...isBound ? [bound(one)] : []]);
  }
  const left = own.filter(({ why }) => why !== null)
    .map(({ peer, why, failed }) => `  ${peer.name}: ${failed ? 'FAILED: ' : 'not played: '}${why}`);
  return [heading(row), ...align(lines), ...left, ...comparisons(row, own), ''].join('\n');
}

function heading({ name, kind, clients, inflight, size, idle, deflate }: Row): string {
  const bytes = `${size.toLocaleString('en-US')} bytes${deflate ? ', compressed' : ''}`;
  const what = {
    load: `${clients} clients, ${inflight} in flight each, ${bytes}, beside ${idle} idle ones`,
    connections: `new connections, ${clients} at a time: handshake and one echo of ${bytes}`,
    memory: `${clients} clients, before and after one echo of ${bytes}`,
  };
  return `${name}: ${what[kind]}`;
}

/** Ours divided by each other server's, for servers on one Node; and by our own without idle clients. */
function comparisons(row: Row, own: readonly Result[]): string[] {
  return own.filter(({ peer }) => peer.kind === 'ours').flatMap((ours) => own
    .filter(({ peer }) => peer.kind !== 'ours' && peer.label === ours.peer.label)
    .flatMap((other) => {
      const parts = row.compared.map((metric) => [metric, compare(ours, other, metric)] as const)
        .filter((part): part is [Metric, Spread] => part[1] !== null)
        .map(([metric, spread]) => `${METRICS[metric].heading} ${ratio(spread)}`);
      return parts.length === 0 ? [] : [`  of ${other.peer.name}: ${parts.join(', ')}`];
    }));
}

/** What remains of each server's rate beside idle clients. */
export function describeScaling(rows: readonly Row[], results: readonly Result[]): string {
  const scaling = rows.filter(({ group }) => group === 'scaling');
  const alone = scaling.find(({ idle }) => idle === 0);
  if (alone === undefined || scaling.length === 1) return '';
  const names = [...new Set(results.map(({ peer }) => peer.name))];
  const lines = [['rate beside idle clients, of that without', ...scaling.map(({ idle }) => String(idle))]];
  for (const name of names) {
    lines.push([name, ...scaling.map((row) => {
      const part = compare(find(results, row, name), find(results, alone, name), 'rate');
      return part === null ? '-' : part.median.toFixed(2);
    })]);
  }
  return [...align(lines), ''].join('\n');
}

/** Columns of equal width: the first to the left, figures to the right. */
function align(lines: string[][]): string[] {
  const widths = lines[0]!.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
  return lines.map((line) => `  ${line.map((cell, i) => i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))
    .join('  ')}`.trimEnd());
}
