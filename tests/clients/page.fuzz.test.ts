/** Whatever comes, lib/trace/page.html goes on. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { type Random, randomOf } from '../helpers.ts';
import { cards, connect, open, send } from './page.ts';

test('events that are no events do not break it, and it holds a hundred at most', async (t) => {
  const random = randomOf(t);
  await open(t, {}, async (page) => {
    await connect(page);
    await send(page, 'hello');
    await cards(page).nth(3).waitFor();
    const good = ['request', 'response', 'frame', 'frame'].map((kind, i) => ({
      n: i, kind, from: i % 2 === 0 ? 'client' : 'server', at: 1.5, step: 7, size: 11, hex: '818537fa213d7f9f4d5158',
      head: [{ name: 'Sec-WebSocket-Key', value: 'x', at: 0, size: 5, section: '4.1', line: 'lib/websocket/http.ts:1' }],
      fields: [{ name: 'masking key', bit: 16, bits: 32, value: '1' }, { name: 'payload', bit: 48, bits: 40, value: '2' }],
      payload: { hex: '48656c6c6f', masked: '7f9f4d5158', text: 'Hello', length: 5 }, fragment: { index: 1 },
    }));
    for (let round = 0; round < 20; round++) {
      const texts = Array.from({ length: 50 }, () => spoiled(random, good[random(good.length)]!));
      await page.evaluate(`for (const text of ${JSON.stringify(texts)}) takeTrace(text)`);
    }
    // Every card opened and pointed at
    await page.evaluate(`for (const event of events) {
      const details = detailsOf(event);
      details.open = true;
      details.dispatchEvent(new Event('toggle'));
      for (const part of details.querySelectorAll('[data-field]')) part.click();
    }`);
    await page.locator('[data-language=zh]').click();
    assert.equal(await cards(page).count(), 100);
    assert.ok(Number(await page.evaluate('document.querySelectorAll("*").length')) < 100_000);
    assert.ok(Number(await page.locator('#log p').count()) <= 200);
    // It still does what it is for
    await page.locator('#clear').click();
    await send(page, 'still here');
    await cards(page).nth(1).waitFor();
  });
});

/** An event as JSON, in which some places hold something else. */
function spoiled(random: Random, event: object): string {
  const wrong = [null, -1, 2 ** 53, '', 'zz', '<b>', 'ff'.repeat(9000), [], {}, [null, 1, {}], { en: 1 }, '__proto__', 65];
  const spoil = (key: string, value: unknown): unknown =>
    key !== '' && random(8) === 0 ? wrong[random(wrong.length)] : value;
  return JSON.stringify(JSON.parse(JSON.stringify(event), spoil));
}
