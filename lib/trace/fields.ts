/**
 * What the bytes of a connection are called: one table for the trace in the terminal and for the page, so that the text
 * and the drawing cannot disagree. A section without a name is RFC 6455's. decoder.ts finds the bits.
 */

/** A sentence in both languages. */
export interface Sentence {
  en: string;
  zh: string;
}

/** One field of a frame's header, or its payload. */
export interface Field extends Sentence {
  section: string;
  /** The function that reads it, and the one that writes it: 'readHeader() in lib/websocket/frame.ts'. */
  read: string;
  written: string;
}

/** A thing with a name, where the RFC defines it. */
export interface Named extends Sentence {
  name: string;
  section: string;
}

/** Where the bits of a header are read and written. */
const HEADER = { section: '5.2', read: 'readHeader() in lib/websocket/frame.ts', written: 'Frame.writeHeader() in lib/websocket/message.ts' };

/** A frame's fields in their order on the wire (RFC 6455 5.2). */
export const FIELDS = {
  'FIN': {
    ...HEADER,
    en: '1: this frame is the last one of its message. 0: more fragments follow.',
    zh: '1：这是消息的最后一帧；0：后面还有分片。',
  },
  'RSV1': {
    ...HEADER,
    en: 'Reserved: 0. Where permessage-deflate was agreed on 1 says that the message is compressed (RFC 7692 6).',
    zh: '保留位：必须为 0；协商了 permessage-deflate 时，1 表示消息经过压缩（RFC 7692 6）。',
  },
  'RSV2': {
    ...HEADER,
    en: 'Reserved: 0, since no extension here uses it.',
    zh: '保留位：必须为 0，因为没有扩展使用它。',
  },
  'RSV3': {
    ...HEADER,
    en: 'Reserved: 0, since no extension here uses it.',
    zh: '保留位：必须为 0，因为没有扩展使用它。',
  },
  'opcode': {
    ...HEADER,
    en: 'What the payload is: text, binary, the continuation of a message, or a control frame.',
    zh: '载荷的类型：文本、二进制、上一个消息的延续，或控制帧。',
  },
  'MASK': {
    ...HEADER, section: '5.1',
    en: '1: the payload is masked. A client has to mask, a server must not.',
    zh: '1：载荷经过掩码处理。客户端必须掩码，服务器不得掩码。',
  },
  'length': {
    ...HEADER,
    en: 'Bytes of payload up to 125; 126: the next 16 bits tell it; 127: the next 64 bits do.',
    zh: '载荷的字节数，最多 125；126：由随后的 16 位给出；127：由随后的 64 位给出。',
  },
  'extended length': {
    ...HEADER,
    en: 'Bytes of payload, the highest byte first.',
    zh: '载荷的字节数，高位字节在前。',
  },
  'masking key': {
    ...HEADER, section: '5.3',
    en: 'Four random bytes; byte i of the payload is XORed with byte i mod 4 of these.',
    zh: '四个随机字节；载荷的第 i 个字节与其中第 i mod 4 个字节做异或。',
  },
  'payload': {
    section: '5.3', read: 'mask() in lib/websocket/mask.ts', written: 'Message.copyTo() in lib/websocket/message.ts',
    en: 'The data itself; from a client it is unmasked first.',
    zh: '数据本身；来自客户端的要先去掉掩码。',
  },
} as const satisfies Record<string, Field>;

export type FieldName = keyof typeof FIELDS;

/** By number (RFC 6455 5.2 and 11.8). */
export const OPCODES: Record<number, Named> = {
  0x0: { name: 'continuation', section: '5.4', en: 'the next fragment of a message', zh: '消息的下一个分片' },
  0x1: { name: 'text', section: '5.6', en: 'text in UTF-8', zh: 'UTF-8 文本' },
  0x2: { name: 'binary', section: '5.6', en: 'any bytes', zh: '任意字节' },
  0x8: { name: 'close', section: '5.5.1', en: 'I send nothing more; do the same', zh: '我不再发送；请你也关闭' },
  0x9: { name: 'ping', section: '5.5.2', en: 'are you there?', zh: '你还在吗？' },
  0xa: { name: 'pong', section: '5.5.3', en: 'yes, with the same bytes', zh: '在，附上同样的字节' },
};

/** Those that have no meaning yet. */
export const RESERVED: Named = {
  name: 'reserved', section: '5.2', en: 'without a meaning yet: the connection is failed', zh: '尚无含义：连接必须失败',
};

/** Close codes by number (RFC 6455 7.4.1, and the registry of 11.7). */
export const CLOSE_CODES: Record<number, Named> = {
  1000: { name: 'normal closure', section: '7.4.1', en: 'all is done', zh: '正常完成' },
  1001: { name: 'going away', section: '7.4.1', en: 'the server ends, or the page is left', zh: '服务器停止，或离开了页面' },
  1002: { name: 'protocol error', section: '7.4.1', en: 'the other side broke the protocol', zh: '对方违反了协议' },
  1003: { name: 'unsupported data', section: '7.4.1', en: 'this kind of data is not taken', zh: '不接受这种数据' },
  1005: {
    name: 'no status received', section: '7.4.1',
    en: 'never sent: a Close without a code', zh: '从不发送：Close 没有带状态码',
  },
  1006: {
    name: 'abnormal closure', section: '7.4.1',
    en: 'never sent: the end came without a Close', zh: '从不发送：没有 Close 就断开',
  },
  1007: { name: 'invalid payload data', section: '7.4.1', en: 'a text is not UTF-8', zh: '文本不是 UTF-8' },
  1008: { name: 'policy violation', section: '7.4.1', en: 'against the rules of this side', zh: '违反了本方的规定' },
  1009: { name: 'message too big', section: '7.4.1', en: 'too long to be taken', zh: '消息太长' },
  1010: {
    name: 'mandatory extension', section: '7.4.1',
    en: 'an extension that is needed was not agreed on', zh: '需要的扩展没有协商成功',
  },
  1011: { name: 'internal error', section: '7.4.1', en: 'the server has failed', zh: '服务器内部错误' },
  1012: { name: 'service restart', section: '11.7', en: 'the server starts anew', zh: '服务重启' },
  1013: { name: 'try again later', section: '11.7', en: 'there is too much to do now', zh: '现在太忙，请稍后再试' },
  1014: { name: 'bad gateway', section: '11.7', en: 'a server behind this one has failed', zh: '后面的服务器出错' },
  1015: { name: 'TLS handshake', section: '7.4.1', en: 'never sent: TLS has failed', zh: '从不发送：TLS 失败' },
};

/** What a Close code is called; those from 3000 on belong to libraries, from 4000 on to applications (7.4.2). */
export function closeCode(code: number): Named {
  const zh = code < 4000 ? '库或框架的状态码' : '应用程序的状态码';
  const whose = code < 4000 ? 'registered by a library' : 'of the application';
  if (code >= 3000 && code <= 4999) return { name: whose, section: '7.4.2', en: whose, zh };
  return CLOSE_CODES[code] ?? { name: 'not to be used', section: '7.4.2', en: 'nobody may send it', zh: '不允许发送' };
}

/** By its number in the list above the loop; that list itself has them in English. */
export const STEPS: Record<number, string> = {
  1: '创建套接字，设置选项，绑定地址，开始监听',
  2: '等待有活动的套接字；对其中每一个：',
  3: '是服务器：接受新客户端',
  4: '是客户端：读取它发来的内容',
  5: '已经结束：忘掉这个客户端，关闭它的套接字',
  6: '还没有握手：回答它的请求',
  7: '已经握手：解出它的消息，逐个回答',
  8: '它不读我们的回答，或已用完它的份额：先不读它',
  9: '它违反了规则，或者只要网页：答复并关闭，别人不受影响',
  10: '它的时间到了：问它还在不在，或像第 9 步那样关闭',
  11: '我们要结束了：告诉所有人，等他们离开',
};
