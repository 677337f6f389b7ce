/** The lines of a WebSocket handshake, for the trace: what each is for, and which function of ours reads or writes it. */
import type { Field } from './fields.ts';

/** A line of a request's head, or of a response's where it is `written`. */
export type HeaderField = Omit<Field, 'read' | 'written'> & Partial<Pick<Field, 'read' | 'written'>>;

const REQUEST = 'getRequest() in lib/websocket/handshake.ts', LOOP = 'the loop in server.ts';

/** By name in lower case; the first lines, which have no name on the wire, and any other field. */
export const HEADERS = {
  'request line': {
    section: '4.2.1', read: 'readRequestLine() in lib/websocket/http.ts',
    en: 'A WebSocket begins as a GET of HTTP/1.1.',
    zh: 'WebSocket 以 HTTP/1.1 的 GET 请求开始。',
  },
  'status line': {
    section: '4.2.2', written: LOOP,
    en: '101: from here on both sides speak WebSocket. Any other status: there is none.',
    zh: '101：从这里开始双方使用 WebSocket；其他状态码表示没有建立。',
  },
  'host': {
    section: '4.2.1', read: REQUEST,
    en: 'Whom the client wants to talk to.', zh: '客户端要连接的主机。',
  },
  'upgrade': {
    section: '4.2.1', read: REQUEST, written: LOOP,
    en: 'The protocol to go over to.', zh: '要切换到的协议。',
  },
  'connection': {
    section: '4.2.1', read: REQUEST, written: LOOP,
    en: 'Says that Upgrade is meant for this connection; a proxy does not pass it on.',
    zh: '说明 Upgrade 只针对这条连接；代理不会转发它。',
  },
  'sec-websocket-key': {
    section: '4.2.1', read: REQUEST,
    en: '16 random bytes in base64. The answer shows that they were read by a WebSocket server.',
    zh: '16 个随机字节的 base64。回答由它算出，证明对方是 WebSocket 服务器。',
  },
  'sec-websocket-version': {
    section: '4.2.1', read: REQUEST,
    en: "13 is RFC 6455's.", zh: '13 是 RFC 6455 的版本。',
  },
  'sec-websocket-protocol': {
    section: '1.9', read: 'chooseSubprotocol() in lib/websocket/handshake.ts', written: LOOP,
    en: 'What the messages are about: the client offers names, the server chooses one.',
    zh: '消息的含义：客户端提出名称，服务器选一个。',
  },
  'sec-websocket-extensions': {
    section: '9.1', read: 'chooseDeflate() in lib/websocket/handshake.ts', written: LOOP,
    en: 'What changes the frames, such as compression: the client offers, the server chooses.',
    zh: '改变帧的扩展，例如压缩：客户端提出，服务器选择。',
  },
  'sec-websocket-accept': {
    section: '4.2.2', written: LOOP,
    en: 'The key and a fixed GUID, their SHA-1 in base64.',
    zh: '把 key 与固定的 GUID 连在一起，取 SHA-1，再用 base64 表示。',
  },
  'origin': {
    section: '10.2', read: 'checkOrigin() in lib/websocket/handshake.ts',
    en: 'The page that connects, as the browser tells it.', zh: '发起连接的网页，由浏览器如实填写。',
  },
  'other': {
    section: 'RFC 9110 5', read: 'readFields() in lib/websocket/http.ts',
    en: 'Not needed here, and passed over.', zh: '这里用不到，忽略。',
  },
} as const satisfies Record<string, HeaderField>;

/** What a line of this name is for, in any case of its letters. */
export function knownHeader(name: string): HeaderField {
  const key = name.toLowerCase();
  return Object.hasOwn(HEADERS, key) ? HEADERS[key as keyof typeof HEADERS] : HEADERS.other;
}

/** Where the RFC defines it: what stands in a request and in a response is the response's own there. */
export function sectionOf({ section, read, written }: HeaderField, from: 'client' | 'server'): string {
  return from === 'server' && read !== undefined && written !== undefined ? '4.2.2' : section;
}
