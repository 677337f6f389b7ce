/** What the pages claim can be checked: what they show of the source, where they link to, that the two languages are alike. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brokenLinks, PAGES, shapeOf, wordsOf } from './readme/pages.ts';
import { staleParts } from './readme/readme.ts';

for (const page of PAGES) {
  const { file, twin, text, limit } = page;

  test(`${file} links to what is there, in its own language`, () => {
    assert.deepEqual(brokenLinks(page), []);
  });

  test(`${file} has ${limit} words at most`, () => {
    assert.ok(wordsOf(text) <= limit, `it has ${wordsOf(text)}`);
  });

  test(`${file} has the headings, code and tables of ${twin}`, () => {
    assert.deepEqual(shapeOf(text), shapeOf(PAGES.find(({ file }) => file === twin)!.text));
  });
}

test('what the pages show of the source is as `npx tsx tests/readme/readme.ts` makes it', async () => {
  assert.deepEqual(await staleParts(), []);
});
