/** A file of its own: on a busy machine a whole run comes near the time limit of a file. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { READMES } from '../helpers.ts';
import { compare, phpTest } from './run_compare.ts';

phpTest('a whole run is as the departures say, and README shows it', async () => {
  const { status, stdout, stderr } = compare(['--markdown']);
  assert.deepEqual([stderr, status], ['', 0]);
  for (const [i, name] of Object.values(READMES).entries()) {
    const text = await readFile(new URL(name, import.meta.url), 'utf8'), table = stdout.trimEnd().split('\n\n')[i]!;
    assert.ok(text.includes(`\n${table}\n`), `${name} does not show what --markdown prints:\n${table}`);
  }
});
