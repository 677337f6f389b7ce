/** The results as tables for a README. */
import { format, type Metric, METRICS } from './metrics.ts';
import { compare, find, type Report, type Result, spreadOf } from './results.ts';
import type { Row } from './rows.ts';
import { bound, ratio } from './tables.ts';

/** One table of rows against servers; one more of scaling; one of Nodes where there are several. */
export function markdown({ machine, cores, results }: Report): string {
  const ours = results.filter(({ peer }) => peer.kind === 'ours');
  const labels = [...new Set(ours.map(({ peer }) => peer.label))];
  const usual = ours.filter(({ row }) => row.group !== 'scaling');
  const parts = labels.length > 1 ? [nodes(usual, results, labels)] : [figures(usual, results), scaling(ours, results)];
  return [`${machine}. ${cores.note}.`, ...parts].filter((part) => part !== '').join('\n\n');
}

const UNITS: Partial<Record<Metric, string>> = { rate: 'a second', cpu: 'server CPU, µs each', p50: 'p50, µs', p99: 'p99, µs',
  open: 'KB a client, idle', used: 'KB a client, after an echo' };

function figures(ours: readonly Result[], results: readonly Result[]): string {
  const names = namesOf(results, (name) => ours.some(({ row }) => (find(results, row, name)?.rounds.length ?? 0) > 0));
  const others = names.filter((name) => results.some(({ peer }) => peer.name === name &&
    (peer.kind === 'ws' || peer.kind === 'limit')));
  const lines = ours.flatMap((own) => own.row.compared.map((metric) => [
    metric === own.row.compared[0] ? own.row.name : '', UNITS[metric] ?? METRICS[metric].heading,
    ...names.map((name) => cell(find(results, own.row, name), metric)),
    ...others.map((name) => quotient(own, find(results, own.row, name), metric)), bound(own),
  ]));
  return table(['clients x in flight x bytes', '', ...names, ...others.map((name) => `of ${name}`), 'bound by'], lines, 2);
}

function scaling(ours: readonly Result[], results: readonly Result[]): string {
  const rows = ours.map(({ row }) => row).filter(({ group }) => group === 'scaling');
  const names = namesOf(results, (name) => rows.some((row) => (find(results, row, name)?.rounds.length ?? 0) > 0));
  const alone = rows.find(({ idle }) => idle === 0);
  const lines = rows.map((row: Row) => [row.idle.toLocaleString('en-US'),
    ...names.map((name) => cell(find(results, row, name), 'cpu')),
    ...alone === undefined ? [''] : ours.filter((one) => one.row === row)
      .map((own) => quotient(own, find(results, alone, own.peer.name), 'rate'))]);
  if (lines.length === 0) return '';
  return table(['idle clients', ...names.map((name) => `${name}, CPU µs each`), 'our rate, of that without'], lines, 1);
}

function nodes(ours: readonly Result[], results: readonly Result[], labels: string[]): string {
  const rows = [...new Set(ours.map(({ row }) => row))];
  const lines = rows.flatMap((row) => row.compared.map((metric) => [
    metric === row.compared[0] ? row.name : '', UNITS[metric] ?? METRICS[metric].heading,
    ...labels.map((label) => {
      const on = (kind: string): Result | undefined =>
        results.find((one) => one.row === row && one.peer.kind === kind && one.peer.label === label);
      return quotient(on('ours'), on('ws'), metric);
    }),
  ]));
  return table(['ours, of ws', '', ...labels.map((label) => `Node ${label}`)], lines, 2);
}

function namesOf(results: readonly Result[], isShown: (name: string) => boolean): string[] {
  return [...new Set(results.map(({ peer }) => peer.name))].filter(isShown);
}

function cell(result: Result | undefined, metric: Metric): string {
  const figure = spreadOf(result, metric);
  return figure === null ? '' : format(figure.median, metric);
}

function quotient(one: Result | undefined, other: Result | undefined, metric: Metric): string {
  const both = compare(one, other, metric);
  return both === null ? '' : ratio(both);
}

function table(head: string[], lines: string[][], texts: number): string {
  const rule = head.map((_, i) => (i < texts ? '---' : '--:'));
  return [head, rule, ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
