/** Scenes of messages. */
import { closing, frame } from '../../wire.ts';
import { type Fact } from '../facts.ts';
import { type Scene, scene } from '../scene_stage.ts';

const HELLO = frame(0x1, 'hello');

/** One client sends these packets, each when the last one was served; its payloads may come back. */
function sends(
  name: string, departure: string | null, shows: Fact, packets: Uint8Array[], payloads: (Uint8Array | string)[],
  php: string[], ts: string[], more: Partial<Scene> = {},
): Scene {
  return scene(name, departure, shows, php, ts, async (stage) => {
    await stage.exchange(await stage.shaken(), packets, payloads.map((one) => Buffer.from(one)));
  }, more);
}

/** A text of so many bytes, no two parts of it alike; and what comes back of it. */
function sized(length: number, departure: string | null, php: string[], ts: string[]): Scene {
  let text = '';
  for (let i = 0; text.length < length; i++) text += `${i} `;
  text = text.slice(0, length);
  const count = length.toLocaleString('en'), shows = { en: `a message of ${count} bytes`, zh: `${count} 字节的消息` };
  return sends(`size-${length}`, departure, shows, [frame(0x1, text)], [text], php, ts);
}

/** A message with something that is not for a terminal: `raw` names it where it is printed as it is. */
function prints(name: string, shows: Fact, what: Buffer | string, raw: string, escaped: string): Scene {
  const gets = (form: string): Fact => ({ en: `the terminal gets ${form}`, zh: `终端收到 ${form}` });
  return scene(name, '7c', shows, [gets(raw).en], [gets(escaped).en], async (stage) => {
    const client = await stage.shaken(), text = `a${what.toString()}b`;
    const payload = Buffer.concat(['a', what, 'b'].map((one) => Buffer.from(one)));
    await client.send(frame(typeof what === 'string' ? 0x1 : 0x2, payload));
    await stage.turn();
    for (const [form, printed] of [[raw, text], [escaped, `a${escaped}b`]] as const) {
      if (stage.server.stdout.includes(`"${printed}"`)) stage.note(gets(form));
    }
  }, { needs: 'article' });
}

const LOW = Buffer.from(Array.from({ length: 16 }, (_, i) => i));
const LOW_TEXT = 'text 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f';
const CHINESE = '你好,世界 🐘', BINARY = Buffer.of(0xc0, 0xff, 0xee), CLOSE = closing(1000, 'bye');
const TOO_BIG = Buffer.concat([Buffer.of(0x81, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), Buffer.from('hello')]);
const OVER = 'the connection ends';

export const messages: Scene[] = [
  sends('hello', '2a', { en: 'a text, and the numbers that both print', zh: '一条文本消息，以及双方打印的编号' },
    [HELLO], ['hello'], ['text "hello"'], ['text "hello"']),
  sends('chinese', null, { en: 'Chinese and an emoji', zh: '中文和表情符号' },
    [frame(0x1, CHINESE)], [CHINESE], [`text "${CHINESE}"`], [`text "${CHINESE}"`]),
  sized(0, null, ['text ""'], ['text ""']),
  sized(125, null, ['text, the same 125 bytes'], ['text, the same 125 bytes']),
  sized(126, null, ['text, the same 126 bytes'], ['text, the same 126 bytes']),
  // 1,024 bytes less the frame's header
  sized(2000, '4b', ['text of 1,016 bytes', 'then garbage'], ['text, the same 2,000 bytes']),
  sized(65535, '4b', ['text of 1,016 bytes', 'then garbage'], ['text, the same 65,535 bytes']),
  sized(65536, '4b', ['text of 1,010 bytes', 'then garbage'], ['text, the same 65,536 bytes']),
  sends('low-bytes', null, {
    en: 'bytes below 0x10, on which a codec that goes by dechex breaks', zh: '小于 0x10 的字节：用 dechex 的编码函数会在这里出错',
  }, [frame(0x1, LOW)], [LOW], [LOW_TEXT], [LOW_TEXT], {
    also: { departure: '7e', php: ['8 of a frame\'s 16 bytes'] }, console: 'free',
  }),
  sends('two-in-one', '4b', { en: 'two frames in one packet', zh: '一个包里有两帧' },
    [Buffer.concat([HELLO, frame(0x1, 'world')])], ['hello', 'world'],
    ['text "hello"'], ['text "hello"', 'text "world"']),
  sends('one-in-two', '4b', { en: 'one frame in two packets', zh: '一帧分成两个包' },
    [HELLO.subarray(0, 8), HELLO.subarray(8)], ['hello'], ['text "he"', 'then garbage'], ['text "hello"']),
  sends('first-byte', '4b', { en: 'the first byte of a frame, then the rest', zh: '先是一帧的第一个字节，再是其余部分' },
    [HELLO.subarray(0, 1), HELLO.subarray(1)], ['hello'],
    ['text ""', 'then garbage', 'it prints warnings'], ['text "hello"']),
  sends('fragments', '4b', { en: 'a message in two fragments', zh: '一条消息分成两个分片' },
    [frame(0x1, 'hel', { fin: false }), frame(0x0, 'lo')], ['hello', 'hel', 'lo'],
    ['text "hel"', 'text "lo"'], ['text "hello"']),
  sends('ping', '7a', { en: 'a ping', zh: 'Ping 帧' },
    [frame(0x9, 'are you there?')], ['are you there?'], ['text "are you there?"'], ['pong "are you there?"']),
  sends('pong', '7a', { en: 'a pong, which nobody has asked for', zh: '没有人要求的 Pong 帧' },
    [frame(0xa, 'here!')], ['here!'], ['text "here!"'], ['no answer']),
  sends('binary', '7a', { en: 'a binary message', zh: '二进制消息' },
    [frame(0x2, BINARY)], [BINARY], ['text c0 ff ee'], ['binary c0 ff ee']),
  sends('unmasked', '7b', { en: 'a frame that is not masked', zh: '没有掩码的帧' },
    [frame(0x1, 'hello', { masked: false })], [],
    ['text 07'], ['close 1002 "Cannot read frame: it is not masked"', OVER]),
  sends('rsv1', '7b', { en: 'a frame with RSV1 set, though no extension is agreed on', zh: '没有协商扩展却设置了 RSV1 的帧' },
    [frame(0x1, 'hello', { rsv: 0b0100_0000 })], ['hello'],
    ['text "hello"'], ['close 1002 "Cannot read frame: reserved bits 100 are set"', OVER]),
  sends('opcode-3', '7b', { en: 'a frame with opcode 3, which has no meaning yet', zh: '操作码为 3 的帧，它还没有定义' },
    [frame(0x3, 'hello')], ['hello'], ['text "hello"'], ['close 1002 "Cannot read frame: opcode 0x3 is reserved"', OVER]),
  sends('bad-utf-8', '7b', { en: 'a text that is not UTF-8', zh: '不是 UTF-8 的文本' },
    [frame(0x1, Buffer.from('he\xfflo', 'latin1'))], [],
    ['text 68 65 ff 6c 6f'], ['close 1007 "Cannot read message: text is not UTF-8"', OVER]),
  sends('too-big', '7b', { en: 'a frame that says it has 2^62 bytes', zh: '声称有 2^62 字节的帧' }, [TOO_BIG], [],
    ['text "hello"'], ['close 1009 "Cannot read message: it has more than 16777216 bytes"', OVER]),
  prints('control-characters', { en: 'a message that would colour the terminal red', zh: '会把终端变成红色的消息' },
    '\x1b[31m', 'ESC[31m', '\\x1b[31m'),
  prints('newline', { en: 'a line break: what follows it could look like the server\'s own line', zh: '换行符：后面的内容可以冒充服务器自己的一行' },
    '\n', 'LF', '\\n'),
  prints('tab', { en: 'a tab', zh: '制表符' }, '\t', 'TAB', '\\t'),
  prints('nul', { en: 'the byte 00', zh: '字节 00' }, '\0', 'NUL', '\\x00'),
  prints('no-text', { en: 'a binary message that is not UTF-8', zh: '不是 UTF-8 的二进制消息' },
    BINARY, 'c0 ff ee', '\\xc0\\xff\\xee'),
  sends('backslash', null, { en: 'a backslash, which both print as it is', zh: '反斜线，双方都原样打印' },
    [frame(0x1, '\\x1b')], ['\\x1b'], ['text "\\x1b"'], ['text "\\x1b"']),
  scene('console-leaves', '7d', {
    en: 'nobody reads what it prints any more, as behind `| head -1`',
    zh: '没有人再读它的输出，例如 `| head -1`',
  }, ['the server ends'], ['text "hello"'], async (stage) => {
    const client = await stage.shaken();
    stage.server.process.stdout.destroy();
    await stage.exchange(client, [HELLO], [Buffer.from('hello')]);
  }),
  sends('close', '7a', { en: 'a Close with a code and a reason', zh: '带关闭码和原因的 Close' },
    [frame(0x8, CLOSE)], [CLOSE], ['text 03 e8 62 79 65'], ['close 1000 "bye"', OVER]),
];
