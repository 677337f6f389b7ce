import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { barChart } from './bars.ts';
import { markdown } from './markdown.ts';
import type { Figures } from './metrics.ts';
import { named, ours, type Peer } from './rivals.ts';
import type { Report, Result } from './results.ts';
import { ROWS } from './rows.ts';
import { scaleChart } from './scale.ts';
import { describeRow, describeScaling } from './tables.ts';

const other = named('A & B <"fast">=a {port}');
const scaling = ROWS.filter(({ group }) => group === 'scaling');

function result(row: Result['row'], peer: Peer, rounds: Figures[]): Result {
  return { row, peer, rounds, why: null, failed: false };
}

/** All rows of two servers, the other one having half of the rate at twice the cost. */
function report(): Report {
  const figures: Figures = { rate: 1000, cpu: 2, p50: 3, p99: 4, open: 5, used: 6, server: 99, load: 50 };
  const half: Figures = { ...figures, rate: 500, cpu: 4 };
  const results = ROWS.flatMap((row) => [
    result(row, ours(), [figures, figures]), result(row, other, [half, half]),
  ]);
  return { machine: 'a machine', cores: { server: 0, load: 1, note: 'Pinned' }, results };
}

/** The elements' names and how deep each stands; fails where a tag is not closed, or text is not escaped. */
function outline(svg: string): string[] {
  const open: string[] = [], seen: string[] = [];
  const rest = svg.replace(/<(\/?)([a-zA-Z]+)((?: [a-zA-Z0-9:-]+="[^"<]*")*) ?(\/?)>/g, (_, end, name, _more, alone) => {
    if (end) assert.equal(open.pop(), name);
    else seen.push(name);
    if (!end && !alone) open.push(name);
    return '';
  });
  assert.deepEqual(open, []);
  assert.doesNotMatch(rest, /[<>]|&(?!#\d+;)/);
  assert.doesNotMatch(svg, /NaN|undefined|Infinity/);
  return seen;
}

describe('charts', () => {
  test('the bars are well-formed: one for each server of each row with a rate', () => {
    const rates = ROWS.filter(({ group, compared }) => group !== 'scaling' && compared[0] === 'rate');
    // And one for the paper
    assert.equal(outline(barChart(report())).filter((name) => name === 'rect').length, rates.length * 2 + 1);
  });
  test('the curves are well-formed: one for each server, with a point for each row', () => {
    const names = outline(scaleChart(report()));
    assert.equal(names.filter((name) => name === 'polyline').length, 2);
    assert.equal(names.filter((name) => name === 'circle').length, scaling.length * 2);
  });
  test('have a title and a description', () => {
    for (const svg of [barChart(report()), scaleChart(report())]) {
      assert.match(svg, /aria-labelledby="title desc"/);
      assert.match(svg, /<desc id="desc">[^<]*this server[^<]*A &#38; B &#60;&#34;fast&#34;&#62;/);
    }
  });
  test('take the time that passed where the CPU time is not had', () => {
    const { results, ...rest } = report();
    const without = results.map((one) => ({ ...one, rounds: one.rounds.map(({ cpu: _, ...figures }) => figures) }));
    assert.match(scaleChart({ ...rest, results: without }), /this server: 1000\.0 with 100/);
  });
});

describe('tables', () => {
  test('a row shows figures, what bounds them, and ratios', () => {
    const text = describeRow(ROWS[0]!, report().results);
    assert.match(text, /^  this server +1,000 .* server$/m);
    assert.match(text, /of A & B <"fast">: per second 2\.00 \(2\.00 to 2\.00\), server CPU us each 0\.50/);
  });
  test('a row says what was not played and what failed', () => {
    const results: Result[] = [{ ...result(ROWS[0]!, other, []), why: 'it sleeps' },
      { ...result(ROWS[0]!, ours(), []), why: 'it died', failed: true }];
    assert.match(describeRow(ROWS[0]!, results), /A & B <"fast">: not played: it sleeps\n  this server: FAILED: it died/);
  });
  test('scaling is shown as parts of the rate without idle clients', () => {
    assert.match(describeScaling(ROWS, report().results), /^  this server( +1\.00){8}$/m);
  });
  test('each Markdown table has as many cells in each line', () => {
    const nodes = report().results.flatMap((one) => ['20', '24'].map((label) => (
      { ...one, peer: { ...one.peer, label, kind: one.peer === other ? 'ws' as const : one.peer.kind } })));
    for (const text of [markdown(report()), markdown({ ...report(), results: nodes })]) {
      for (const part of text.split('\n\n').slice(1)) {
        const widths = part.split('\n').map((line) => line.split('|').length);
        assert.deepEqual(new Set(widths).size, 1, part);
      }
    }
  });
});
