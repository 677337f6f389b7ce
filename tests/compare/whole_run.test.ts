/** All scenes, as README shows them. A file of its own: on a busy machine a whole run comes near the time limit of a file. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Language } from './facts.ts';
import type { Result } from './outcome.ts';
import { compare, phpTest, READMES, TOP } from './run_compare.ts';
import { toMarkdown } from './table.ts';

phpTest('a whole run is as the departures say, and README shows it', async () => {
  const { status, stdout, stderr } = compare(['--json']);
  const { scenes, unseen } = JSON.parse(stdout) as { scenes: (Result & Result['scene'])[]; unseen: string[] };
  assert.deepEqual([stderr, unseen, status], ['', [], 0]);
  const results = scenes.map((one) => ({ ...one, scene: { name: one.name, shows: one.shows } as Result['scene'] }));
  for (const [language, name] of Object.entries(READMES) as [Language, string][]) {
    const text = await readFile(join(TOP, name), 'utf8');
    assert.ok(text.includes(`\n${toMarkdown(results, language)}\n`),
      `${name} does not show what --markdown prints:\n${toMarkdown(results, language)}`);
  }
});
