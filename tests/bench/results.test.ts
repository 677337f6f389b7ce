import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ours, type Peer, wsFastest } from './rivals.ts';
import { compare, find, join, type Report, type Result, spreadOf } from './results.ts';
import { type Row, ROWS } from './rows.ts';

const [row, otherRow] = ROWS as [Row, Row];
const result = (peer: Peer, ...rates: number[]): Result =>
  ({ row, peer, rounds: rates.map((rate) => ({ rate })), why: null, failed: false });
const report = (...results: Result[]): Report =>
  ({ machine: 'a machine', cores: { server: null, load: null, note: '' }, results });

describe('results', () => {
  test('have a spread of what was had', () => {
    assert.deepEqual(spreadOf(result(ours(), 1, 5, 3), 'rate'), { median: 3, min: 1, max: 5 });
    assert.equal(spreadOf(result(ours(), 1), 'cpu'), null);
    assert.equal(spreadOf(undefined, 'rate'), null);
  });
  test('compare round by round', () => {
    assert.deepEqual(compare(result(ours(), 10, 40), result(wsFastest(), 10, 10), 'rate'), { median: 2.5, min: 1, max: 4 });
    assert.equal(compare(result(ours(), 10), undefined, 'rate'), null);
  });
});

describe('join()', () => {
  test('puts the rounds of one row and server together', () => {
    const texts = [report(result(ours(), 1), result(wsFastest(), 2)), report(result(ours(), 3))]
      .map((one) => JSON.stringify(one));
    const { results, machine } = join(texts);
    assert.equal(machine, 'a machine');
    assert.deepEqual(find(results, row, 'this server')?.rounds, [{ rate: 1 }, { rate: 3 }]);
    assert.deepEqual(results.map(({ rounds }) => rounds.length), [2, 1]);
    assert.equal(find(results, otherRow, 'this server'), undefined);
  });
  test('keeps what went wrong', () => {
    const wrong = { ...result(ours()), why: 'it died', failed: true };
    const { results } = join([JSON.stringify(report(result(ours(), 1))), JSON.stringify(report(wrong))]);
    assert.deepEqual(results.map(({ why, failed }) => [why, failed]), [['it died', true]]);
  });
});
