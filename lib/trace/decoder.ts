/**
 * Makes events of the bytes of a connection: the request, the response, and every frame with its bits named.
 *
 * A decoder judges nothing, so it reads wrong frames too: what the loop refuses is worth seeing. Bytes may come in any
 * pieces; a decoder keeps a few hundred at most, and a deflating client's context (32 KiB).
 */
import { Context } from '../websocket/deflate.ts';
import { BINARY, CLOSE, type Header, readHeader, RSV1, TEXT } from '../websocket/frame.ts';
import { MAX_HEAD } from '../websocket/http.ts';
import {
  contextAfter, fieldsOf, type Fragments, linesOf, payloadOf, SHOWN, type Side, textOf, type WireEvent,
} from './events.ts';

const EMPTY = Buffer.alloc(0), END_OF_HEAD = Buffer.from('\r\n\r\n');

/** What the decoders of both directions share. */
export class Link {
  n = 0;
  /** The step that the loop has named (Socket.step); 0: the usual one. */
  step = 0;
  /** The response has a body: the request was not HEAD. */
  hasBody = true;
  deflate = false;
  /** What the client's next compressed message may refer to; null where that is nothing, or not known. */
  context: Context | null = null;
  /** Events that may still be told; the others are counted. */
  room = Infinity;
  lost = 0;
  /** Returns the event for bytes of the client that nobody will complete. */
  flushClient: () => WireEvent[] = () => [];
}

/** One direction of one connection. It never throws. */
export class Decoder {
  private readonly from: Side;
  private readonly link: Link;
  /** What is being read. 'body': what follows a head and is not a frame. */
  private part: 'head' | 'frames' | 'body' = 'head';
  /** Bytes of something incomplete; bytes of a long payload that are passed over. */
  private rest: Buffer = EMPTY;
  private skip = 0;
  /** The message that has begun. */
  private message: Fragments | null = null;
  private events: WireEvent[] = [];
  private injected = false;

  constructor(from: Side, link = new Link()) {
    this.from = from;
    this.link = link;
    if (from === 'client') link.flushClient = () => this.flush();
  }

  /**
   * Takes the next bytes of this direction, and copies what it keeps.
   * @param injected the bytes do not come from the client
   * @returns what is complete: a head, a frame and the first 512 bytes of its payload
   */
  push(bytes: Uint8Array, injected = false): WireEvent[] {
    this.injected = injected;
    const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const all = this.rest.length > 0 ? Buffer.concat([this.rest, view]) : view;
    let at = 0;
    while (at < all.length) {
      const skipped = Math.min(this.skip, all.length - at);
      this.skip -= skipped;
      const used = skipped || (this.part === 'frames' ? this.frame(all, at) : this.next(all.subarray(at)));
      if (used === 0) break;
      at += used;
    }
    this.rest = Buffer.from(all.subarray(at));
    return this.events.splice(0);
  }

  /** Returns the event for bytes that will never be complete. */
  flush(): WireEvent[] {
    if (this.rest.length > 0) this.leftover();
    this.rest = EMPTY;
    return this.events.splice(0);
  }

  /** This side has ended. Returns the events for that. */
  end(): WireEvent[] {
    this.flush().forEach((event) => this.events.push(event));
    this.tell('end', 0, EMPTY, () => ({}));
    return this.events.splice(0);
  }

  /** Returns how many bytes were used; 0 when more must come. */
  private next(bytes: Buffer): number {
    if (this.part === 'head') return this.head(bytes);
    this.tell('garbage', bytes.length, bytes.subarray(0, SHOWN), () => ({ payload: textOf(bytes, bytes.length) }));
    return bytes.length;
  }

  private leftover(): void {
    const { rest } = this;
    if (this.part === 'frames') {
      const header = wholeHeader(rest, 0);
      if (header !== null) return void this.tellFrame(rest, 0, rest.length, header, true);
    }
    const payload = textOf(rest, rest.length);
    this.tell('garbage', rest.length, rest.subarray(0, SHOWN), () => ({ payload, cut: true }));
  }

  private head(bytes: Buffer): number {
    let start = 0;
    // RFC 9112 2.2: empty lines before the head
    while (bytes[start] === 0x0d && bytes[start + 1] === 0x0a) start += 2;
    const end = bytes.indexOf(END_OF_HEAD, start);
    if (end === -1 && bytes.length < MAX_HEAD) return 0;
    if (end === -1) {
      this.part = 'body';
      return this.next(bytes);
    }
    const size = end + END_OF_HEAD.length;
    const text = bytes.toString('latin1', start, end);
    return this.from === 'client' ? this.request(bytes, size, text, start) : this.response(bytes, size, text, start);
  }

  private request(bytes: Buffer, size: number, text: string, start: number): number {
    this.link.hasBody = !text.startsWith('HEAD ');
    this.part = /\r\nupgrade:[^\r]*websocket/i.test(text) ? 'frames' : 'body';
    this.tell('request', size, bytes.subarray(0, size), () => linesOf(text, start, 'client'));
    return size;
  }

  private response(bytes: Buffer, size: number, text: string, start: number): number {
    const isUpgraded = text.startsWith('HTTP/1.1 101 ');
    const [, digits = ''] = /\r\ncontent-length: (\d+)/i.exec(text) ?? [];
    const length = isUpgraded || !this.link.hasBody ? 0 : Number(digits);
    const shown = Math.min(length, SHOWN);
    if (bytes.length < size + shown) return 0;
    this.part = isUpgraded ? 'frames' : 'body';
    const extension = /\r\nsec-websocket-extensions: (permessage-deflate.*)/i.exec(text)?.[1];
    this.link.deflate = extension !== undefined;
    if (extension?.includes('client_no_context_takeover') === false) this.link.context = new Context();
    if (!isUpgraded) this.events.push(...this.link.flushClient());
    const body = bytes.subarray(size, size + shown);
    this.tell('response', size + length, bytes.subarray(0, size + shown), () => ({
      ...linesOf(text, start, 'server'), ...(length > 0 && { payload: textOf(body, length) }),
    }));
    this.skip = length - shown;
    return size + shown;
  }

  private frame(all: Buffer, at: number): number {
    const header = wholeHeader(all, at);
    if (header === null) return 0;
    const used = header.size + Math.min(header.length, SHOWN);
    if (all.length - at < used) return 0;
    this.tellFrame(all, at, at + used, header, false);
    this.skip = header.length - Math.min(header.length, SHOWN);
    return used;
  }

  /** The frame's first bytes lie in `all` from `start` up to `end`. */
  private tellFrame(all: Buffer, start: number, end: number, header: Header, cut: boolean): void {
    const { opcode, fin } = header;
    if (opcode === TEXT || opcode === BINARY) {
      const compressed = this.link.deflate && (header.rsv & RSV1) !== 0;
      const context = this.from === 'client' ? this.link.context : null;
      this.message = { opcode, index: 0, compressed, bytes: EMPTY, size: 0, told: 0, context };
    }
    // After 9 and 10 nothing more is read
    if (opcode === CLOSE && this.from === 'server' && (this.link.step === 9 || this.link.step === 10)) {
      this.events.push(...this.link.flushClient());
    }
    const message = opcode <= BINARY ? this.message : null;
    if (message !== null) {
      message.index++;
      message.size += header.length;
      if (fin) this.message = null;
    }
    // A flood of frames that nobody will see: making views of them takes the most time
    if (this.link.room <= 0) this.link.lost++;
    else this.showFrame(all.subarray(start, end), header, message, cut);
    if (message?.compressed && fin && this.from === 'client') this.link.context = contextAfter(message);
  }

  private showFrame(bytes: Buffer, header: Header, message: Fragments | null, cut: boolean): void {
    const { fin } = header;
    this.tell('frame', header.size + header.length, bytes, () => {
      const payload = payloadOf(bytes, header, message);
      // Each fragment inflates the message again from its beginning: counted as so many events
      if (payload.inflated !== undefined && message !== null) this.link.room -= message.bytes.length >> 6;
      return {
        fields: fieldsOf(bytes, header, payload),
        payload,
        ...(message !== null && !(fin && message.index === 1) && {
          fragment: { index: message.index, opcode: message.opcode, last: fin },
        }),
        ...(cut && { cut: true as const }),
      };
    });
  }

  private tell(kind: WireEvent['kind'], size: number, bytes: Buffer, rest: () => Partial<WireEvent>): void {
    const { link } = this;
    if (link.room <= 0) {
      link.lost++;
      return;
    }
    // A long head takes as long as many frames
    link.room -= 1 + (bytes.length >> 9);
    const step = this.stepOf(kind);
    const event: WireEvent = { n: ++link.n, from: this.from, step, kind, size, hex: bytes.toString('hex'), ...rest() };
    if (this.injected) event.injected = true;
    if (link.lost > 0) event.lost = link.lost;
    link.lost = 0;
    this.events.push(event);
  }

  /** The step of the loop that has read or sent the bytes: the one that it has named, or the usual one. */
  private stepOf(kind: WireEvent['kind']): number {
    if (this.from === 'server') return this.link.step || (kind === 'response' ? 6 : 7);
    return kind === 'end' ? 5 : this.part === 'frames' && kind !== 'request' ? 7 : 6;
  }
}

/** Returns null while the header is not complete. */
function wholeHeader(bytes: Buffer, at: number): Header | null {
  const header = readHeader(bytes, at, bytes.length);
  return header === null || header.length === -1 || header.size > bytes.length - at ? null : header;
}
