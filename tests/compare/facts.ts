/** What came of a scene, in a few words of both languages: facts are compared by their English, and printed in either. */
import { inspect } from 'node:util';
import { printable } from '../../lib/printable.ts';
import { opcodeOf } from '../../lib/trace/words.ts';
import type { Language } from '../helpers.ts';
import { headerOf } from '../wire.ts';

export type Fact = Record<Language, string>;

export const SERVER_ENDED: Fact = { en: 'the server ends', zh: '服务器退出' };
export const OTHERS_WAIT: Fact = { en: 'others get no answer', zh: '其他客户端得不到应答' };
export const FLOODS: Fact = { en: 'it prints warnings without end', zh: '不停地打印警告' };
export const PRINTS: Fact = { en: 'it prints without end', zh: '不停地打印' };
export const WARNS: Fact = { en: 'it prints warnings', zh: '打印警告' };
export const LATE: Fact = { en: 'not over in a minute', zh: '一分钟内没有结束' };
export const GO_ON: Fact = { en: 'the others go on', zh: '其他客户端照常' };
export const NOT_PLAYED: Fact = { en: 'not played', zh: '没有进行' };
export const NOTHING: Fact = { en: 'no answer', zh: '没有应答' };
export const MESSAGES: Fact = { en: 'messages only', zh: '只有消息' };
export const SHUT: Fact = { en: 'a client cannot connect', zh: '有客户端连不上' };
export const ENDED: Fact = { en: 'the connection ends', zh: '连接结束' };
export const RESET: Fact = { en: 'the connection is reset', zh: '连接被重置' };
const AND_MORE: Fact = { en: 'and more', zh: '还有更多' };
const HTTP: Fact = { en: 'another HTTP answer', zh: '又一个 HTTP 应答' };
const GARBAGE: Fact = { en: 'then garbage', zh: '然后是乱码' };

/** The same in both languages. */
export function plain(text: string): Fact {
  return { en: text, zh: text };
}

/** A payload up to this many bytes is shown, a longer one is counted. */
const SHOWN = 40;
/** RFC 6455 5.2 */
const FIN = 0x80;
/** Facts at most about what came: a server may send without end. */
const TOLD = 20;

/**
 * The facts of what a server has sent after the handshake, a message's fragments joined.
 * @param sent the payloads that its client had sent: one that comes back is said to be the same. After one that is
 *   none of them the rest is garbage: where a server has lost its place in the stream, its words mean nothing
 */
export function framesOf(bytes: Buffer, sent: Buffer[] = [], most = TOLD): Fact[] {
  const facts: Fact[] = [];
  let begun: { first: number; payloads: Buffer[] } | null = null;
  for (let rest = bytes; rest.length > 0;) {
    if (facts.length === most) return [...facts, AND_MORE];
    if (rest.toString('latin1', 0, 5) === 'HTTP/') return [...facts, HTTP];
    const header = headerOf(rest);
    if (header === null) return [...facts, GARBAGE];
    const { at, length, masked } = header, whole = rest.subarray(at, at + length);
    let { first } = header, payload: Buffer = whole;
    if (payload.length < length) {
      const [en, zh] = [`${payload.length} of a frame's ${length} bytes`, `一帧 ${length} 字节中的 ${payload.length} 字节`];
      return [...facts, { en, zh }];
    }
    if (masked) payload = Buffer.from(payload.map((byte, i) => byte ^ rest[at - 4 + (i & 3)]!));
    rest = rest.subarray(at + length);
    // RFC 6455 5.4: only a message's last fragment has FIN, only its first one an opcode
    if (begun === null ? first === 0x01 || first === 0x02 : (first & 0x7f) === 0x00) {
      begun ??= { first, payloads: [] };
      begun.payloads.push(payload);
      if (first < FIN) continue;
      [first, payload] = [begun.first | FIN, Buffer.concat(begun.payloads)];
      begun = null;
    }
    const isSame = sent.some((one) => one.equals(payload));
    facts.push(frameFact(first, payload, isSame, masked));
    if (sent.length > 0 && (first & 0x0f) < 0x8 && !isSame && rest.length > 0) return [...facts, GARBAGE];
  }
  if (begun === null) return facts;
  const { en, zh } = frameFact(begun.first | FIN, Buffer.concat(begun.payloads), false);
  return [...facts, { en: `a part of ${en}`, zh: `${zh}的一部分` }];
}

function frameFact(first: number, payload: Buffer, isSame: boolean, masked = false): Fact {
  const name = `${masked ? 'masked ' : ''}${opcodeOf(first & 0x0f).name}`;
  const what = (first & 0xf0) === FIN ? name : `${name}, first byte 0x${first.toString(16).padStart(2, '0')}`;
  if ((first & 0x0f) === 0x8 && payload.length >= 2) {
    return plain(`${what} ${payload.readUInt16BE()}${payload.length > 2 ? ` "${printable(payload.toString('utf8', 2))}"` : ''}`);
  }
  if (payload.length <= SHOWN) return plain(`${what} ${shown(payload)}`);
  const count = payload.length.toLocaleString('en');
  return isSame ? { en: `${what}, the same ${count} bytes`, zh: `${what}，原样的 ${count} 字节` }
    : { en: `${what} of ${count} bytes`, zh: `${what}，${count} 字节` };
}

/** A short payload: as text where it is such, else in hexadecimal. */
function shown(payload: Buffer): string {
  const text = payload.toString();
  const isText = Buffer.from(text).equals(payload) && !/[\x00-\x1f\x7f]/.test(text);
  return isText ? `"${text}"` : payload.toString('hex').replace(/..(?!$)/g, '$& ');
}

/** The facts of an HTTP response's head. */
export function headFact(head: string): Fact {
  const [, status] = /^HTTP\/1\.1 (\d{3})(?!\d)/.exec(head) ?? [];
  if (status !== undefined) return plain(status);
  const what = head.charCodeAt(0) >= FIN ? say(framesOf(Buffer.from(head, 'latin1'), [], 1), 'en') : inspect(head.slice(0, SHOWN));
  return plain(`no HTTP: ${what}`);
}

/** Whether a server agrees to speak WebSocket, whatever its head says beside that. */
export function is101(head: string): boolean {
  return headFact(head).en === '101';
}

/** The value of a header field; null where it is not there. */
export function fieldOf(head: string, name: string): string | null {
  return new RegExp(`^${name}:[ \\t]*(.*?)[ \\t]*\\r?$`, 'im').exec(head)?.[1] ?? null;
}

/** The facts, as they are printed. */
export function say(facts: Fact[], language: Language): string {
  return facts.map((fact) => fact[language]).join(language === 'en' ? '; ' : '；');
}
