/** What lib/trace/page.html draws are the bytes that crossed the wire. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import { Program } from '../program.ts';
import { type Locator, visit } from './browser.ts';
import { cards, connect, drawn, pageTest, send, sendHex, sendSize, unfold } from './page.ts';
import { framesOf, headOf, tap, type Tapped } from './tap.ts';

const bitsOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('');

/** The connection that the page's watcher watches. */
const watched = (connections: Tapped[]): Tapped =>
  connections.find(({ sent }) => headOf(sent).indexOf('GET /?trace=') === 0)!;

test('what is drawn are the bytes that crossed the socket', async (t) => {
  const server = await Program.start(t);
  const { url, connections } = await tap(t, server.url);
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
        const frame = framesOf(watched(connections)[way])[i]!.whole;
        const { hex, bits, rest } = await drawn(card);
        assert.equal(hex, frame.toString('hex', 0, hex.length / 2));
        const left = frame.length - hex.length / 2;
        assert.equal(rest, left === 0 ? '' : `… and ${left.toLocaleString('en')} more bytes`);
        // Up to 16 bytes of payload, behind a header of 2 at least
        assert.ok(bits.length >= 8 * Math.min(frame.length, 18), `${bits.length} bits are drawn`);
        assert.equal(bits, bitsOf(frame).slice(0, bits.length));
      }
    }
  });
});

pageTest('the mask is worked out byte by byte, and the fields are named with their values', {}, async (page) => {
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

for (const [way, point] of Object.entries({
  hover: (field: Locator) => field.hover(), focus: (field: Locator) => field.focus(), tap: (field: Locator) => field.tap(),
})) {
  pageTest(`a field under ${way} lights its bytes up and says what it is`, { hasTouch: true }, async (page) => {
    await connect(page);
    await send(page, 'hello');
    await cards(page).nth(3).waitFor();
    const card = cards(page).nth(2), says = card.locator('.says');
    const { hex } = await drawn(card);

    await point(card.locator('.chips button').nth(7));
    assert.equal((await card.locator('.hex .on').allTextContents()).join(''), hex.slice(4, 12));
    const key = hex.slice(4, 12).match(/../g)!;
    assert.deepEqual(await card.locator('.mask .hexed.on').allTextContents(), [...key, key[0]!]);
    assert.match(await says.innerText(), /^masking key = .* RFC 6455, section 5\.3 · read by \w+\(\) in lib\/\S+\.ts$/);
    await point(card.locator('.chips button').nth(4));
    assert.equal((await card.locator('.hex .on').allTextContents()).join(''), '81');
    assert.match(await says.innerText(), /^opcode = 0x1 text .* RFC 6455, section 5\.2 · read by \w+\(\) in lib\/\S+\.ts$/);

    const response = cards(page).nth(1);
    await unfold(response);
    await point(response.locator('.lines button', { hasText: 'Sec-WebSocket-Accept' }));
    const bytes = Buffer.from((await response.locator('.hex .on').allTextContents()).join(''), 'hex').toString();
    assert.match(bytes, /^Sec-WebSocket-Accept: \S{28}\r\n$/);
    assert.match(await response.locator('.says').innerText(), /RFC 6455, section 4\.2\.2 · written by the loop in server\.ts$/);
  });
}

test('the handshake is shown line by line, and the Accept value worked out', async (t) => {
  const server = await Program.start(t);
  const { url, connections } = await tap(t, server.url);
  await visit(t, url.replace('ws:', 'http:'), {}, async (page) => {
    await connect(page);
    const { sent, received } = watched(connections);
    for (const [index, head] of [headOf(sent), headOf(received)].entries()) {
      const card = cards(page).nth(index);
      await unfold(card);
      assert.deepEqual(await card.locator('.lines button').allTextContents(),
        head.toString('latin1').split('\r\n').slice(0, -2));
      assert.equal((await drawn(card)).hex, head.toString('hex'));
    }
    const key = /Sec-WebSocket-Key: (.*)\r\n/i.exec(headOf(sent).toString())![1]!;
    const both = `${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const digest = createHash('sha1').update(both).digest();
    const accept = cards(page).nth(1).locator('.accept');
    assert.deepEqual(await accept.locator('code').allTextContents(),
      [key, both, digest.toString('hex').replace(/..(?=.)/g, '$& '), digest.toString('base64')]);
    assert.match(await accept.innerText(), /✓ The server sent the same\.$/);
  });
});

pageTest('a compressed message is drawn as it crossed, and its text is there inflated', {}, async (page) => {
  await connect(page);
  await send(page, 'hello '.repeat(20));
  await cards(page).nth(3).waitFor();
  for (const index of [2, 3]) {
    const card = cards(page).nth(index);
    assert.match((await drawn(card)).bits, /^11000001/);
    assert.match(await card.innerText(), /Payload, inflated: (hello ?){20}/);
  }
}, '--deflate');
