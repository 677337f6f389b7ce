/** What one can do to a connection from lib/trace/page.html, and what comes of it. */
import assert from 'node:assert/strict';
import { VIOLATIONS } from '../../lib/trace/violations.ts';
import type { Page } from './browser.ts';
import { cards, connect, drawn, logged, pageTest, send, sendHex, unfold } from './page.ts';

pageTest('every rule that can be broken ends in the Close that its button names, beside the rule and the bits that broke it', {}, async (page) => {
  await connect(page);
  for (const [what, { code, bytes }] of Object.entries(VIOLATIONS)) {
    const button = page.locator(`#breaks button[data-what=${what}]`);
    assert.match(await button.innerText(), new RegExp(`→ ${code}$`));
    await button.click();
    assert.equal(await flipped(page), bytes.toString('hex'));
    await page.locator('#clear').click();
    // Where there is no connection any more, it makes one
    await page.locator('#flip-send').click();
    await logged(page, `Closed with ${code}`);
    await page.locator('#outcome.broken').waitFor();
    assert.match(await page.locator('#outcome').innerText(), new RegExp(`^The server closed with ${code}\\. The rule:\n.*(RFC 6455, section|RFC 7692) \\d`), what);
    assert.notEqual(await page.locator('.bit.broke').count(), 0, what);
    // Nothing comes after it that would fold what is looked at
    await cards(page).filter({ hasText: /server → client\s*The end/ }).waitFor();
    const injected = cards(page).filter({ hasText: 'put in by the server' });
    assert.ok(bytes.toString('hex').startsWith((await drawn(injected.first())).hex), what);
    assert.notEqual(await page.locator('.seg.broke').count(), 0, what);
    await cards(page).filter({ hasText: /server → client\s*close\s*10/ }).filter({ hasText: String(code) }).first().waitFor();
    await page.evaluate(`log = []; document.getElementById('log').replaceChildren()`);
  }
  assert.deepEqual(await page.locator('#breaks button').count(), Object.keys(VIOLATIONS).length);
});

const flipped = (page: Page): Promise<unknown> => page.evaluate(`hexOf(flipped).replaceAll(' ', '')`);
const broken = (page: Page): Promise<unknown> =>
  page.evaluate(`Array.from(document.querySelectorAll('.bit.broke'), ({ dataset }) => Number(dataset.bit))`);

pageTest('a bit of the message\'s frame is flipped, and the server says which rule that breaks', {}, async (page) => {
  await connect(page);
  await page.locator('#text').fill('Hello');
  assert.equal(await flipped(page), '818537fa213d7f9f4d5158');
  // MASK; RSV1; the lowest bit of the opcode: a binary message; the highest bit of "H", which the mask leaves alone
  for (const [bits, hex, says, broke] of [
    [[8], '810537fa213d7f9f4d5158', 'A client masks every frame: MASK is 1. RFC 6455, section 5.1', [8]],
    [[1], 'c18537fa213d7f9f4d5158', 'A reserved bit is 0, unless an extension gives it a meaning. RFC 6455, section 5.2', [1]],
    [[6], '838537fa213d7f9f4d5158', 'no meaning yet. RFC 6455, section 5.2', [4, 5, 6, 7]],
    [[48], '818537fa213dff9f4d5158', 'A text is UTF-8. RFC 6455, section 8.1', Array.from({ length: 40 }, (_, i) => 48 + i)],
    [[6, 7], '828537fa213d7f9f4d5158', 'No rule is broken. The server answers: binary 48 65 6c 6c 6f', []],
    // A Ping, and a Pong
    [[4, 7, 7], '898537fa213d7f9f4d5158', 'No rule is broken. The server answers: pong "Hello"', []],
    [[4, 6, 7], '8a8537fa213d7f9f4d5158', 'nobody answers a Pong', []],
  ] as const) {
    await page.locator('#flip-reset').click();
    for (const bit of bits) await page.locator(`[data-bit="${bit}"]`).click();
    assert.equal(await flipped(page), hex);
    await page.locator('#flip-send').click();
    await page.locator('#outcome', { hasText: says }).waitFor();
    assert.deepEqual(await broken(page), broke, says);
    if (broke.length === 0) continue;
    // Not the bytes behind it, which a frame without a mask leaves over
    assert.equal(await page.evaluate('events.findLast((event) => event.broke).isPart'), false);
    await page.locator('#status', { hasText: 'not connected' }).waitFor();
  }
});

pageTest('a length that is too small leaves bytes over, which the server takes for the next frame: the outcome is about both', {}, async (page) => {
  await connect(page);
  await page.locator('#text').fill('Hello');
  const play = async (bits: number[], says: string, broke: number[]): Promise<void> => {
    await page.locator('#flip-reset').click();
    for (const bit of bits) await page.locator(`[data-bit="${bit}"]`).click();
    await page.locator('#flip-send').click();
    await page.locator('#outcome', { hasText: says }).waitFor();
    assert.deepEqual(await broken(page), broke, says);
  };
  // One byte of payload, then 9f 4d 51 58; none, then a header that is cut; one in a fragment, which has no answer
  for (const [bits, broke] of [[[13], [59]], [[13, 15], [49, 50, 51]], [[0, 13], [59]]] as const) {
    await play([...bits], 'A reserved bit is 0, unless an extension gives it a meaning.', [...broke]);
    await page.locator('#status', { hasText: 'not connected' }).waitFor();
  }
  await play([15], 'The server answers: text "Hell" It takes the bytes behind that for the next frame', []);
  await page.locator('#flip-send').click();
  await page.locator('#outcome', { hasText: 'did not do it: a frame is on its way' }).waitFor();
  await send(page, 'Hello');
  await page.locator('#outcome', { hasText: 'A reserved bit is 0' }).waitFor();
});

pageTest('a frame that is not whole, or not the last, gets no answer: the page says what the server waits for', {}, async (page) => {
  await connect(page);
  await page.locator('[data-bit="0"]').click();
  await page.locator('#flip-send').click();
  await page.locator('#outcome', { hasText: 'waits for the next fragment' }).waitFor();
  await cards(page).filter({ hasText: 'put in by the server' }).waitFor();
  await send(page, 'another');
  await page.locator('#outcome', { hasText: 'A message ends, with FIN = 1, before the next begins. RFC 6455, section 5.4' }).waitFor();
  await page.locator('#status', { hasText: 'not connected' }).waitFor();
  // The browser's own frame broke it
  assert.equal(await page.locator('.bit.broke').count(), 0);
  assert.match(await cards(page).filter({ hasText: '✗' }).first().innerText(), /text\s*"another"/);

  await page.locator('#flip-reset').click();
  await page.locator('[data-bit="9"]').click();
  await page.locator('#flip-send').click();
  await page.locator('#outcome', { hasText: 'promises 64 bytes more than there are' }).waitFor();
  await page.locator('#cut').click();
  await logged(page, '1006');
});

pageTest('1005, 1006 and 1015 are never sent, and the page says why, whoever is to close', {}, async (page) => {
  await connect(page);
  await page.locator('#goodbye summary').click();
  for (const by of ['you', 'server']) {
    await page.locator(`#close input[value=${by}]`).click();
    for (const [code, why] of [['1005', 'without a code'], ['1006', 'without a Close'], ['1015', 'TLS has failed']] as const) {
      await page.locator('#code').fill(code);
      await page.locator('#close button').click();
      assert.match(await page.locator('#close-error').innerText(), new RegExp(`^${code} is never sent: .*${why} \\(RFC 6455, section 7\\.4\\.1\\)`));
    }
  }
  // Another that the server may not send
  await page.locator('#code').fill('2000');
  await page.locator('#close button').click();
  await logged(page, 'did not do it: this code may not be sent');
  await send(page, 'still here');
  await logged(page, /server\s*still here/);
});

pageTest('the server pings, closes, and cuts', {}, async (page) => {
  await connect(page);
  await page.locator('#ping').click();
  await cards(page).filter({ hasText: /client → server\s*pong/ }).waitFor();
  assert.equal(await cards(page).filter({ hasText: /server → client\s*ping/ }).count(), 1);

  await page.locator('#goodbye summary').click();
  await page.locator('#close input[value=server]').click();
  await page.locator('#code').fill('1012');
  await page.locator('#reason').fill('back soon');
  await page.locator('#close button').click();
  await logged(page, 'Closed with 1012 back soon');

  await page.locator('#connect').click();
  await logged(page, 'connection is open');
  await page.locator('#cut').click();
  await logged(page, '1006');
});

pageTest('one closes with a code of one\'s own; what a page may not send, the browser refuses', {}, async (page) => {
  await connect(page);
  await page.locator('#goodbye summary').click();
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
  await page.locator('#goodbye summary').click();
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
  assert.equal(await page.locator('#flip-send').isDisabled(), true);
  assert.equal(await page.locator('#ping').isDisabled(), true);
  // The messages go on
  await send(page, 'unseen');
  await logged(page, /server\s*unseen/);
  await page.locator('#goodbye summary').click();
  await page.locator('#close button').click();
  await logged(page, 'Closed with 1000 bye');
  await page.locator('#clear').click();
  await connect(page);
  await page.locator('#ping:not([aria-disabled=true])').waitFor();
});
