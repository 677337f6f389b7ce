/** The whole program: each row is played for a moment, to see that it works. Nothing is said about figures. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { HAS_REUSE_PORT } from '../../lib/php/sockets.ts';
import { missing } from '../clients/installed.ts';
import { type Ended, folder, run } from '../helpers.ts';
import type { Peer } from './rivals.ts';
import { ROWS } from './rows.ts';
import { type Figures, type Result, tables } from './tables.ts';

const PROGRAM = 'tests/bench/bench.ts';
const bench = (...args: string[]): Promise<Ended> => run(PROGRAM, '--seconds', '0.1', '--rounds', '1', ...args);
const wrong = fileURLToPath(new URL('servers/wrong.js', import.meta.url));

const cellsOf = (table: string): string[][] =>
  table.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));

describe('npm run bench', () => {
  test('plays each row with this server, ws and a raw echo, and draws both charts', async (t) => {
    const path = await folder(t);
    const { status, stdout, stderr } = await bench('--only', '^(this|ws [\\d.]+$|node)', '--svg', path);
    assert.equal(status, 0, stderr);
    const lines = cellsOf(stdout);
    for (const { name, group, idle } of ROWS.filter(({ processes }) => processes === 0)) {
      const isScaling = group === 'scaling', called = isScaling ? idle.toLocaleString('en') : name;
      const figure = lines.find(([, first]) => first === called)?.[isScaling ? 2 : 3];
      // Only Linux tells what a server costs
      if (process.platform === 'linux') assert.match(figure ?? '', /^-?[\d,.]+( \?)?$/, name);
    }
    const clients = ['1', '2'].map((name) => lines.find(([, first]) => first === name)?.[6]);
    if (HAS_REUSE_PORT) {
      // Both have listened before the first client came: one alone would have all
      assert.deepEqual([clients[0], Number(clients[1]) >= 50, Number(clients[1]) < 100], ['100', true, true], stdout);
    } else {
      assert.deepEqual(clients, [undefined, undefined]);
      assert.match(stderr, /^No row of two processes: --reuse-port needs Linux and Node 22\.12$/m);
    }
    const charts = readdirSync(path).map((file) => readFileSync(join(path, file), 'utf8'));
    assert.equal(charts.length, 2);
    for (const svg of charts) {
      assert.match(svg, />this server</);
      assert.doesNotMatch(svg, /NaN|undefined|Infinity|processes/);
    }
  });
  test('goes on after a server that answers wrongly, and one that does not start, and ends with 1', async () => {
    const { status, stdout, stderr } = await bench('--row', '^(1|10|2) x', '--only', '^(this|Wrong|Dead)',
      '--peer', `Wrong="${process.execPath}" "${wrong}" {port}`, '--peer', 'Dead=echo out of order {port} >&2');
    assert.equal(status, 1);
    assert.match(stdout, /^\| 1 x 1 x 16 \| p50, µs \| [\d,]+ \|/m);
    for (const row of ['10 x 10 x 16384', '1 x 1 x 16', '2 x 2 x 1048576']) {
      assert.ok(stderr.includes(`FAILED: ${row}: Wrong: An answer is wrong`));
    }
    assert.match(stderr, /Dead: does not start: .*out of order/);
  });
  test('plays Bun and Deno; Deno agrees on no permessage-deflate', async (t) => {
    const { status, stdout, stderr } = await bench('--row', '^(100 x|2 x|deflate 100)', '--only', '^(Bun|Deno)');
    const [line, what, remedy] = /^(Bun|Deno) is missing: (.*)$/m.exec(stderr) ?? [];
    if (line !== undefined) return void missing(t, what!, remedy!);
    assert.equal(status, 0, stderr);
    const lines = cellsOf(stdout);
    assert.match(lines[0]!.join(), /,Bun [\d.]+,Deno [\d.]+,/);
    for (const name of ['100 x 1 x 16', '100 x 100 x 16', '2 x 2 x 1048576', 'deflate 100 x 1 x 1024']) {
      const [, , , bun = '', deno = ''] = lines.find(([, first]) => first === name)!;
      assert.match(bun, /^[\d,]/, name);
      assert.match(deno, name.startsWith('deflate') ? /^$/ : /^[\d,]/, name);
    }
  });
  test('compares Nodes in one table', async () => {
    const { status, stdout } = await bench('--row', '^1 x', '--nodes', `a=${process.execPath},b=${process.execPath}`);
    assert.equal(status, 0);
    assert.match(stdout, /\| Node a \| Node b \|\n.*\n\| 1 x 1 x 16 \| p50, µs \| [\d.]+ \(/);
  });
  test('ends with 2 and one line where its own line is wrong', async () => {
    for (const args of [['--seconds', 'x'], ['--row', 'no such'], ['--peer', 'Bun'], ['--nodes', '/a'], ['--svg', '/none'], ['--what']]) {
      const { status, stderr } = await run(PROGRAM, ...args);
      assert.deepEqual([status, stderr.trim().split('\n').length], [2, 1], stderr);
    }
  });
});

describe('tables()', () => {
  const row = ROWS[0]!;
  /** Rounds of a server: rate and CPU time, and how busy it and the load were. */
  const rounds = (...all: [rate: number, cpu: number | undefined, server: number, load: number][]): Figures[] =>
    all.map(([rate, cpu, server, load]) => ({ rate, cpu, server, load }));
  const result = (kind: Peer['kind'], rounds: Figures[], played = row): Result => {
    const peer: Peer = { name: kind, kind, label: '', command: () => '', plays: () => true };
    return { row: played, peer, rounds, failed: null };
  };
  const MARKED = '\n\n?: not to be believed. The ratios of the rounds differ by more than a quarter, ' +
    'or neither the server nor the load was busy for 90 % of the time.';

  test('give the median of the ratios of each round; one that a round lacks has no ratio', () => {
    const ours = rounds([100, 10, 99, 60], [200, undefined, 99, 60], [300, 30, 99, 60]);
    const ws = rounds([100, 10, 99, 60], [100, 20, 99, 60], [300, 25, 99, 60], [1, 1, 99, 60]);
    ws[1]!.rate = 180;
    assert.equal(tables([result('ours', ours), result('ws', ws)]), `
| clients x in flight x bytes |  | ours | ws | bound by |
| --- | --- | --: | --: | --: |
| 100 x 1 x 16 | a second | 200 | 140 | server |
|  | server CPU, µs each | 20.00 | 15.00 | server |

| ours, of |  | ws |
| --- | --- | --: |
| 100 x 1 x 16 | a second | 1.00 (1.00 to 1.11) |
|  | server CPU, µs each | 1.10 (1.00 to 1.20) |`.trimStart());
  });
  test('mark a ratio that differs by more than a quarter from round to round', () => {
    const ws = rounds([100, 10, 99, 60], [100, 10, 99, 60]);
    const ratio = (rate: number, cpu: number): string =>
      tables([result('ours', rounds([100, 10, 99, 60], [rate, cpu, 99, 60])), result('ws', ws)]).split('ours, of')[1]!;
    assert.equal(ratio(125, 8), ` |  | ws |
| --- | --- | --: |
| 100 x 1 x 16 | a second | 1.13 (1.00 to 1.25) |
|  | server CPU, µs each | 0.90 (0.80 to 1.00) |`);
    assert.equal(ratio(126, 8), ` |  | ws |
| --- | --- | --: |
| 100 x 1 x 16 | a second | 1.13 (1.00 to 1.26) ? |
|  | server CPU, µs each | 0.90 (0.80 to 1.00) |${MARKED}`);
  });
  test('mark the rate where neither the server nor the load has used its core, and the ratios to it', () => {
    const busy = (server: number, load: number): string =>
      tables([result('ours', rounds([100, 10, 99, 60])), result('ws', rounds([80, 10, server, load]))]);
    for (const quiet of [busy(90, 60), busy(60, 90)]) assert.doesNotMatch(quiet, /\?/);
    assert.equal(busy(89, 60), `
| clients x in flight x bytes |  | ours | ws | bound by |
| --- | --- | --: | --: | --: |
| 100 x 1 x 16 | a second | 100 | 80 ? | server |
|  | server CPU, µs each | 10.00 | 10.00 | server |

| ours, of |  | ws |
| --- | --- | --: |
| 100 x 1 x 16 | a second | 1.25 (1.25 to 1.25) ? |
|  | server CPU, µs each | 1.00 (1.00 to 1.00) |${MARKED}`.trimStart());
  });
  test('set two processes beside one', () => {
    const played = ROWS.filter(({ processes }) => processes > 0);
    const alone = { rate: 100, cpu: 10, server: 99, load: 60, most: 100 };
    const both = { rate: 110, cpu: 11, server: 120, load: 70, most: 52 };
    assert.equal(tables([result('ours', [alone], played[0]), result('ours', [both], played[1])]), `
| processes on one port | a second | server CPU, µs each | server busy, % | load busy, % | clients of the one that has most | rate, of that of one |
| --- | --: | --: | --: | --: | --: | --: |
| 1 | 100 | 10.00 | 99 | 60 | 100 | 1.00 (1.00 to 1.00) |
| 2 | 110 | 11.00 | 120 | 70 | 52 | 1.10 (1.10 to 1.10) |`.trimStart());
  });
});
