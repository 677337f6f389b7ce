/** The article's story, as lib/trace/page.html plays it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { cards, logged, open, pageTest } from './page.ts';

const SERVER = new URL('../../server.ts', import.meta.url);

test('the story goes through the handshake, hello and close, each beside its line, with the bytes lit that it speaks of', async (t) => {
  const server = readFileSync(SERVER, 'utf8').split('\n').map((line) => line.trim());
  await open(t, {}, async (page) => {
    await page.locator('#breaks button').first().waitFor();
    await page.locator('#play').click();
    const shown: string[] = [], count = Number(await page.evaluate('STORY.length'));
    for (let i = 0; i < count; i++) {
      const [ts, php, title, where] = await Promise.all(['#scene-ts', '#scene-php', '#scene-title', '#scene-where']
        .map((id) => page.locator(id).innerText()));
      assert.equal(title, `The article’s story, ${i + 1} of ${count}`);
      assert.ok(server.includes(ts!), `${ts} is a line of server.ts`);
      assert.match(php!, /\$/);
      if (await page.evaluate(`STORY[${i}].shows !== undefined`) === true) {
        await page.locator('.card.spot .on').first().waitFor();
        const summary = (await page.locator('.card.spot summary').innerText()).replace(/\s+/g, ' ');
        const lit = await page.locator('.card.spot :is(.chips, .lines) .on').allTextContents();
        shown.push(`${summary} ${lit.join(' ')}`);
        assert.equal(/step \d+/.exec(summary)![0], /step \d+/.exec(where!)![0], summary);
        assert.notEqual(await page.locator('.card.spot .hex .on').count(), 0);
      }
      await page.locator('#next').click();
    }
    const order = [/Request.* Upgrade: websocket Sec-WebSocket-Key: \S+/, /Response.* Sec-WebSocket-Accept: \S+$/,
      /Response.* HTTP\/1\.1 101 Switching Protocols$/, /client → server text "hello".* MASK=1 masking key=.* payload$/,
      /server → client text "hello".* MASK=0 length=5 payload$/, /client → server close 1000 bye.* opcode=0x8 close payload$/,
      /server → client close 1000 bye.* opcode=0x8 close payload$/];
    assert.equal(shown.length, order.length);
    order.forEach((what, i) => assert.match(shown[i]!, what));
    await page.locator('#scene').waitFor({ state: 'hidden' });
    await logged(page, 'Closed with 1000 bye');
  });
});

pageTest('the story goes on by itself, slowly, and stands still when told to, or when one turns back or on', {}, async (page) => {
  await page.locator('#breaks button').first().waitFor();
  await page.clock.install();
  await page.locator('#play').click();
  const title = page.locator('#scene-title');
  const standsAt = async (index: number): Promise<void> => {
    assert.match(await title.innerText(), new RegExp(` ${index} of `));
    await page.clock.runFor(60_000);
    assert.match(await title.innerText(), new RegExp(` ${index} of `));
  };
  await page.clock.runFor(7000);
  assert.match(await title.innerText(), / 1 of /);
  await page.clock.runFor(1500);
  assert.match(await title.innerText(), / 2 of /);
  await page.locator('#pause').click();
  await standsAt(2);
  await page.locator('#pause').click();
  await page.clock.runFor(8500);
  assert.match(await title.innerText(), / 3 of /);
  await page.locator('#back').click();
  await standsAt(2);
  await page.locator('#next').click();
  await standsAt(3);
});

pageTest('bytes cross in the first scene; to go back sends nothing again', {}, async (page) => {
  await page.locator('#breaks button').first().waitFor();
  // A clock that stands: no later scene can have sent them
  await page.clock.install();
  await page.locator('#play').click();
  await cards(page).nth(1).waitFor();
  assert.match(await page.locator('#scene-title').innerText(), / 1 of /);
  for (let i = 1; i < 8; i++) await page.locator('#next').click();
  await cards(page).nth(3).waitFor();
  for (let i = 1; i < 8; i++) await page.locator('#back').click();
  assert.equal(await page.locator('#back').isDisabled(), true);
  for (let i = 1; i < 9; i++) await page.locator('#next').click();
  await page.locator('.card.spot', { hasText: /server → client\s*text/ }).waitFor();
  assert.equal(await cards(page).count(), 4);
});
