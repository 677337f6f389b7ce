/** The article's story, as lib/trace/page.html plays it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { logged, open, pageTest } from './page.ts';

const SERVER = new URL('../../server.ts', import.meta.url);

test('the story goes through the handshake, hello and close, each beside its line', async (t) => {
  const server = readFileSync(SERVER, 'utf8').split('\n').map((line) => line.trim());
  await open(t, {}, async (page) => {
    await page.locator('#breaks button').first().waitFor();
    await page.locator('#play').click();
    const shown: string[] = [], count = Number(await page.evaluate('STORY.length'));
    for (let i = 0; i < count; i++) {
      const [ts, php, title] = await Promise.all(['#scene-ts', '#scene-php', '#scene-title'].map((id) => page.locator(id).innerText()));
      assert.equal(title, `The article’s story, ${i + 1} of ${count}`);
      assert.ok(server.includes(ts!), `${ts} is a line of server.ts`);
      assert.match(php!, /\$/);
      if (await page.evaluate(`STORY[${i}].shows !== undefined`) === true) {
        await page.locator('.card.spot').waitFor();
        shown.push((await page.locator('.card.spot summary').innerText()).replace(/\s+/g, ' '));
      }
      await page.locator('#next').click();
    }
    const order = [/Request/, /Response/, /Response/, /client → server text "hello"/, /server → client text "hello"/,
      /client → server close 1000 bye/, /server → client close 1000 bye/];
    assert.equal(shown.length, order.length);
    order.forEach((what, i) => assert.match(shown[i]!, what));
    await page.locator('#scene').waitFor({ state: 'hidden' });
    await logged(page, 'Closed with 1000 bye');
  });
});

pageTest('the story goes on by itself, slowly, and stands still when told to', {}, async (page) => {
  await page.locator('#breaks button').first().waitFor();
  await page.clock.install();
  await page.locator('#play').click();
  const title = page.locator('#scene-title');
  await page.clock.runFor(7000);
  assert.match(await title.innerText(), / 1 of /);
  await page.clock.runFor(1500);
  assert.match(await title.innerText(), / 2 of /);
  await page.locator('#pause').click();
  await page.clock.runFor(60_000);
  assert.match(await title.innerText(), / 2 of /);
  await page.locator('#pause').click();
  await page.clock.runFor(8500);
  assert.match(await title.innerText(), / [34] of /);
});
