/**
 * Plays a row against any server, and judges by what the RFCs demand and not by our bytes: a refusal is any 4xx or 5xx
 * or the end of TCP, answers are compared as messages, fields and reasons that are free may be any.
 */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { closing, frame, framesIn, headerOf, REQUEST, Wire } from '../../wire.ts';
import { type Answer, type Bytes, lazy, type Row, RSV1 } from '../row.ts';
import { agree } from './agreement.ts';
import type { Asked } from './asked.ts';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10;
const BYE = closing(1000);

/** A server that says nothing for so long will say nothing any more. Milliseconds. */
const PATIENCE = 2000;
/** Packets. */
const FEW = 200;

export type Verdict = 'held' | 'not asked' | { why: string };

type Message = { opcode: number; payload: Buffer };

/** The head of a response, read as a client may read it: the fields' names are in lower case. */
type Head = { status: number; fields: Map<string, string>; isCrlf: boolean };

function demand(holds: boolean, why: string): asserts holds {
  if (!holds) throw new Error(why);
}

export async function judge({ row, family }: Asked, port: number): Promise<Verdict> {
  const wire = await Wire.knock(port);
  if (wire === null) return { why: 'nobody listens' };
  try {
    return await new Judgement(row, wire).pass(family);
  } catch (error) {
    return { why: error instanceof Error ? error.message : String(error) };
  } finally {
    await wire.leave();
  }
}

class Judgement {
  private readonly row: Row;
  private readonly wire: Wire;
  /** Reads the server's compressed messages; null where it may send none. */
  private inflate: ((payload: Buffer) => Buffer) | null = null;
  /** The server's message that has begun. */
  private opening: { opcode: number; packed: boolean; parts: Buffer[] } | null = null;
  /** What is expected and has not come. */
  private readonly messages: Message[] = [];
  private pongs: Buffer[] = [];
  private closing: Buffer | null = null;

  constructor(row: Row, wire: Wire) {
    this.row = row;
    this.wire = wire;
  }

  async pass(family: Asked['family']): Promise<Verdict> {
    const requests = [this.row.request ?? REQUEST].flat();
    await this.send(requests);
    const head = await this.head();
    if ((this.row.status ?? 101) !== 101) return this.refused(head, String(requests));
    demand(head !== null, 'ends TCP instead of a response');
    this.accepted(head, requests);
    if (family === 'permessage-deflate: messages' && this.inflate === null) return 'not asked';
    for (const answer of lazy(this.row.answers)) this.expect(answer);
    await this.send(lazy(this.row.packets));
    await this.ending();
    return 'held';
  }

  /** Each in a packet of its own; where there are few, long enough after each other to be read one by one. */
  private async send(packets: Bytes[]): Promise<void> {
    for (const packet of packets) {
      if (this.wire.socket.writable) this.wire.send(packet);
      if (packets.length > FEW) await new Promise(setImmediate);
      else if (packets.length > 1) await sleep(2);
    }
  }

  /** Null where TCP ends. */
  private async head(): Promise<Head | null> {
    const text = await this.wire.anyHead(PATIENCE);
    if (!/\r?\n\r?\n$/.test(text)) {
      demand(this.wire.over !== null, 'says nothing');
      return null;
    }
    const [first = '', ...lines] = text.trimEnd().split(/\r?\n/);
    const fields = new Map<string, string>();
    for (const one of lines) {
      const [name = '', value = ''] = one.split(/:(.*)/).map((part) => part.trim());
      fields.set(name.toLowerCase(), [fields.get(name.toLowerCase()) ?? [], value].flat().join(', '));
    }
    return { status: Number(/^HTTP\/1\.\d (\d{3})/.exec(first)?.[1] ?? 0), fields, isCrlf: !/[^\r]\n/.test(text) };
  }

  private refused(head: Head | null, request: string): Verdict {
    if (head !== null) demand(head.status >= 400 && head.status <= 599, `answers with ${head.status}`);
    // RFC 6455 4.4: where the version is one, and only its number is wrong
    const isOther = this.row.fields?.['Sec-WebSocket-Version'] &&
      /^Sec-WebSocket-Version: (?:\d|[1-9]\d+)\r$/m.test(request);
    demand(!isOther || /\b13\b/.test(head?.fields.get('sec-websocket-version') ?? ''), 'does not name its version');
    return 'held';
  }

  private accepted({ status, fields, isCrlf }: Head, requests: Bytes[]): void {
    demand(status === 101, `answers with ${status}`);
    const text = requests.map((one) => Buffer.from(one).toString('latin1')).join('');
    const sent = (name: string): string => [...text.matchAll(new RegExp(`^${name}:[ \\t]*(.*?)[ \\t]*\\r$`, 'gim'))]
      .map(([, value]) => value).join(', ');
    const accept = createHash('sha1').update(sent('sec-websocket-key') + GUID, 'latin1').digest('base64');
    demand(fields.get('sec-websocket-accept') === accept, `a wrong Accept: ${fields.get('sec-websocket-accept')}`);
    demand(fields.get('upgrade')?.toLowerCase() === 'websocket', 'no Upgrade: websocket');
    demand(/(?:^|,)\s*upgrade\s*(?:,|$)/i.test(fields.get('connection') ?? ''), 'no Connection: Upgrade');
    const protocol = fields.get('sec-websocket-protocol');
    demand(protocol === undefined || sent('sec-websocket-protocol').split(/[ \t]*,[ \t]*/).includes(protocol),
      `a protocol that was not offered: ${protocol}`);
    this.inflate = agree(sent('sec-websocket-extensions'), fields.get('sec-websocket-extensions'));
    // Held against a server once, in the row about the response
    if (this.row.section !== 'RFC 6455 4.2.2, 5' || this.row.fields?.['Content-Length'] === undefined) return;
    demand(isCrlf, 'a line of the response ends in LF');
    demand(!fields.has('content-length') && !fields.has('transfer-encoding'), '101 with a body');
  }

  private expect(answer: Answer): void {
    if (!(answer instanceof Uint8Array)) return void this.messages.push(answer);
    for (const { first, payload } of framesIn(Buffer.from(answer))) {
      const opcode = first & 0x0f;
      if (opcode === CLOSE) this.closing = payload;
      else if (opcode === PONG) this.pongs.push(payload);
      else this.messages.push({ opcode, payload });
    }
  }

  private async ending(): Promise<void> {
    const { then = 'still open' } = this.row;
    if (typeof then === 'number' || then === 'over') return this.closes(then);
    while (this.messages.length > 0 || this.pongs.length > 0) {
      const message = await this.next();
      demand(message !== 'silent', 'does not answer');
      demand(message !== 'over', 'ends TCP instead of an answer');
      this.take(message);
    }
    if (then === 'client ends') return this.ends();
    await this.send([frame(CLOSE, BYE)]);
    // Whether a Close is answered well is asked elsewhere; here only that nothing else comes
    const message = await this.next();
    if (typeof message === 'string' || message.opcode === CLOSE || message.payload.equals(BYE)) return;
    this.take(message);
  }

  /** RFC 6455 7.1.7: who fails a connection SHOULD send a Close first, and MUST end it. */
  private async closes(then: number | 'over'): Promise<void> {
    for (;;) {
      const message = await this.next();
      demand(message !== 'silent', then === 'over' ? 'does not answer the Close' : 'does not fail the connection');
      if (message === 'over') return demand(then !== 'over', 'ends TCP without a Close');
      if (message.opcode !== CLOSE) {
        this.take(message);
        continue;
      }
      const code = message.payload.length === 0 ? 1005 : message.payload.readUInt16BE();
      if (then === 'over') {
        const expected = this.closing?.length ? this.closing.readUInt16BE() : 1005;
        demand(code === expected || (expected === 1005 && code === 1000), `answers the Close with ${code}`);
      } else {
        demand(this.isFit(code, then), `closes with ${code} instead of ${then}`);
        await this.send([frame(CLOSE, message.payload)]);
      }
      return this.ends();
    }
  }

  /** Where the RFC names no code for a failure, either of the two about bad data will do; no code stands for none. */
  private isFit(code: number, expected: number): boolean {
    const { section, rule } = this.row;
    if (section === 'RFC 6455 5.1') return code !== 1005 && code !== 1006;
    if (/the highest bit/.test(rule)) return code === 1002 || code === 1009;
    if (/a reason is UTF-8/.test(rule) || section === 'RFC 7692 7.2.2') return code === 1002 || code === 1007;
    return code === expected;
  }

  /** Nothing but the end of TCP comes any more; a server that waits for us to end first only breaks a SHOULD. */
  private async ends(): Promise<void> {
    if (this.row.then === 'client ends') this.wire.end();
    for (let turn = 0; turn < 2; turn++) {
      const message = await this.next();
      if (message === 'over') return;
      const mayClose = this.row.then === 'client ends';
      demand(message === 'silent' || (mayClose && message.opcode === CLOSE), 'goes on after the end');
      this.wire.end();
    }
    demand(await this.next() === 'over', 'does not end TCP');
  }

  /** Pongs and messages may overtake each other; only the last of several Pings needs a Pong (RFC 6455 5.5.3). */
  private take({ opcode, payload }: Message): void {
    const said = `${opcode} ${payload.toString('hex', 0, 16)}`;
    if (opcode === PING) return;
    demand(opcode !== CLOSE, `closes with ${payload.length < 2 ? 'no code' : payload.readUInt16BE()}`);
    if (opcode === PONG) {
      const at = this.pongs.findIndex((one) => one.equals(payload));
      demand(at !== -1, `a Pong for no Ping: ${said}`);
      this.pongs = this.pongs.slice(at + 1);
      return;
    }
    const expected = this.messages.shift();
    demand(expected !== undefined, `answers with ${said}`);
    demand(opcode === expected.opcode && payload.equals(expected.payload), `answers with ${said}`);
  }

  private async next(): Promise<Message | 'over' | 'silent'> {
    const { wire } = this;
    for (;;) {
      // PHP's bytes may look like a masked header that is cut
      const comes = await wire.comes(() => headerOf(wire.peek()) !== null, PATIENCE);
      demand(wire.length < 2 || wire.peek()[1]! < 0x80, 'masks what it sends');
      if (!comes) return wire.over === null ? 'silent' : 'over';
      const { first, at, length } = headerOf(wire.peek())!;
      if (!await wire.comes(() => wire.length >= at + length, PATIENCE)) return wire.over === null ? 'silent' : 'over';
      const message = this.join(first, (await wire.take(at + length)).subarray(at));
      if (message !== null) return message;
    }
  }

  /** A message, when its last fragment is there. */
  private join(first: number, payload: Buffer): Message | null {
    const opcode = first & 0x0f, packed = (first & RSV1) !== 0, fin = (first & 0x80) !== 0;
    demand((first & 0x30) === 0 && (!packed || (this.inflate !== null && (opcode === TEXT || opcode === BINARY))),
      `sends reserved bits: ${first.toString(16)}`);
    if (opcode >= CLOSE) {
      demand(fin && opcode <= PONG && payload.length <= 125, `sends a bad control frame: ${first.toString(16)}`);
      return { opcode, payload };
    }
    demand((opcode === 0) === (this.opening !== null) && opcode <= BINARY, `sends opcode ${opcode}`);
    const opening = this.opening ??= { opcode, packed, parts: [] };
    opening.parts.push(payload);
    if (!fin) return null;
    this.opening = null;
    const whole = Buffer.concat(opening.parts);
    return { opcode: opening.opcode, payload: opening.packed ? this.inflate!(whole) : whole };
  }
}
