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
  await page.locator('#breaks button').first().waitFor();
  await page.locator('#connect').click();
  await page.locator('#text:enabled').waitFor();
  await cards(page).nth(1).waitFor();
  await page.locator('#send button.main:enabled').click();
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
  await press('Tab', '#text');
  await page.keyboard.press('End');
  await page.keyboard.type('!');
  await page.keyboard.press('Enter');
  await logged(page, /server\s*hello!/);
  await press('Tab', '.card:nth-child(3) .chips li:nth-child(5) button');
  assert.match(await cards(page).nth(2).locator('.says').innerText(), /^opcode = 0x1 text/);
  // One sees where one is
  assert.notEqual(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle'), 'none');
});
