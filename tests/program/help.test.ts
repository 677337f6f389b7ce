import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HELP } from '../../lib/program/help.ts';
import { parseOptions } from '../../lib/program/options.ts';

test('the defaults that it shows are those without a flag', () => {
  const flags = [...HELP.matchAll(/^  --([a-z-]+) (\d\S*) /gm)].map(([, flag, value]) => `--${flag}=${value}`)
    .filter((flag) => flag !== '--max-memory=25%');
  assert.ok(flags.length >= 8);
  assert.deepEqual(parseOptions(flags), parseOptions([]));
});

test('no line is longer than a terminal shows without a break', () => {
  assert.deepEqual(HELP.split('\n').filter((line) => line.length > 120), []);
});
