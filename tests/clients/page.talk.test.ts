/** What one can do to a connection from lib/trace/page.html, and what comes of it. */
import assert from 'node:assert/strict';
import { VIOLATIONS } from '../../lib/trace/violations.ts';
import { cards, connect, drawn, logged, pageTest, send, sendHex, unfold } from './page.ts';

pageTest('every rule that can be broken ends in the Close that its button names', {}, async (page) => {
  await connect(page);
  for (const [what, { code, bytes }] of Object.entries(VIOLATIONS)) {
    if (await page.locator('#connect').isDisabled() === false) {
      await page.locator('#connect').click();
      await logged(page, 'connection is open');
    }
    await page.locator('#clear').click();
    const button = page.locator(`#breaks button[data-what=${what}]`);
    assert.match(await button.innerText(), new RegExp(`→ ${code}$`));
    await button.click();
    await logged(page, `Closed with ${code}`);
    // Nothing comes after it that would fold what is looked at
    await cards(page).filter({ hasText: /server → client\s*The end/ }).waitFor();
    const injected = cards(page).filter({ hasText: 'put in by the server' });
    assert.ok(bytes.toString('hex').startsWith((await drawn(injected.first())).hex), what);
    await cards(page).filter({ hasText: /server → client\s*close\s*10/ }).filter({ hasText: String(code) }).first().waitFor();
    await page.evaluate(`log = []; document.getElementById('log').replaceChildren()`);
  }
  assert.deepEqual(await page.locator('#breaks button').count(), Object.keys(VIOLATIONS).length);
});

pageTest('the server pings, closes, and cuts', {}, async (page) => {
  await connect(page);
  await page.locator('#ping').click();
  await cards(page).filter({ hasText: /client → server\s*pong/ }).waitFor();
  assert.equal(await cards(page).filter({ hasText: /server → client\s*ping/ }).count(), 1);

  await page.locator('#close input[value=server]').click();
  await page.locator('#code').fill('1012');
  await page.locator('#reason').fill('back soon');
  await page.locator('#close button').click();
  await logged(page, 'Closed with 1012 back soon');

  await page.locator('#connect').click();
  await logged(page, 'connection is open');
  await page.locator('#cut:enabled').click();
  await logged(page, '1006');
});

pageTest('one closes with a code of one\'s own; what a page may not send, the browser refuses', {}, async (page) => {
  await connect(page);
  await page.locator('#code').fill('1002');
  await page.locator('#close button').click();
  assert.match(await page.locator('#close-error').innerText(), /browser refuses/);
  await page.locator('#code').fill('4321');
  await page.locator('#reason').fill('再见');
  await page.locator('#close button').click();
  await logged(page, 'Closed with 4321 再见');
  assert.equal(await page.locator('#close-error').count(), 1);
  await cards(page).filter({ hasText: /client → server\s*close\s*4321 再见/ }).waitFor();
});

pageTest('hexadecimal that is none is refused in words', {}, async (page) => {
  await connect(page);
  for (const wrong of ['0', '0g', 'abc']) {
    await sendHex(page, wrong);
    assert.match(await page.locator('#send-error').innerText(), /pairs of the digits/);
  }
  await sendHex(page, '0x00,ff');
  await page.locator('#send-error').waitFor({ state: 'hidden' });
  assert.equal((await drawn(cards(page).nth(3))).hex, '820200ff');
});

pageTest('a message is text, whatever it looks like', {}, async (page) => {
  await connect(page);
  const message = '<img src=x onerror=alert(1)><script>alert(2)</script>"\'&lt;';
  await send(page, message);
  await logged(page, message);
  await unfold(cards(page).nth(3));
  await page.locator('#reason').fill(message);
  await page.locator('#close button').click();
  await logged(page, `Closed with 1000 ${message}`);
  await cards(page).filter({ hasText: /server → client\s*The end/ }).waitFor();
  await unfold(cards(page).filter({ hasText: /server → client\s*close/ }));
  assert.equal(await page.locator('img').count(), 0);
  assert.equal(await page.locator('script').count(), 1);
  const lines = await page.locator('#log p').allTextContents();
  assert.equal(lines.filter((line) => line.endsWith(message)).length, 3);
});

pageTest('it says when the server does not tell what crosses the wire, and asks again', {}, async (page) => {
  await connect(page);
  await page.evaluate('watcher.close()');
  await page.locator('#breaks-hint', { hasText: 'does not tell' }).waitFor();
  assert.equal(await page.locator('#breaks button:enabled').count(), 0);
  assert.equal(await page.locator('#ping').isDisabled(), true);
  // The messages go on
  await send(page, 'unseen');
  await logged(page, /server\s*unseen/);
  await page.locator('#close button').click();
  await logged(page, 'Closed with 1000 bye');
  await page.locator('#clear').click();
  await connect(page);
  await page.locator('#ping:enabled').waitFor();
});
