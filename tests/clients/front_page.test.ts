/** The front page's lines for the browser's console, pasted where it says. */
import assert from 'node:assert/strict';
import { read } from '../readme/parts.ts';
import { pageTest } from './page.ts';

// In a tab that has been elsewhere: Chromium lets about:blank connect to this machine only in a new one
pageTest('they print hello and closed 1005 on the server\'s own page', {}, async (page) => {
  await page.goto(`${String(await page.evaluate('location.href'))}?elsewhere`);
  const [, lines] = /^```js\n([^]*?)^```$/m.exec(read('README.md'))!;
  // What is printed is a fault of the page's, so it goes elsewhere
  const said = await page.evaluate(`new Promise((resolve) => {
    const said = [];
    console.log = (...words) => {
      said.push(words.join(' '));
      if (said.length === 1) ws.close(); else resolve(said);
    };
    ${lines!.replace(`'ws://127.0.0.1:8081'`, 'location.origin.replace("http", "ws")')}
  })`);
  assert.deepEqual(said, ['hello', 'closed 1005']);
});
