/** Scenes of messages. */
import { closing, frame } from '../../wire.ts';
import { framesOf } from '../facts.ts';
import type { Scene } from '../scene.ts';
import type { Stage } from '../scene_stage.ts';

const HELLO = frame(0x1, 'hello');

/** One client sends these packets, each when the last one was served; its payloads may come back. */
function sends(packets: Uint8Array[], ...payloads: (Uint8Array | string)[]): (stage: Stage) => Promise<void> {
  return async (stage) => {
    await stage.exchange(await stage.shaken(), packets, payloads.map((one) => Buffer.from(one)));
  };
}

/** A text of so many bytes, no two parts of it alike. */
function textOf(length: number): string {
  let text = '';
  for (let i = 0; text.length < length; i++) text += `${i} `;
  return text.slice(0, length);
}

function sized(length: number, known: { php: string[]; ts: string[]; row?: string }): Scene {
  const count = length.toLocaleString('en');
  return {
    name: `size-${length}`,
    shows: { en: `a message of ${count} bytes`, zh: `${count} 字节的消息` },
    ...known,
    play: sends([frame(0x1, textOf(length))], textOf(length)),
  };
}

/** The same where a read holds the whole frame, and the departure where it does not. */
function whole(length: number, what: string): Scene {
  return sized(length, { php: [what], ts: [what] });
}
function cut(length: number): Scene {
  // 1,024 bytes less the frame's header
  const php = [`text of ${length < 65536 ? '1,016' : '1,010'} bytes`, 'then garbage'];
  return sized(length, { row: '4b', php, ts: [`text, the same ${length.toLocaleString('en')} bytes`] });
}

const LOW = Buffer.from(Array.from({ length: 16 }, (_, i) => i));
const LOW_TEXT = 'text 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f';

export const messages: Scene[] = [
  {
    name: 'hello',
    shows: { en: 'a text, and the numbers that both print', zh: '一条文本消息，以及双方打印的编号' },
    row: '2a',
    php: ['text "hello"'],
    ts: ['text "hello"'],
    play: sends([HELLO], 'hello'),
  },
  {
    name: 'chinese',
    shows: { en: 'Chinese and an emoji', zh: '中文和表情符号' },
    php: ['text "你好,世界 🐘"'],
    ts: ['text "你好,世界 🐘"'],
    play: sends([frame(0x1, '你好,世界 🐘')], '你好,世界 🐘'),
  },
  whole(0, 'text ""'),
  whole(125, 'text, the same 125 bytes'),
  whole(126, 'text, the same 126 bytes'),
  cut(2000),
  cut(65535),
  cut(65536),
  {
    name: 'low-bytes',
    shows: { en: 'bytes below 0x10, on which a codec that goes by dechex breaks', zh: '小于 0x10 的字节：用 dechex 的编码函数会在这里出错' },
    php: [LOW_TEXT],
    ts: [LOW_TEXT],
    also: { row: '7e', php: ['8 of a frame\'s 16 bytes'] },
    console: 'free',
    play: sends([frame(0x1, LOW)], LOW),
  },
  {
    name: 'two-in-one',
    shows: { en: 'two frames in one packet', zh: '一个包里有两帧' },
    row: '4b',
    php: ['text "hello"'],
    ts: ['text "hello"', 'text "world"'],
    play: sends([Buffer.concat([HELLO, frame(0x1, 'world')])], 'hello', 'world'),
  },
  {
    name: 'one-in-two',
    shows: { en: 'one frame in two packets', zh: '一帧分成两个包' },
    row: '4b',
    php: ['text "he"', 'then garbage'],
    ts: ['text "hello"'],
    play: sends([HELLO.subarray(0, 8), HELLO.subarray(8)], 'hello'),
  },
  {
    name: 'fragments',
    shows: { en: 'a message in two fragments', zh: '一条消息分成两个分片' },
    row: '4b',
    php: ['text "hel"', 'text "lo"'],
    ts: ['text "hello"'],
    play: sends([frame(0x1, 'hel', { fin: false }), frame(0x0, 'lo')], 'hello', 'hel', 'lo'),
  },
  {
    name: 'ping',
    shows: { en: 'a ping', zh: 'ping 帧' },
    row: '7a',
    php: ['text "are you there?"'],
    ts: ['pong "are you there?"'],
    console: 'free',
    play: sends([frame(0x9, 'are you there?')], 'are you there?'),
  },
  {
    name: 'binary',
    shows: { en: 'a binary message', zh: '二进制消息' },
    row: '7a',
    php: ['text c0 ff ee'],
    ts: ['binary c0 ff ee'],
    console: 'free',
    play: sends([frame(0x2, Buffer.of(0xc0, 0xff, 0xee))], Buffer.of(0xc0, 0xff, 0xee)),
  },
  {
    name: 'unmasked',
    shows: { en: 'a frame that is not masked', zh: '没有掩码的帧' },
    row: '7b',
    php: ['text 07'],
    ts: ['close 1002 "Cannot read frame: it is not masked"', 'the connection ends'],
    play: sends([frame(0x1, 'hello', { masked: false })]),
  },
  {
    name: 'bad-utf-8',
    shows: { en: 'a text that is not UTF-8', zh: '不是 UTF-8 的文本' },
    row: '7b',
    php: ['text 68 65 ff 6c 6f'],
    ts: ['close 1007 "Cannot read message: text is not UTF-8"', 'the connection ends'],
    play: sends([frame(0x1, Buffer.from('he\xfflo', 'latin1'))]),
  },
  {
    name: 'too-big',
    shows: { en: 'a frame that says it has 2^62 bytes', zh: '声称有 2^62 字节的帧' },
    row: '7b',
    php: ['text "hello"'],
    ts: ['close 1009 "Cannot read message: it has more than 16777216 bytes"', 'the connection ends'],
    play: sends([Buffer.concat([Buffer.of(0x81, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), Buffer.from('hello')])]),
  },
  {
    name: 'control-characters',
    shows: { en: 'a message that would colour the terminal red', zh: '会把终端变成红色的消息' },
    row: '7c',
    php: ['the terminal gets ESC[31m'],
    ts: ['the terminal gets \\x1b[31m'],
    play: async (stage) => {
      const client = await stage.shaken();
      await client.send(frame(0x1, '\x1b[31mred'));
      await stage.settle(client);
      if (framesOf(await client.take()).length === 0) return;
      const seen = stage.server.stdout.includes('\x1b[31mred') ? 'ESC[31m' : '\\x1b[31m';
      stage.note({ en: `the terminal gets ${seen}`, zh: `终端收到 ${seen}` });
    },
  },
  {
    name: 'console-leaves',
    shows: { en: 'nobody reads what it prints any more, as behind `| head -1`', zh: '没有人再读它的输出，例如 `| head -1`' },
    row: '7d',
    php: ['the server ends'],
    ts: ['text "hello"'],
    play: async (stage) => {
      const client = await stage.shaken();
      stage.server.process.stdout.destroy();
      await stage.exchange(client, [HELLO], [Buffer.from('hello')]);
    },
  },
  {
    name: 'close',
    shows: { en: 'a Close with a code and a reason', zh: '带关闭码和原因的 Close' },
    row: '7a',
    php: ['text 03 e8 62 79 65'],
    ts: ['close 1000 "bye"', 'the connection ends'],
    play: sends([frame(0x8, closing(1000, 'bye'))], closing(1000, 'bye')),
  },
];
