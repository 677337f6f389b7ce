/** Scenes up to the handshake. */
import { frame, KEY, REQUEST, request } from '../../wire.ts';
import { type Fact, fieldOf, is101, plain } from '../facts.ts';
import { type Scene, scene } from '../scene_stage.ts';

/** As curl sends it with the article's line. */
const CURL = 'GET / HTTP/1.1\r\nHost: 127.0.0.1:8081\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n' +
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: websocket\r\n\r\n';
const ARTICLES = '101, Accept qVby4apnn2tTYtB1nPPVYUn68gY=';
const LOWER = REQUEST.replace(/^[\w-]+:/gm, (name) => name.toLowerCase());
/** Of 2,000 bytes, the key at its end. */
const LONG = REQUEST.replace('Sec-WebSocket-Key', (key) => `Cookie: ${'x'.repeat(1990 - REQUEST.length)}\r\n${key}`);
const CHROMIUMS = request({
  'Origin': 'https://example.com', 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits',
});

/** One client sends this request; `what` tells of a 101's head what the stage does not note by itself. */
function asks(
  name: string, departure: string | null, shows: Fact, request: string, php: string[], ts: string[],
  what: (head: string) => Fact | null = () => plain('101'),
): Scene {
  return scene(name, departure, shows, php, ts, async (stage) => {
    const head = await stage.handshake(await stage.client(), request);
    const fact = is101(head) && stage.facts.length === 0 ? what(head) : null;
    if (fact !== null) stage.note(fact);
  });
}

/** A request that the PHP takes, whatever is wrong with it. */
function taken(name: string, departure: string, shows: Fact, text: string, status: string): Scene {
  return asks(name, departure, shows, text, ['101'], [status, 'the connection ends']);
}

export const handshake: Scene[] = [
  asks('curl', null, { en: 'the article\'s curl line', zh: '文章中的 curl 命令' }, CURL, [ARTICLES], [ARTICLES],
    (head) => plain(`101, Accept ${fieldOf(head, 'Sec-WebSocket-Accept')}`)),
  asks('line-ends', '6e', { en: 'how the lines of the 101 end', zh: '101 响应的行尾' }, REQUEST, ['LF'], ['CRLF'],
    (head) => plain(/\r\n\r\n$/.test(head) && !/[^\r]\n/.test(head) ? 'CRLF' : 'LF')),
  asks('lower-case', '6a', {
    en: 'a client that writes header names in lower case, as Node\'s does', zh: '字段名用小写的客户端，例如 Node 自带的',
  }, LOWER, ['the server ends'], ['101']),
  scene('request-in-two', '4a', { en: 'a request in two packets', zh: '请求分成两个包' },
    ['the server ends'], ['101'], async (stage) => {
      const client = await stage.client();
      await client.send(REQUEST.slice(0, 30));
      if (!await stage.turn()) return;
      if (is101(await stage.handshake(client, REQUEST.slice(30))) && stage.facts.length === 0) stage.notePlain('101');
    }),
  asks('request-long', '4a', { en: 'a request of 2,000 bytes', zh: '2,000 字节的请求' },
    LONG, ['the server ends'], ['101']),
  scene('request-and-frame', '4a', { en: 'a request and "hello" in one packet', zh: '请求和 hello 在同一个包里' },
    ['101', 'no answer'], ['101', 'text "hello"'], async (stage) => {
      const client = await stage.client();
      if (!is101(await stage.handshake(client, REQUEST, frame(0x1, 'hello')))) return;
      if (stage.facts.length === 0) stage.notePlain('101');
      await stage.noteFrames(client);
    }),
  asks('no-key', '9a', { en: 'a request without a key', zh: '没有 Sec-WebSocket-Key 的请求' },
    request({ 'Sec-WebSocket-Key': null }), ['the server ends'], ['400', 'the connection ends']),
  asks('plain-get', '6b', { en: 'the port opened in a browser\'s address bar', zh: '在浏览器地址栏里打开这个端口' },
    'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: keep-alive\r\n\r\n',
    ['the server ends'], ['200', 'the connection ends']),
  taken('version-8', '6b', { en: 'a client of WebSocket\'s version 8', zh: '使用 WebSocket 版本 8 的客户端' },
    request({ 'Sec-WebSocket-Version': '8' }), '426'),
  taken('key-empty', '6b', { en: 'a key of no characters', zh: '空的 key' }, request({ 'Sec-WebSocket-Key': '' }), '400'),
  taken('key-twice', '6b', { en: 'a request with two keys', zh: '有两个 key 的请求' },
    REQUEST.replace(/Sec-WebSocket-Key.*\r\n/, '$&$&'), '400'),
  taken('post', '6b', { en: 'POST instead of GET', zh: '用 POST 代替 GET' }, request({}, 'POST / HTTP/1.1'), '405'),
  taken('http-1-0', '6b', { en: 'HTTP/1.0', zh: 'HTTP/1.0' }, request({}, 'GET / HTTP/1.0'), '400'),
  taken('no-host', '6b', { en: 'a request without Host', zh: '没有 Host 的请求' }, request({ Host: null }), '400'),
  taken('no-upgrade', '6b', { en: 'a request without Upgrade', zh: '没有 Upgrade 的请求' }, request({ Upgrade: null }), '426'),
  asks('subprotocol', '6c', {
    en: 'a client that offers the subprotocols chat and superchat', zh: '提出 chat 和 superchat 子协议的客户端',
  }, request({ 'Sec-WebSocket-Protocol': 'chat, superchat' }), ['none is chosen'], ['chat'], (head) => {
    const chosen = fieldOf(head, 'Sec-WebSocket-Protocol');
    return chosen === null ? { en: 'none is chosen', zh: '都没有选' } : plain(chosen);
  }),
  asks('extensions-and-origin', '6d', {
    en: 'a page of another site that offers compression, as Chromium does', zh: '别的网站的网页，并提出压缩（Chromium 就是这样）',
  }, CHROMIUMS, ['101, no compression'], ['101, no compression'], (head) => {
    return fieldOf(head, 'Sec-WebSocket-Extensions') === null ? { en: '101, no compression', zh: '101，不压缩' } : null;
  }),
  asks('key-spaces', '6f', { en: 'two spaces before the key, one after it', zh: 'key 前有两个空格，后有一个' },
    request({ 'Sec-WebSocket-Key': ` ${KEY} ` }), ['101, wrong Sec-WebSocket-Accept'], ['101']),
  asks('key-no-space', '6f', { en: 'no space before the key', zh: 'key 前没有空格' },
    REQUEST.replace('Key: ', 'Key:'), ['the server ends'], ['101']),
  asks('request-lf', '6f', { en: 'lines that end in LF alone', zh: '各行只以 LF 结尾' },
    REQUEST.replaceAll('\r', ''), ['the server ends'], ['400', 'the connection ends']),
  taken('other-name', '6f', {
    en: 'X-Sec-WebSocket-Key, which is another header', zh: 'X-Sec-WebSocket-Key，那是另一个字段',
  }, REQUEST.replace('Sec-WebSocket-Key', 'X-$&'), '400'),
  taken('no-http', '6f', { en: 'no HTTP, but the name and a key', zh: '不是 HTTP，却含有这个名称和 key' },
    `hello Sec-WebSocket-Key: ${KEY}\r\n\r\n`, '400'),
];
