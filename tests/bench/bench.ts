/** Measures this server beside others. Usage: npm run bench -- --help */
import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { HELP, type Options, parseOptions } from './args.ts';
import { barChart } from './bars.ts';
import { pin } from './cores.ts';
import { tables } from './markdown.ts';
import { ours, type Peer, peers, wsFastest } from './rivals.ts';
import { playGroup } from './turns.ts';
import type { Report } from './results.ts';
import { type Row, ROWS } from './rows.ts';
import { scaleChart } from './scale.ts';

// The servers are ended at exit
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

const options = readOptions();
if (options.help) console.log(HELP);
else process.exitCode = await bench(options);

function readOptions(): Options {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    refuse((error as Error).message.split('\n')[0]!);
  }
}

/** Resolves to the exit status. */
async function bench({ row: pattern, ...options }: Options): Promise<number> {
  const rows = ROWS.filter(({ name }) => pattern.test(name));
  const report = await measureAll(rows, options);
  if (options.markdown) console.log(`${report.machine}. ${report.cores.note}.\n\n${tables(report.results, true)}`);
  if (options.svg !== null) {
    writeFileSync(`${options.svg}/bars.svg`, barChart(report));
    writeFileSync(`${options.svg}/scale.svg`, scaleChart(report));
  }
  const failures = report.results.filter(({ failed }) => failed);
  for (const { row, peer, why } of failures) console.error(`FAILED: ${row.name}: ${peer.name}: ${why}`);
  return failures.length > 0 ? 1 : 0;
}

/** Plays all, and prints each row when it is done unless all are asked for as one table. */
async function measureAll(rows: Row[], options: Omit<Options, 'row'>): Promise<Report> {
  const all = options.nodes.length > 0 ? options.nodes.flatMap(onNode) : [...peers(), ...options.given];
  const chosen = all.filter(({ name }) => options.only.test(name));
  if (rows.length === 0 || chosen.length === 0) refuse('--row or --only leaves nothing to measure');
  const cores = pin();
  const report: Report = { machine: machine(), cores, results: [] };
  console.error(`${report.machine}\n${cores.note}`);
  const say = (what: string): void => {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${what}`);
  };
  for (const group of new Set(rows.map((row) => row.group))) {
    const own = rows.filter((row) => row.group === group);
    const results = await playGroup(own, chosen, { ...options, cores, onrun: say });
    say('');
    report.results.push(...results);
    if (options.markdown) continue;
    console.log(tables(results, false));
    for (const { row, peer, why, failed } of results) {
      if (why !== null) console.log(`${row.name}: ${peer.name}: ${failed ? 'FAILED' : 'not played'}: ${why}`);
    }
  }
  return report;
}

function refuse(why: string): never {
  console.error(`bench: ${why} (--help lists all)`);
  process.exit(2);
}

function onNode({ label, path }: { label: string; path: string }): Peer[] {
  return [ours(path, label), wsFastest(path, label)];
}

function machine(): string {
  const { model } = cpus()[0] ?? { model: 'unknown CPU' };
  return `${process.platform} ${process.arch}, ${cpus().length} x ${model.trim()}, ` +
    `${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
}
