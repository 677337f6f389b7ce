/** The blocks of the lesson, out of the bytes of a run: what stands where, byte by byte. */
import { createHash } from 'node:crypto';
import { BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT } from '../../lib/websocket/frame.ts';
import { GUID } from '../../lib/websocket/handshake.ts';
import { columnsOf, pad } from '../columns.ts';
import type { Language } from '../helpers.ts';
import type { Exchange, Lesson } from './run.ts';

const en = {
  colon: ': ', comma: ', ', stop: '; ',
  client: 'client → server', server: 'server → client', bytes: 'bytes',
  key: 'the key', guid: 'and behind it the GUID', sha1: 'SHA-1 of these 60 characters', base64: 'in base64: the Accept',
  last: 'the last frame of its message', notLast: 'more frames of its message follow', opcode: 'opcode',
  continuation: 'continuation', text: 'text', binary: 'binary', close: 'Close', ping: 'Ping', pong: 'Pong',
  masked: 'masked', unmasked: 'not masked', length: 'length', maskingKey: 'the masking key', code: 'the close code',
  sizes: 'bytes of payload   the first bytes of the answer',
  size7: 'in the 7 bits themselves', size16: '126: in the next 16 bits', size64: '127: in the next 64 bits',
};
type Words = typeof en;
const zh: Words = {
  colon: '：', comma: '，', stop: '；',
  client: '客户端 → 服务器', server: '服务器 → 客户端', bytes: '字节',
  key: '请求里的 key', guid: '后面接上 GUID', sha1: '这 60 个字符的 SHA-1', base64: '编成 base64，就是 Accept',
  last: '消息的最后一帧', notLast: '这条消息后面还有帧', opcode: '操作码',
  continuation: '延续帧', text: '文本', binary: '二进制', close: 'Close', ping: 'Ping', pong: 'Pong',
  masked: '有掩码', unmasked: '没有掩码', length: '长度', maskingKey: '掩码密钥', code: '关闭码',
  sizes: '载荷的字节数       应答的前几个字节',
  size7: '就在这 7 位里', size16: '126：在随后的 16 位里', size64: '127：在随后的 64 位里',
};
const WORDS = { en, zh };
const NAMES: Record<number, 'continuation' | 'text' | 'binary' | 'close' | 'ping' | 'pong'> = {
  [CONTINUATION]: 'continuation', [TEXT]: 'text', [BINARY]: 'binary', [CLOSE]: 'close', [PING]: 'ping', [PONG]: 'pong',
};

function hexOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

/** A character a byte, but for \r and \n. */
function charsOf(bytes: Buffer): string {
  return bytes.toString('latin1').replace('\r', '\\r').replace('\n', '\\n');
}

/** Bytes a row: so that the short lines of HTTP have one each. */
const ROW = 23;

/** Each line of HTTP begins a new row. */
function head(bytes: Buffer): string[] {
  const rows: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const line = bytes.indexOf('\n', at) + 1;
    for (; at < line; at += ROW) {
      const row = bytes.subarray(at, Math.min(at + ROW, line));
      rows.push(`${hexOf(row).padEnd(ROW * 3 - 1)}   ${charsOf(row)}`.trimEnd());
    }
    at = line;
  }
  return rows;
}

/** Which way, and how many bytes. */
function title(way: 'client' | 'server', bytes: Buffer, words: Words): string {
  return `${words[way]}${words.comma}${bytes.length} ${words.bytes}`;
}

/** The two heads, and how the one's key becomes the other's Accept. */
function handshakeBlock({ request, response }: Lesson, words: Words): string {
  const key = /Sec-WebSocket-Key: (.*)\r\n/.exec(request.toString())![1]!;
  const digest = createHash('sha1').update(key + GUID).digest();
  const steps = [
    [words.key, key],
    [words.guid, GUID],
    [words.sha1, hexOf(digest)],
    [words.base64, digest.toString('base64')],
  ] as const;
  const wide = Math.max(...steps.map(([name]) => columnsOf(name)));
  return [
    title('client', request, words), ...head(request), '',
    title('server', response, words), ...head(response), '',
    ...steps.map(([name, value]) => `${pad(name, wide)}   ${value}`),
  ].join('\n');
}

function bitsOf(byte: number): string {
  return byte.toString(2).padStart(8, '0').replace(/^(.{4})/, '$1 ');
}

/** A row: the bytes' hex, their bits or how they are unmasked, what they say. */
function row(hex: string, middle: string, says: string): string {
  return `${hex.padEnd(14)}   ${middle.padEnd(12)}   ${says}`.trimEnd();
}

/** A frame of fewer than 126 bytes of payload, a row for what belongs together. */
function frameRows(bytes: Buffer, words: Words): string[] {
  const { colon, stop } = words;
  const first = bytes[0]!, second = bytes[1]!;
  const opcode = first & 0x0f, isMasked = second >= 0x80;
  const key = isMasked ? bytes.subarray(2, 6) : Buffer.alloc(4);
  const masked = bytes.subarray(isMasked ? 6 : 2);
  const plain = Buffer.from(masked.map((byte, i) => byte ^ key[i % 4]!));
  const says = opcode === CLOSE ? `${words.code} ${plain.readUInt16BE()}` : JSON.stringify(plain.toString());

  const fin = `FIN ${first >> 7}${colon}${first >= 0x80 ? words.last : words.notLast}`, rsv = `RSV ${bitsOf(first).slice(1, 4)}`;
  const kind = `${words.opcode} ${bitsOf(first).slice(5)}${colon}${words[NAMES[opcode]!]}`;
  const mask = `MASK ${second >> 7}${colon}${isMasked ? words.masked : words.unmasked}`;
  const header = [
    row(hexOf(bytes.subarray(0, 1)), bitsOf(first), [fin, rsv, kind].join(stop)),
    row(hexOf(bytes.subarray(1, 2)), bitsOf(second), [mask, `${words.length} ${second & 0x7f}`].join(stop)),
  ];
  if (!isMasked) return [...header, row(hexOf(masked), '', says)];
  const payload = Array.from(masked, (_byte, i) => {
    const under = i % 4;
    const unmasking = `^ ${hexOf(key.subarray(under, under + 1))} = ${hexOf(plain.subarray(i, i + 1))}`;
    const means = opcode !== CLOSE ? plain.toString('latin1', i, i + 1) : i === 0 ? says : '';
    return row(hexOf(masked.subarray(i, i + 1)), unmasking, means);
  });
  return [...header, row(hexOf(key), '', words.maskingKey), ...payload];
}

/** Frames and their answer. */
function exchangeBlock({ client, server }: Exchange, words: Words): string {
  const rowsOf = (way: 'client' | 'server', bytes: Buffer): string[] => {
    return [`${title(way, bytes, words)}${words.colon}${hexOf(bytes)}`, ...frameRows(bytes, words)];
  };
  return [...client.flatMap((frame) => [...rowsOf('client', frame), '']), ...rowsOf('server', server)].join('\n');
}

/** How the three forms of the length look. */
function lengthBlock({ lengths }: Lesson, words: Words): string {
  const rows = lengths.map(({ server }) => {
    const length = server[1]!;
    const size = length < 126 ? 2 : length === 126 ? 4 : 10;
    const says = size === 2 ? words.size7 : size === 4 ? words.size16 : words.size64;
    return `${`${server.length - size}`.padStart(16)}   ${hexOf(server.subarray(0, size)).padEnd(29)}   ${says}`;
  });
  return [words.sizes, ...rows].join('\n');
}

/** What the lesson's page shows, each block by its name there. */
export function blocksOf(lesson: Lesson, language: Language): Record<string, string> {
  const words = WORDS[language];
  return {
    handshake: handshakeBlock(lesson, words),
    frame: exchangeBlock(lesson.hello, words),
    lengths: lengthBlock(lesson, words),
    fragments: exchangeBlock(lesson.fragments, words),
    ping: exchangeBlock(lesson.ping, words),
    close: exchangeBlock(lesson.close, words),
  };
}
