/** The results as tables: in Markdown, for a README; for a terminal the same in columns. */
import { format, type Metric, METRICS } from './metrics.ts';
import { compare, find, type Result, spreadOf } from './results.ts';
import type { Row } from './rows.ts';

/** One table of rows against servers, one of scaling; or one of Nodes where there are several. */
export function tables(results: readonly Result[], isMarkdown: boolean): string {
  const labels = [...new Set(results.filter(({ peer }) => peer.kind === 'ours').map(({ peer }) => peer.label))];
  const [usual, beside] = [false, true].map((isScaling) => {
    return [...new Set(results.map(({ row }) => row))].filter(({ group }) => (group === 'scaling') === isScaling);
  });
  const parts = labels.length > 1 ? [nodes(usual!, results, labels)] : [figures(usual!, results), scaling(beside!, results)];
  return parts.filter(({ lines }) => lines.length > 0).map((part) => write(part, isMarkdown)).join('\n\n');
}

interface Table {
  head: string[];
  lines: string[][];
  /** Columns of text; those behind them are of figures. */
  texts: number;
}

function figures(rows: readonly Row[], results: readonly Result[]): Table {
  const names = namesOf(rows, results);
  const others = names.filter((name) => results.some(({ peer }) => peer.name === name &&
    (peer.kind === 'ws' || peer.kind === 'limit')));
  const lines = rows.flatMap((row) => row.compared.map((metric) => {
    const own = results.find((one) => one.row === row && one.peer.kind === 'ours');
    return [
      metric === row.compared[0] ? row.name : '', METRICS[metric].heading,
      ...names.map((name) => cell(find(results, row, name), metric)),
      ...others.map((name) => quotient(own, find(results, row, name), metric)), bound(own),
    ];
  }));
  const head = ['clients x in flight x bytes', '', ...names, ...others.map((name) => `of ${name}`), 'bound by'];
  return { head, lines, texts: 2 };
}

function scaling(rows: readonly Row[], results: readonly Result[]): Table {
  const names = namesOf(rows, results), alone = rows.find(({ idle }) => idle === 0);
  const ours = (row: Row | undefined): Result | undefined => {
    return results.find((one) => one.row === row && one.peer.kind === 'ours');
  };
  const lines = rows.map((row) => [row.idle.toLocaleString('en-US'),
    ...names.map((name) => cell(find(results, row, name), 'cpu')), quotient(ours(row), ours(alone), 'rate')]);
  const head = ['idle clients', ...names.map((name) => `${name}, CPU µs each`), 'our rate, of that without'];
  return { head, lines, texts: 1 };
}

function nodes(rows: readonly Row[], results: readonly Result[], labels: string[]): Table {
  const lines = rows.flatMap((row) => row.compared.map((metric) => [
    metric === row.compared[0] ? row.name : '', METRICS[metric].heading,
    ...labels.map((label) => {
      const on = (kind: string): Result | undefined =>
        results.find((one) => one.row === row && one.peer.kind === kind && one.peer.label === label);
      return quotient(on('ours'), on('ws'), metric);
    }),
  ]));
  return { head: ['ours, of ws', '', ...labels.map((label) => `Node ${label}`)], lines, texts: 2 };
}

/** Which of the two had no time left, so that the figure is its own; the other could do more. */
function bound(result: Result | undefined): string {
  const server = spreadOf(result, 'server'), load = spreadOf(result, 'load');
  if (server === null || load === null) return '';
  return server.median >= load.median ? 'server' : 'load';
}

/** The servers that have played one of these rows. */
function namesOf(rows: readonly Row[], results: readonly Result[]): string[] {
  return [...new Set(results.filter(({ row, rounds }) => rows.includes(row) && rounds.length > 0).map(({ peer }) => peer.name))];
}

function cell(result: Result | undefined, metric: Metric): string {
  const figure = spreadOf(result, metric);
  return figure === null ? '' : format(figure.median, metric);
}

function quotient(one: Result | undefined, other: Result | undefined, metric: Metric): string {
  const both = compare(one, other, metric);
  if (both === null) return '';
  return `${both.median.toFixed(2)} (${both.min.toFixed(2)} to ${both.max.toFixed(2)})`;
}

function write({ head, lines, texts }: Table, isMarkdown: boolean): string {
  const rule = head.map((_, i) => (i < texts ? '---' : '--:'));
  const widths = head.map((_, i) => isMarkdown ? 0 : Math.max(...[head, rule, ...lines].map((cells) => cells[i]!.length)));
  const padded = (text: string, i: number): string => i < texts ? text.padEnd(widths[i]!) : text.padStart(widths[i]!);
  return [head, rule, ...lines].map((cells) => `| ${cells.map(padded).join(' | ')} |`).join('\n');
}
