/** What was measured, as tables in Markdown. */
import type { Peer } from './rivals.ts';
import { isUsual, type Row } from './rows.ts';

/** The figures of one round of one server. What was not had is absent. */
export type Figures = { [name in Metric]?: number | undefined };

export type Metric = 'rate' | 'p50' | 'p99' | 'cpu' | 'open' | 'used' | 'server' | 'load' | 'most';

/** A figure's name in the tables, and digits behind the point. 'server' and 'load' tell who had no time left. */
const METRICS: Record<Metric, [heading: string, digits: number]> = {
  rate: ['a second', 0], p50: ['p50, µs', 0], p99: ['p99, µs', 0], cpu: ['server CPU, µs each', 2],
  open: ['KB a client, idle', 1], used: ['KB a client, after an echo', 1],
  server: ['server busy, %', 0], load: ['load busy, %', 0], most: ['clients of the one that has most', 0],
};

/** Behind a figure that is not to be believed, and why. */
const MARK = ' ?', MARKED = '?: not to be believed. The ratios of the rounds differ by more than a quarter, ' +
  'or neither the server nor the load was busy for 90 % of the time.';
/** The most of the ratios by the least. Beyond that the median may be more than a tenth off: a table of tenths says no more. */
const STEADY = 1.25;
/** Percent of the time: where nothing disturbs them, who is the limit has no time left. */
const BUSY = 90;

/** One server's rounds of one row. */
export interface Result {
  row: Row;
  peer: Peer;
  rounds: Figures[];
  /** What the server did wrong; null where nothing. */
  failed: string | null;
}

/** What several rounds gave. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** Median, least and most of one figure; null where it was not had. */
export function spreadOf(result: Result | undefined, metric: Metric): Spread | null {
  return spread(valuesOf(result, metric));
}

function valuesOf(result: Result | undefined, metric: Metric): number[] {
  return result?.rounds.map((figures) => figures[metric]).filter((value) => value !== undefined) ?? [];
}

/** Of an even number of rounds the median is half-way between the middle two. */
function spread(values: readonly number[]): Spread | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b), half = sorted.length / 2;
  const median = (sorted[Math.ceil(half) - 1]! + sorted[Math.floor(half)]!) / 2;
  return { median, min: sorted[0]!, max: sorted.at(-1)! };
}

/** 1234567.8 -> '1,234,568' */
export function format(value: number, metric: Metric): string {
  const [, digits] = METRICS[metric];
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Figures and ratios of rows against servers, scaling, processes; or ratios against Nodes where there are several. */
export function tables(results: readonly Result[]): string {
  const labels = [...new Set(results.map(({ peer }) => peer.label))];
  const of = (group: string): Result[] => results.filter(({ row }) => row.group === group);
  const usual = results.filter(({ row }) => isUsual(row));
  const parts = labels.length > 1 ? [nodes(usual, labels)]
    : [figures(usual), ratios(usual), scaling(of('scaling')), processes(of('processes'))];
  const text = parts.filter(({ length }) => length > 1).map(write).join('\n\n');
  return text.includes(`${MARK} |`) ? `${text}\n\n${MARKED}` : text;
}

/** A table's head, and its lines. */
type Table = string[][];

function figures(results: readonly Result[]): Table {
  const names = namesOf(results);
  return [
    ['clients x in flight x bytes', '', ...names, 'bound by'],
    ...linesOf(results, (own, metric) =>
      [...names.map((name) => cell(own.find(({ peer }) => peer.name === name), metric)), bound(oursOf(own))]),
  ];
}

function ratios(results: readonly Result[]): Table {
  const us = oursOf(results)?.peer.name, names = namesOf(results).filter((name) => name !== us);
  if (us === undefined || names.length === 0) return [];
  return [
    ['ours, of', '', ...names],
    ...linesOf(results, (own, metric) =>
      names.map((name) => quotient(oursOf(own), own.find(({ peer }) => peer.name === name), metric))),
  ];
}

function scaling(results: readonly Result[]): Table {
  const names = namesOf(results), ours = results.filter(({ peer }) => peer.kind === 'ours');
  const alone = ours.find(({ row }) => row.idle === 0);
  return [
    ['idle clients', ...names.map((name) => `${name}, CPU µs each`), 'our rate, of that without'],
    ...[...new Set(results.map(({ row }) => row))].map((row) => [row.idle.toLocaleString('en-US'),
      ...names.map((name) => cell(results.find((one) => one.row === row && one.peer.name === name), 'cpu')),
      quotient(ours.find((one) => one.row === row), alone, 'rate')]),
  ];
}

function processes(results: readonly Result[]): Table {
  const alone = results.find(({ row }) => row.processes === 1);
  const metrics: Metric[] = ['rate', 'cpu', 'server', 'load', 'most'];
  return [
    ['processes on one port', ...metrics.map((metric) => METRICS[metric][0]), 'rate, of that of one'],
    ...results.map((one) => [String(one.row.processes), ...metrics.map((metric) => cell(one, metric)),
      quotient(one, alone, 'rate')]),
  ];
}

function nodes(results: readonly Result[], labels: string[]): Table {
  return [
    ['ours, of ws', '', ...labels.map((label) => `Node ${label}`)],
    ...linesOf(results, (own, metric) => labels.map((label) => {
      const [ours, ws] = own.filter(({ peer }) => peer.label === label);
      return quotient(ours, ws, metric);
    })),
  ];
}

/** A line for each figure of each row, its name in the first of them. */
function linesOf(results: readonly Result[], cells: (own: Result[], metric: Metric) => string[]): string[][] {
  return [...new Set(results.map(({ row }) => row))].flatMap((row) => row.compared.map((metric, i) =>
    [i === 0 ? row.name : '', METRICS[metric][0], ...cells(results.filter((one) => one.row === row), metric)]));
}

/** Which of the two had no time left, so that the figure is its own; the other could do more. */
function bound(result: Result | undefined): string {
  const server = spreadOf(result, 'server'), load = spreadOf(result, 'load');
  if (server === null || load === null) return '';
  return server.median >= load.median ? 'server' : 'load';
}

function oursOf(results: readonly Result[]): Result | undefined {
  return results.find(({ peer }) => peer.kind === 'ours');
}

/** The servers that have played. */
function namesOf(results: readonly Result[]): string[] {
  return [...new Set(results.filter(({ rounds }) => rounds.length > 0).map(({ peer }) => peer.name))];
}

function cell(result: Result | undefined, metric: Metric): string {
  const figure = spreadOf(result, metric);
  return figure === null ? '' : format(figure.median, metric) + (isDisturbed(result, metric) ? MARK : '');
}

/** Whether something else took the time of both. What a message costs is right all the same. */
function isDisturbed(result: Result | undefined, metric: Metric): boolean {
  const server = spreadOf(result, 'server'), load = spreadOf(result, 'load');
  return metric === 'rate' && server !== null && load !== null && Math.max(server.median, load.median) < BUSY;
}

/** The first divided by the second, round by round: what the machine did meanwhile has hit both of a round alike. */
function quotient(one: Result | undefined, other: Result | undefined, metric: Metric): string {
  const both = spread((one?.rounds ?? [])
    .map((figures, i) => Number(figures[metric]) / Number(other?.rounds[i]?.[metric])).filter(isFinite));
  if (both === null) return '';
  const isMarked = both.max > both.min * STEADY || isDisturbed(one, metric) || isDisturbed(other, metric);
  return `${both.median.toFixed(2)} (${both.min.toFixed(2)} to ${both.max.toFixed(2)})${isMarked ? MARK : ''}`;
}

function write([head, ...lines]: Table): string {
  // Texts are in the first column, and in the one without a heading
  const rule = head!.map((name, i) => (i === 0 || name === '' ? '---' : '--:'));
  return [head!, rule, ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
