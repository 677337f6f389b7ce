/** lib/trace/page.html is for everybody: languages, light and dark, keyboard, screen readers, phones. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { Program } from '../program.ts';
import { type Page, visit } from './browser.ts';
import { cards, logged, pageTest, sendSize, unfold } from './page.ts';

const AXE = fileURLToPath(new URL('node_modules/axe-core/axe.min.js', import.meta.url));

test('it speaks the browser\'s language first, then the one that was chosen', async (t) => {
  const server = await Program.start(t), url = server.url.replace('ws:', 'http:');
  await visit(t, url, { locale: 'zh-TW' }, async (page) => {
    assert.equal(await page.locator('h1').innerText(), 'WebSocket：看清每个字节');
    await page.locator('#connect').click();
    await logged(page, '连接已建立');
    await page.locator('[data-language=en]').click();
    assert.equal(await page.locator('h1').innerText(), 'WebSocket, byte by byte');
    // What was there already, too
    assert.match(await page.locator('#log').innerText(), /The connection is open/);
    assert.match(await cards(page).first().innerText(), /client → server/);
    await page.reload();
    assert.equal(await page.locator('h1').innerText(), 'WebSocket, byte by byte');
    assert.equal(await page.evaluate('document.documentElement.lang'), 'en');
  });
  await visit(t, url, { locale: 'fr-FR' }, async (page) => {
    assert.equal(await page.locator('h1').innerText(), 'WebSocket, byte by byte');
    await page.locator('[data-language=zh]').click();
    assert.equal(await page.evaluate('document.documentElement.lang'), 'zh-CN');
  });
});

/** Everything there is to see, open at once. */
async function showAll(page: Page): Promise<void> {
  await page.evaluate(`for (const part of document.querySelectorAll('#more details')) part.open = true`);
  await page.locator('#breaks button').first().waitFor();
  await page.locator('#connect').click();
  await cards(page).nth(1).waitFor();
  await page.locator('#send button.main').click();
  await cards(page).nth(3).waitFor();
  await sendSize(page, 126);
  await cards(page).nth(5).waitFor();
  for (let i = 0; i < 6; i++) await unfold(cards(page).nth(i));
  await cards(page).nth(2).locator('.chips button').nth(4).focus();
  await page.locator('#close input[value=server]').click();
}

for (const locale of ['en-GB', 'zh-CN']) {
  for (const colorScheme of ['light', 'dark'] as const) {
    pageTest(`axe finds nothing to mend: ${locale}, ${colorScheme}`, { locale, colorScheme, bypassCSP: true }, async (page) => {
      await showAll(page);
      await page.addScriptTag({ path: AXE });
      for (const width of [1280, 360]) {
        await page.setViewportSize({ width, height: 800 });
        assert.deepEqual(await axe(page), []);
      }
      await page.locator('#play').click();
      await page.locator('#next').click();
      assert.deepEqual(await axe(page), []);
    });
  }

  pageTest(`360 pixels are wide enough: ${locale}`, { locale, viewport: { width: 360, height: 740 } }, async (page) => {
    await showAll(page);
    await page.locator('#play').click();
    assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 360);
    // Nothing sticks out of the card it is in
    assert.deepEqual(await page.evaluate(`Array.from(document.querySelectorAll('.pane *, #scene *'))
      .filter((part) => part.getBoundingClientRect().right > 360).map((part) => part.outerHTML.slice(0, 80))`), []);
  });
}

async function axe(page: Page): Promise<unknown> {
  return page.evaluate(`axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0].html.slice(0, 200)
    + ' ' + nodes[0].failureSummary))`);
}

pageTest('it can be used with the keyboard alone', {}, async (page) => {
  await page.locator('#breaks button').first().waitFor();
  const press = async (key: string, until: string): Promise<void> => {
    for (let i = 0; i < 60; i++) {
      if (await page.evaluate(`document.activeElement.matches(${JSON.stringify(until)})`) === true) return;
      await page.keyboard.press(key);
    }
    assert.fail(`${until} is not reached`);
  };
  await press('Tab', '#connect');
  await page.keyboard.press('Enter');
  await logged(page, 'connection is open');
  // The button that cannot be pressed any more keeps the focus
  assert.equal(await page.evaluate('document.activeElement.id'), 'connect');
  await press('Tab', '#text');
  await page.keyboard.press('End');
  await page.keyboard.type('!');
  await page.keyboard.press('Enter');
  await logged(page, /server\s*hello!/);
  // One key to the newest frame, one back
  await page.keyboard.press('ArrowDown');
  assert.equal(await page.evaluate(`document.activeElement.matches('.card:last-child summary')`), true);
  await page.keyboard.press('Escape');
  assert.equal(await page.evaluate('document.activeElement.id'), 'text');
  await press('Tab', '.card:nth-child(3) .chips li:nth-child(5) button');
  assert.match(await cards(page).nth(2).locator('.says').innerText(), /^opcode = 0x1 text/);
  // One sees where one is
  assert.notEqual(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle'), 'none');
});

pageTest('a card under the focus stays open while frames come', {}, async (page) => {
  await page.locator('#breaks button').first().waitFor();
  await page.locator('#connect').click();
  await cards(page).nth(1).waitFor();
  await page.locator('.lines button').first().focus();
  await page.evaluate(`for (let i = 0; i < 3; i++) sendText('hello')`);
  await cards(page).nth(7).waitFor();
  assert.equal(await page.evaluate(`document.activeElement.matches('.lines button')`), true);
});

pageTest('bits are flipped with the keyboard: arrows move, Enter flips, and the focus stays', {}, async (page) => {
  await page.locator('#flip-frame').locator('[data-bit="0"]').focus();
  for (const key of ['ArrowDown', 'ArrowRight', 'ArrowLeft', 'Enter']) await page.keyboard.press(key);
  assert.match(String(await page.evaluate('document.activeElement.ariaLabel')), /^byte 1, bit 0, MASK: 0$/);
  assert.equal(await page.locator('.bit.flipped').count(), 1);
});

// 640 by 430: 1280 by 860 at 200 %
for (const [width, height] of [[1280, 860], [768, 1024], [640, 430], [360, 740]] as const) {
  for (const locale of ['en-GB', 'zh-CN']) {
    pageTest(`the wire is in sight at once, and so is a frame that comes: ${width} by ${height}, ${locale}`, { locale, viewport: { width, height } }, async (page) => {
      await page.locator('#connect:not([aria-disabled=true])').waitFor();
      assert.equal(await page.evaluate(`seen('#wire-title', '#empty')`.replace('seen', SEEN)), true);
      await page.locator('#connect').click();
      await cards(page).nth(1).waitFor();
      for (let i = 2; i < 9; i += 2) {
        await page.locator('#send button.main').click();
        await cards(page).nth(i + 1).waitFor();
        assert.equal(await page.evaluate(`seen('.card:last-child summary', '.card:last-child .hex')`.replace('seen', SEEN)), true);
      }
    });
  }
}

for (const [width, height] of [[1280, 860], [768, 1024], [360, 740]] as const) {
  pageTest(`what came of a flipped bit is in sight, and the bit: ${width} by ${height}`, { viewport: { width, height } }, async (page) => {
    await page.locator('#breaks button').first().waitFor({ state: 'attached' });
    await page.evaluate(`document.getElementById('flip').open = true`);
    await page.locator('[data-bit="1"]').click();
    await page.locator('#flip-send').click();
    await cards(page).filter({ hasText: /server → client\s*The end/ }).waitFor();
    assert.equal(await page.evaluate(`seen('#outcome.broken', '.bit.broke')`.replace('seen', SEEN)), true);
  });
}

/** Whether these are on the screen, and nothing lies over where they begin. */
const SEEN = `((...selectors) => selectors.every((selector) => {
  const part = document.querySelector(selector), { left, top, height } = part.getBoundingClientRect();
  const there = document.elementFromPoint(left + 8, top + Math.min(height, 20) / 2);
  return top >= 0 && part.contains(there);
}))`;

pageTest('on paper are the frames, not the buttons', { locale: 'en-GB' }, async (page) => {
  await page.locator('#breaks button').first().waitFor();
  await page.locator('#connect').click();
  await cards(page).nth(1).waitFor();
  for (let i = 0; i < 3; i++) await page.locator('#send button.main').click();
  await cards(page).nth(7).waitFor();
  await page.emulateMedia({ media: 'print' });
  await page.evaluate(`dispatchEvent(new Event('beforeprint'))`);
  assert.equal(await page.locator('.card .bits').filter({ hasText: 'FIN' }).count(), 6);
  const visible = `Array.from(document.querySelectorAll('button, input'), (part) => part.checkVisibility() ? part.outerHTML : '')
    .filter((html) => html !== '' && !/data-field/.test(html))`;
  assert.deepEqual(await page.evaluate(visible), []);
  for (let i = 0; i < 8; i++) assert.equal(await page.evaluate(`document.querySelectorAll('.card .hex')[${i}].checkVisibility()`), true);
});

pageTest('in Chinese, nothing but names, bytes and code is English', { locale: 'zh-CN' }, async (page) => {
  await showAll(page);
  await page.locator('#breaks button').first().click();
  await page.locator('#flip-send').click();
  await page.locator('#outcome.broken').waitFor();
  await page.locator('#play').click();
  const names = ('Accept Close FIN GUID HTTP Key MASK PHP Ping Protocols RFC RSV SHA Sec Switching Tab UTF Upgrade WebSocket ' +
    'base bye hello key length masking mod opcode payload extended Pong Esc').split(' '), words = new Set<string>();
  for (let i = 0; i < 11; i++) {
    const text = String(await page.evaluate(`Array.from(document.querySelectorAll('h1, h2, h3, h4, p, label, legend, button, summary b, caption, th, figcaption, .says, .what'),
      (part) => part.closest('.lines, .chips, .bits, #inserts') || part.matches('[lang]') ? '' : part.innerText).join(' ') + ' ' + (document.querySelector('#scene-php').innerText.split('  // ')[1] ?? '')`));
    // Files, functions, quoted text, and reasons that crossed the wire
    const rest = text.replace(/\S*\.(?:ts|html)|\w+\(\)|"[^"]*"|Cannot read [\w ]+: [\w ]+/g, '');
    for (const [word] of rest.matchAll(/[A-Za-z]{3,}/g)) words.add(word);
    await page.locator('#next').click();
  }
  assert.deepEqual([...words].filter((word) => !names.includes(word)), []);
});
