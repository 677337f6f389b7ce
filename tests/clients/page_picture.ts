/** Makes the front page's picture of the page, tests/pictures/page.png, from a real run: for `npx tsx tests/readme/readme.ts`. */
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { cards, connect, open, send } from './page.ts';

const PICTURES = fileURLToPath(new URL('../pictures', import.meta.url));

test('the picture of the page is made', async (t) => {
  await open(t, { viewport: { width: 1280, height: 860 } }, async (page) => {
    await connect(page);
    await send(page, 'hello');
    await cards(page).nth(3).waitFor();
    await cards(page).nth(2).locator('.chips button', { hasText: 'masking key' }).hover();
    await page.screenshot({ path: `${PICTURES}/page.png` });
  });
});
