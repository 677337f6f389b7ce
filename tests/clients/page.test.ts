/** lib/page.html in Chromium, with server.ts behind it. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test, { type TestContext } from 'node:test';
import { BREAKS } from '../../lib/breaks.ts';
import { type Random, randomOf } from '../helpers.ts';
import { Program } from '../program.ts';
import { type Locator, type Page, type Setting, visit } from './browser.ts';
import { DEADLINE } from './program.ts';
import { tap, type Wire } from './tap.ts';

const TOP = new URL('../../', import.meta.url);
const AXE = fileURLToPath(new URL('node_modules/axe-core/axe.min.js', import.meta.url));

/** The page of a server of its own. */
async function open(t: TestContext, setting: Setting, play: (page: Page) => Promise<void>): Promise<void> {
  const server = await Program.start(t);
  await visit(t, server.url.replace('ws:', 'http:'), setting, play);
}

/** The connection's cards, from 0, or one of them when it has come. */
const cards = (page: Page): Locator => page.locator('.card');

async function connect(page: Page): Promise<void> {
  await page.locator('#breaks button').first().waitFor();
  await page.locator('#connect').click();
  await cards(page).nth(1).waitFor();
  await logged(page, 'connection is open');
}

async function send(page: Page, text: string): Promise<void> {
  await page.locator('#text').fill(text);
  await page.locator('#send button.main').click();
}

async function logged(page: Page, what: string | RegExp): Promise<void> {
  await page.locator('#log p', { hasText: what }).last().waitFor();
}

async function unfold(card: Locator): Promise<void> {
  if (await card.locator('details[open]').count() === 0) await card.locator('summary').click();
  await card.locator('.body').waitFor();
}

/** What a card shows of its bytes: in hexadecimal, and as the digits in its drawing. */
async function drawn(card: Locator): Promise<{ hex: string; bits: string; rest: string }> {
  await unfold(card);
  const bytes = await card.locator('.hex span').allTextContents();
  const digits = await card.locator('.bits .digits').allTextContents();
  const rest = bytes.at(-1)?.startsWith('…') ? bytes.pop()! : '';
  return { hex: bytes.join(''), bits: digits.join(''), rest };
}

const bitsOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('');

/** The frames of one direction, one after another; the head before them is left out. */
function framesOf(all: Buffer): Buffer[] {
  let rest = all.subarray(all.indexOf('\r\n\r\n') + 4);
  const frames: Buffer[] = [];
  while (rest.length > 0) {
    const short = rest[1]! & 0b0111_1111, masked = rest[1]! >> 7;
    const length = short === 126 ? rest.readUInt16BE(2) : short === 127 ? Number(rest.readBigUInt64BE(2)) : short;
    const size = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0) + 4 * masked + length;
    frames.push(rest.subarray(0, size));
    rest = rest.subarray(size);
  }
  return frames;
}

/** The connection that the page's watcher watches. */
const watched = (wires: Wire[]): Wire => wires.find(({ sent }) => sent.indexOf('GET /?trace=') === 0)!;

test('what is drawn are the bytes that crossed the socket', { timeout: DEADLINE }, async (t) => {
  const server = await Program.start(t);
  const { url, wires } = await tap(t, server.url);
  await visit(t, url.replace('ws:', 'http:'), {}, async (page) => {
    await connect(page);
    const messages = [
      () => send(page, 'hello'),
      () => send(page, '你好 🌍'),
      () => send(page, ''),
      () => sendHex(page, '00 ff 7f 80'),
      ...[126, 65536].map((size) => () => sendSize(page, size)),
    ];
    for (const [i, message] of messages.entries()) {
      await message();
      const sent = cards(page).nth(2 + 2 * i), received = cards(page).nth(3 + 2 * i);
      await received.waitFor();
      for (const [card, way] of [[sent, 'sent'], [received, 'received']] as const) {
        const frame = framesOf(watched(wires)[way])[i]!;
        const { hex, bits, rest } = await drawn(card);
        assert.equal(hex, frame.toString('hex', 0, hex.length / 2));
        const left = frame.length - hex.length / 2;
        assert.equal(rest, left === 0 ? '' : `… and ${left.toLocaleString('en')} more bytes`);
        // Up to 32 bytes of payload, behind a header of 14 at most
        assert.ok(bits.length >= 8 * Math.min(frame.length, 34), `${bits.length} bits are drawn`);
        assert.equal(bits, bitsOf(frame).slice(0, bits.length));
      }
    }
  });
});

async function sendHex(page: Page, hex: string): Promise<void> {
  await page.locator('input[value=hex]').click();
  await page.locator('#hex').fill(hex);
  await page.locator('#send button.main').click();
}

async function sendSize(page: Page, size: number): Promise<void> {
  await page.locator('input[value=size]').click();
  await page.locator('#size').fill(String(await page.evaluate(`SIZES.indexOf(${size})`)));
  await page.locator('#send button.main').click();
}

test('the mask is worked out byte by byte, and the fields are named with their values', { timeout: DEADLINE }, async (t) => {
  await open(t, {}, async (page) => {
    await connect(page);
    await send(page, 'hello');
    await cards(page).nth(3).waitFor();
    const card = cards(page).nth(2);
    const bytes = Buffer.from((await drawn(card)).hex, 'hex');

    const rows = await card.locator('.mask tbody td').allTextContents();
    const expected = Array.from('hello', (char, i) => {
      const numbers = [bytes[6 + i]!, bytes[2 + i % 4]!, char.charCodeAt(0)];
      return [...numbers.flatMap((byte) => [byte.toString(16).padStart(2, '0'), byte.toString(2).padStart(8, '0')]), char];
    });
    assert.deepEqual(rows, expected.flat());

    const key = bytes.toString('hex', 2, 6).replace(/..(?=.)/g, '$& ');
    assert.deepEqual(await card.locator('.chips button').allTextContents(), ['FIN=1', 'RSV1=0', 'RSV2=0', 'RSV3=0',
      'opcode=0x1 text', 'MASK=1', 'length=5', `masking key=${key}`, 'payload']);
    assert.deepEqual(await cards(page).nth(3).locator('.chips button').allTextContents(), ['FIN=1', 'RSV1=0', 'RSV2=0',
      'RSV3=0', 'opcode=0x1 text', 'MASK=0', 'length=5', 'payload']);
  });
});

for (const [way, point] of Object.entries({
  hover: (field: Locator) => field.hover(), focus: (field: Locator) => field.focus(), tap: (field: Locator) => field.tap(),
})) {
  test(`a field under ${way} lights its bytes up and says what it is`, { timeout: DEADLINE }, async (t) => {
    await open(t, { hasTouch: true }, async (page) => {
      await connect(page);
      await send(page, 'hello');
      await cards(page).nth(3).waitFor();
      const card = cards(page).nth(2), says = card.locator('.says');
      const { hex } = await drawn(card);

      await point(card.locator('.chips button').nth(7));
      assert.equal((await card.locator('.hex .on').allTextContents()).join(''), hex.slice(4, 12));
      assert.match(await says.innerText(), /^masking key = .* RFC 6455, section 5\.3 · read by lib\/frame\.ts:\d+$/);
      await point(card.locator('.chips button').nth(4));
      assert.equal((await card.locator('.hex .on').allTextContents()).join(''), '81');
      assert.match(await says.innerText(), /^opcode = 0x1 text .* RFC 6455, section 5\.2 · read by lib\/frame\.ts:\d+$/);

      const response = cards(page).nth(1);
      await unfold(response);
      await point(response.locator('.lines button', { hasText: 'Sec-WebSocket-Accept' }));
      const bytes = Buffer.from((await response.locator('.hex .on').allTextContents()).join(''), 'hex').toString();
      assert.match(bytes, /^Sec-WebSocket-Accept: \S{28}\r\n$/);
      assert.match(await response.locator('.says').innerText(), /RFC 6455, section 4\.2\.2 · written by server\.ts:\d+$/);
    });
  });
}

test('the handshake is shown line by line, and the Accept value worked out', { timeout: DEADLINE }, async (t) => {
  const server = await Program.start(t);
  const { url, wires } = await tap(t, server.url);
  await visit(t, url.replace('ws:', 'http:'), {}, async (page) => {
    await connect(page);
    const { sent, received } = watched(wires);
    for (const [index, head] of [sent, received].entries()) {
      const card = cards(page).nth(index);
      await unfold(card);
      assert.deepEqual(await card.locator('.lines button').allTextContents(),
        head.toString('latin1').split('\r\n').slice(0, -2));
      assert.equal((await drawn(card)).hex, head.toString('hex'));
    }
    const key = /Sec-WebSocket-Key: (.*)\r\n/i.exec(sent.toString())![1]!;
    const both = `${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const digest = createHash('sha1').update(both).digest();
    const accept = cards(page).nth(1).locator('.accept');
    assert.deepEqual(await accept.locator('code').allTextContents(),
      [key, both, digest.toString('hex').replace(/..(?=.)/g, '$& '), digest.toString('base64')]);
    assert.match(await accept.innerText(), /✓ The server sent the same\.$/);
  });
});

test('its own SHA-1 is that of others, at every length around a block', { timeout: DEADLINE }, async (t) => {
  await open(t, {}, async (page) => {
    const ours = await page.evaluate(`Array.from({ length: 200 }, (_, n) => hexOf(sha1(new Uint8Array(n).fill(n))).replaceAll(' ', ''))`);
    const theirs = Array.from({ length: 200 }, (_, n) => createHash('sha1').update(new Uint8Array(n).fill(n)).digest('hex'));
    assert.deepEqual(ours, theirs);
  });
});

test('every rule that can be broken ends in the Close that its button names', { timeout: DEADLINE }, async (t) => {
  await open(t, {}, async (page) => {
    await connect(page);
    for (const [what, { code, bytes }] of Object.entries(BREAKS)) {
      if (await page.locator('#connect').isDisabled() === false) {
        await page.locator('#connect').click();
        await logged(page, 'connection is open');
      }
      await page.locator('#clear').click();
      const button = page.locator(`#breaks button[data-what=${what}]`);
      assert.match(await button.innerText(), new RegExp(`→ ${code}$`));
      await button.click();
      await logged(page, `Closed with ${code}`);
      const injected = cards(page).filter({ hasText: 'put in by the server' });
      assert.ok(bytes.toString('hex').startsWith((await drawn(injected.first())).hex), what);
      await cards(page).filter({ hasText: /server → client\s*close\s*10/ }).filter({ hasText: String(code) }).first().waitFor();
      await page.evaluate(`log = []; document.getElementById('log').replaceChildren()`);
    }
    assert.deepEqual(await page.locator('#breaks button').count(), Object.keys(BREAKS).length);
  });
});

test('the server pings, closes, and cuts', { timeout: DEADLINE }, async (t) => {
  await open(t, {}, async (page) => {
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
});

test('one closes with a code of one\'s own; what a page may not send, the browser refuses', { timeout: DEADLINE }, async (t) => {
  await open(t, {}, async (page) => {
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
});

test('hexadecimal that is none is refused in words', { timeout: DEADLINE }, async (t) => {
  await open(t, {}, async (page) => {
    await connect(page);
    for (const wrong of ['0', '0g', 'abc']) {
      await sendHex(page, wrong);
      assert.match(await page.locator('#send-error').innerText(), /pairs of the digits/);
    }
    await sendHex(page, '0x00,ff');
    await page.locator('#send-error').waitFor({ state: 'hidden' });
    assert.equal((await drawn(cards(page).nth(3))).hex, '820200ff');
  });
});

test('a message is text, whatever it looks like', { timeout: DEADLINE }, async (t) => {
  await open(t, {}, async (page) => {
    await connect(page);
    const message = '<img src=x onerror=alert(1)><script>alert(2)</script>"\'&lt;';
    await send(page, message);
    await logged(page, message);
    await unfold(cards(page).nth(3));
    await page.locator('#reason').fill(message);
    await page.locator('#close button').click();
    await logged(page, `Closed with 1000 ${message}`);
    await unfold(cards(page).last());
    assert.equal(await page.locator('img').count(), 0);
    assert.equal(await page.locator('script').count(), 1);
    const lines = await page.locator('#log p').allTextContents();
    assert.equal(lines.filter((line) => line.endsWith(message)).length, 3);
  });
});

test('it speaks the browser\'s language first, then the one that was chosen', { timeout: DEADLINE }, async (t) => {
  const server = await Program.start(t), url = server.url.replace('ws:', 'http:');
  await visit(t, url, { locale: 'zh-TW' }, async (page) => {
    assert.equal(await page.locator('html').first().locator('h1').innerText(), 'WebSocket：看清每个字节');
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
    assert.deepEqual(await page.evaluate(`Object.entries(WORDS).concat(STORY.map(({ says }, i) => [i, says]))
      .filter(([, both]) => both.length !== 2 || both.some((text) => typeof text !== 'string' || text === '')
        || /[\\u4e00-\\u9fff]/.test(both[0]) || (/[a-z]{3}/.test(both[0].replace(/\\{\\w+\\}|RFC|XOR/g, '')) && !/[\\u4e00-\\u9fff]/.test(both[1])))`), []);
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
    test(`axe finds nothing to mend: ${locale}, ${colorScheme}`, { timeout: DEADLINE }, async (t) => {
      await open(t, { locale, colorScheme, bypassCSP: true }, async (page) => {
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
    });
  }

  test(`360 pixels are wide enough: ${locale}`, { timeout: DEADLINE }, async (t) => {
    await open(t, { locale, viewport: { width: 360, height: 740 } }, async (page) => {
      await showAll(page);
      await page.locator('#play').click();
      assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 360);
      // Nothing sticks out of the card it is in
      assert.deepEqual(await page.evaluate(`Array.from(document.querySelectorAll('.pane *, #scene *'))
        .filter((part) => part.getBoundingClientRect().right > 360).map((part) => part.outerHTML.slice(0, 80))`), []);
    });
  });
}

async function axe(page: Page): Promise<unknown> {
  return page.evaluate(`axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0].html.slice(0, 200)
    + ' ' + nodes[0].failureSummary))`);
}

test('it follows the system into the dark', { timeout: DEADLINE }, async (t) => {
  await open(t, {}, async (page) => {
    const paper = (): Promise<unknown> => page.evaluate('getComputedStyle(document.body).backgroundColor');
    await page.emulateMedia({ colorScheme: 'light' });
    assert.equal(await paper(), 'rgb(246, 246, 242)');
    await page.emulateMedia({ colorScheme: 'dark' });
    assert.equal(await paper(), 'rgb(20, 23, 26)');
  });
});

test('it can be used with the keyboard alone', { timeout: DEADLINE }, async (t) => {
  await open(t, {}, async (page) => {
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
});

test('the story goes through the handshake, hello and close, each beside its line', { timeout: DEADLINE }, async (t) => {
  const server = readFileSync(new URL('server.ts', TOP), 'utf8').split('\n').map((line) => line.trim());
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

test('the story goes on by itself, slowly, and stands still when told to', { timeout: DEADLINE }, async (t) => {
  await open(t, {}, async (page) => {
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
});

test('events that are no events do not break it, and it holds a hundred at most', { timeout: DEADLINE }, async (t) => {
  const random = randomOf(t);
  await open(t, {}, async (page) => {
    await connect(page);
    await send(page, 'hello');
    await cards(page).nth(3).waitFor();
    const good = ['request', 'response', 'frame', 'frame'].map((kind, i) => ({
      n: i, kind, from: i % 2 === 0 ? 'client' : 'server', at: 1.5, step: 7, size: 11, hex: '818537fa213d7f9f4d5158',
      head: [{ name: 'Sec-WebSocket-Key', value: 'x', at: 0, size: 5, section: '4.1', line: 'lib/http.ts:1' }],
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

/** An event as JSON, in which some places hold something else; now and then no JSON at all. */
function spoiled(random: Random, event: object): string {
  const wrong = [null, true, -1, 1e308, 2 ** 53, 0.5, '', '8', 'zz', '<b>', '\u202e', 'ff'.repeat(9000), [], {}, [null, 1, {}],
    { en: 1, zh: null }, { en: '<i>', zh: '<i>' }, '__proto__', 'constructor', 'table', 'lost', 'refused', 65, 1e9];
  const spoil = (value: unknown): unknown => {
    if (random(8) === 0) return wrong[random(wrong.length)];
    if (Array.isArray(value)) return value.map(spoil);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, spoil(one)]));
  };
  const text = JSON.stringify(spoil(event));
  if (random(20) !== 0) return text;
  const at = random(text.length);
  return text.slice(0, at) + String.fromCharCode(random(65536)) + text.slice(at + random(3));
}

test('a connection that sends anything at all leaves the page as it was', { timeout: DEADLINE }, async (t) => {
  const random = randomOf(t);
  await open(t, {}, async (page) => {
    await connect(page);
    for (let i = 0; i < 40; i++) {
      const bytes = Array.from({ length: random(300) }, () => random(256));
      await page.evaluate(random(2) === 0 ? `watched.send(new Uint8Array(${JSON.stringify(bytes)}))`
        : `watched.send(String.fromCharCode(...${JSON.stringify(bytes)}))`);
    }
    await send(page, 'the last one');
    await cards(page).filter({ hasText: /server → client.*the last one/s }).waitFor();
    assert.equal(await cards(page).count(), 84);
  });
});
