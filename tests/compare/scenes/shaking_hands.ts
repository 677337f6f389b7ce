/** Scenes up to the handshake. */
import { KEY, frame, REQUEST, request } from '../../wire.ts';
import { fieldOf, plain } from '../facts.ts';
import type { Scene } from '../scene.ts';

/** As curl sends it with the article's line. */
const CURL = 'GET / HTTP/1.1\r\nHost: 127.0.0.1:8081\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n' +
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: websocket\r\n\r\n';

const HELLO = frame(0x1, 'hello');

export const handshake: Scene[] = [
  {
    name: 'curl',
    shows: { en: 'the article\'s curl line', zh: '文章中的 curl 命令' },
    php: ['101, Accept qVby4apnn2tTYtB1nPPVYUn68gY='],
    ts: ['101, Accept qVby4apnn2tTYtB1nPPVYUn68gY='],
    play: async (stage) => {
      const head = await stage.handshake(await stage.client(), CURL);
      if (head !== '') stage.notePlain(`101, Accept ${fieldOf(head, 'Sec-WebSocket-Accept')}`);
    },
  },
  {
    name: 'line-ends',
    shows: { en: 'how the lines of the 101 end', zh: '101 响应的行尾' },
    row: '6e',
    php: ['LF'],
    ts: ['CRLF'],
    play: async (stage) => {
      const head = await stage.handshake(await stage.client());
      stage.notePlain(/\r\n\r\n$/.test(head) && !/[^\r]\n/.test(head) ? 'CRLF' : 'LF');
    },
  },
  {
    name: 'lower-case',
    shows: { en: 'a client that writes header names in lower case, as Node\'s does', zh: '请求头名用小写的客户端，例如 Node 自带的' },
    row: '6a',
    php: ['the server ends'],
    ts: ['101'],
    play: async (stage) => {
      const lower = REQUEST.replace(/^[\w-]+:/gm, (name) => name.toLowerCase());
      if (await stage.handshake(await stage.client(), lower) !== '') stage.notePlain('101');
    },
  },
  {
    name: 'request-in-two',
    shows: { en: 'a request in two packets', zh: '请求分成两个包' },
    row: '4a',
    php: ['the server ends'],
    ts: ['101'],
    play: async (stage) => {
      const client = await stage.client();
      await client.send(REQUEST.slice(0, 30));
      if (!await stage.turn()) return;
      if (await stage.handshake(client, REQUEST.slice(30)) !== '') stage.notePlain('101');
    },
  },
  {
    name: 'request-long',
    shows: { en: 'a request of 2,000 bytes', zh: '2,000 字节的请求' },
    row: '4a',
    php: ['the server ends'],
    ts: ['101'],
    play: async (stage) => {
      const filler = 'x'.repeat(2000 - REQUEST.length - 'Cookie: \r\n'.length);
      const long = request({ 'Sec-WebSocket-Key': null, 'Cookie': filler, 'sec-websocket-key': KEY })
        .replace('sec-websocket-key', 'Sec-WebSocket-Key');
      if (await stage.handshake(await stage.client(), long) !== '') stage.notePlain('101');
    },
  },
  {
    name: 'request-and-frame',
    shows: { en: 'a request and "hello" in one packet', zh: '请求和 hello 在同一个包里' },
    row: '4a',
    php: ['no answer'],
    ts: ['text "hello"'],
    play: async (stage) => {
      const client = await stage.client();
      await client.send(REQUEST, HELLO);
      await stage.turn();
      await client.wire.anyHead(0);
      await stage.noteFrames(client);
    },
  },
  {
    name: 'no-key',
    shows: { en: 'a request without a key', zh: '没有 Sec-WebSocket-Key 的请求' },
    row: '9a',
    php: ['the server ends'],
    ts: ['400', 'the connection ends'],
    play: async (stage) => { await stage.handshake(await stage.client(), request({ 'Sec-WebSocket-Key': null })); },
  },
  {
    name: 'plain-get',
    shows: { en: 'the port opened in a browser\'s address bar', zh: '在浏览器地址栏里打开这个端口' },
    row: '6b',
    php: ['the server ends'],
    ts: ['200', 'the connection ends'],
    play: async (stage) => {
      await stage.handshake(await stage.client(), 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: keep-alive\r\n\r\n');
    },
  },
  {
    name: 'version-8',
    shows: { en: 'a client of WebSocket\'s version 8', zh: '使用 WebSocket 版本 8 的客户端' },
    row: '6b',
    php: ['101'],
    ts: ['426', 'the connection ends'],
    play: async (stage) => {
      const head = await stage.handshake(await stage.client(), request({ 'Sec-WebSocket-Version': '8' }));
      if (head.includes('101')) stage.notePlain('101');
    },
  },
  {
    name: 'subprotocol',
    shows: { en: 'a client that offers the subprotocols chat and superchat', zh: '提供 chat 和 superchat 子协议的客户端' },
    row: '6c',
    php: ['none is chosen'],
    ts: ['chat'],
    play: async (stage) => {
      const head = await stage.handshake(await stage.client(), request({ 'Sec-WebSocket-Protocol': 'chat, superchat' }));
      const chosen = fieldOf(head, 'Sec-WebSocket-Protocol');
      stage.note(chosen === null ? { en: 'none is chosen', zh: '都没有选' } : plain(chosen));
    },
  },
  {
    name: 'extensions-and-origin',
    shows: { en: 'a page of another site that offers compression, as Chromium does', zh: '别的网站的页面，并提供压缩（Chromium 就是这样）' },
    row: '6d',
    php: ['101, no compression'],
    ts: ['101, no compression'],
    play: async (stage) => {
      const head = await stage.handshake(await stage.client(), request({
        'Origin': 'https://example.com', 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits',
      }));
      if (head.includes('101') && fieldOf(head, 'Sec-WebSocket-Extensions') === null) {
        stage.note({ en: '101, no compression', zh: '101，不压缩' });
      }
    },
  },
];
