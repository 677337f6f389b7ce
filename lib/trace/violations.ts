/** The rules that a learner may break on purpose: a client's bytes, and the Close code that answers them. */
import { INVALID_PAYLOAD, PROTOCOL_ERROR, TOO_BIG } from '../websocket/close.ts';
import type { Sentence } from './fields.ts';

/** One way to break the rules. */
export interface Break extends Sentence {
  bytes: Buffer;
  code: number;
  section: string;
}

/** All are masked, where they are, with RFC 6455's own key: 37 fa 21 3d. By the name that the page's command has. */
export const BREAKS: Record<string, Break> = {
  'unmasked': {
    // FIN, text; not masked, 5 bytes; "Hello"
    bytes: bytes('81 05 48 65 6c 6c 6f'), code: PROTOCOL_ERROR, section: '5.1',
    en: 'a frame without a mask', zh: '没有掩码的帧',
  },
  'bad-utf-8': {
    // "Hello" with ff in the place of its last byte
    bytes: bytes('81 85 37 fa 21 3d 7f 9f 4d 51 c8'), code: INVALID_PAYLOAD, section: '8.1',
    en: 'a text that is not UTF-8', zh: '不是 UTF-8 的文本',
  },
  'reserved-bit': {
    bytes: bytes('a1 85 37 fa 21 3d 7f 9f 4d 51 58'), code: PROTOCOL_ERROR, section: '5.2',
    en: 'a reserved bit (RSV2) that is set', zh: '保留位 RSV2 被置 1',
  },
  'reserved-opcode': {
    bytes: bytes('83 85 37 fa 21 3d 7f 9f 4d 51 58'), code: PROTOCOL_ERROR, section: '5.2',
    en: 'opcode 0x3, which has no meaning yet', zh: '尚无含义的操作码 0x3',
  },
  'long-length': {
    // 5 in 16 bits
    bytes: bytes('81 fe 00 05 37 fa 21 3d 7f 9f 4d 51 58'), code: PROTOCOL_ERROR, section: '5.2',
    en: 'a length in more bytes than it needs', zh: '长度占用了多余的字节',
  },
  'endless-fragment': {
    // "Hel", more to come; then a new message
    bytes: bytes('01 83 37 fa 21 3d 7f 9f 4d  81 85 37 fa 21 3d 7f 9f 4d 51 58'), code: PROTOCOL_ERROR, section: '5.4',
    en: 'a fragment without an end, and a new message', zh: '分片没有结束就开始新消息',
  },
  'lone-continuation': {
    bytes: bytes('80 85 37 fa 21 3d 7f 9f 4d 51 58'), code: PROTOCOL_ERROR, section: '5.4',
    en: 'the continuation of no message', zh: '没有开头的延续帧',
  },
  'fragmented-ping': {
    bytes: bytes('09 85 37 fa 21 3d 7f 9f 4d 51 58'), code: PROTOCOL_ERROR, section: '5.5',
    en: 'a Ping in fragments', zh: '分片的 Ping',
  },
  'long-ping': {
    // 126 bytes of payload are said to follow; the header is enough
    bytes: bytes('89 fe 00 7e 37 fa 21 3d'), code: PROTOCOL_ERROR, section: '5.5',
    en: 'a Ping of 126 bytes', zh: '126 字节的 Ping',
  },
  'close-1005': {
    bytes: bytes('88 82 37 fa 21 3d 34 17'), code: PROTOCOL_ERROR, section: '7.4.1',
    en: 'a Close with 1005, which is never sent', zh: '带 1005 的 Close，它不允许发送',
  },
  'half-code': {
    bytes: bytes('88 81 37 fa 21 3d 34'), code: PROTOCOL_ERROR, section: '5.5.1',
    en: 'a Close with half a code', zh: '只有半个状态码的 Close',
  },
  'bad-reason': {
    // 1000, and a reason that is one byte, ff
    bytes: bytes('88 83 37 fa 21 3d 34 12 de'), code: INVALID_PAYLOAD, section: '5.5.1',
    en: 'a Close whose reason is not UTF-8', zh: '原因不是 UTF-8 的 Close',
  },
  'too-big': {
    // 4,611,686,018,427,387,903 bytes are said to follow; the length is enough
    bytes: bytes('82 ff 3f ff ff ff ff ff ff ff 37 fa 21 3d'), code: TOO_BIG, section: '7.4.1',
    en: 'a message that is too long for anyone', zh: '长得谁也装不下的消息',
  },
};

function bytes(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex');
}
