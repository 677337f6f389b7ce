/** Plays one row of the table against a server, on a connection of its own. */
import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import type net from 'node:net';
import { REQUEST, Wire } from '../wire.ts';
import { type Answer, type Bytes, close, type Ending, inflate, lazy, type Packed, type Row, RSV1 } from './row.ts';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const BYE = close(1000);
/** Milliseconds without a byte, after which a row is given up: a hundred times what one takes. */
const PATIENCE = 60_000;

export async function play(row: Row, where: net.NetConnectOpts): Promise<void> {
  const wire = await Wire.connect(where);
  wire.socket.setTimeout(PATIENCE, () => wire.socket.destroy(new Error('The server does not answer')));
  try {
    const requests = [row.request ?? REQUEST].flat();
    await send(wire, requests);
    if ((row.status ?? 101) !== 101) return await assertRefused(wire, row);
    await assertAccepted(wire, row, requests);
    await send(wire, lazy(row.packets));
    for (const answer of lazy(row.answers)) await assertAnswer(wire, answer);
    await assertEnding(wire, row.then ?? 'still open');
  } finally {
    wire.socket.destroy();
  }
}

/** Each in a packet of its own, and a turn of the event loop between them. */
async function send(wire: Wire, packets: Bytes[]): Promise<void> {
  for (const packet of packets) {
    wire.send(packet);
    if (packets.length > 1) await new Promise(setImmediate);
  }
}

async function readHead(wire: Wire): Promise<{ line: string; fields: Map<string, string> }> {
  const [line = '', ...lines] = (await wire.head()).split('\r\n').slice(0, -2);
  const fields = new Map<string, string>();
  for (const one of lines) {
    const [, name = '', value = ''] = /^([\w-]+): (\S.*)$/.exec(one) ?? [];
    assert.ok(name !== '', `'${one}' is a field`);
    assert.ok(!fields.has(name.toLowerCase()), `${name} comes once`);
    fields.set(name.toLowerCase(), value);
  }
  return { line, fields };
}

function assertFields(fields: Map<string, string>, expected: Row['fields']): void {
  for (const [name, value] of Object.entries(expected ?? {})) assert.equal(fields.get(name.toLowerCase()) ?? null,
    value, name);
}

/** RFC 6455 4.2.2, 5 */
async function assertAccepted(wire: Wire, row: Row, requests: Bytes[]): Promise<void> {
  const { line, fields } = await readHead(wire);
  assert.equal(line, 'HTTP/1.1 101 Switching Protocols');
  const text = Buffer.concat(requests.map((one) => Buffer.from(one))).toString('latin1');
  const [, key = ''] = /^sec-websocket-key:[ \t]*(.*?)[ \t]*\r$/im.exec(text) ?? [];
  assertFields(fields, {
    'Upgrade': 'websocket', 'Connection': 'Upgrade',
    'Sec-WebSocket-Accept': createHash('sha1').update(key + GUID, 'latin1').digest('base64'),
    'Sec-WebSocket-Protocol': null, 'Sec-WebSocket-Extensions': null, 'Sec-WebSocket-Version': null, ...row.fields,
  });
}

async function assertRefused(wire: Wire, row: Row): Promise<void> {
  const { line, fields } = await readHead(wire);
  assert.match(line, new RegExp(`^HTTP/1\\.1 ${row.status} [A-Z]`));
  assertFields(fields, { 'Sec-WebSocket-Accept': null, ...row.fields });
  assert.match(fields.get('connection') ?? '', /close/);
  // RFC 9110 9.3.2: the response to HEAD has no content
  const isHead = String(row.request).startsWith('HEAD ');
  assert.equal((await wire.rest()).length, isHead ? 0 : Number(fields.get('content-length')));
}

async function assertAnswer(wire: Wire, answer: Answer): Promise<void> {
  if (!(answer instanceof Uint8Array)) return assertPacked(wire, answer);
  const bytes = await wire.take(answer.length);
  // Not deepEqual, which would print megabytes
  if (!bytes.equals(answer)) assert.equal(bytes.toString('hex', 0, 64), Buffer.from(answer).toString('hex', 0, 64));
  assert.ok(bytes.equals(answer), 'the answer differs behind its first 64 bytes');
}

async function assertPacked(wire: Wire, { opcode, payload, windowBits, compressed }: Packed): Promise<void> {
  const frame = await wire.frame();
  const isCompressed = (frame.first & RSV1) !== 0;
  assert.equal(frame.first & ~RSV1, 0x80 | opcode);
  if (compressed !== undefined) assert.equal(isCompressed, compressed, 'RSV1');
  if (!isCompressed) return assert.ok(frame.payload.equals(payload), 'the message comes back');
  assert.ok(inflate(frame.payload, windowBits).equals(payload), 'the message comes back');
}

async function assertEnding(wire: Wire, then: Ending): Promise<void> {
  if (then === 'still open') {
    wire.send(BYE.sent);
    await assertAnswer(wire, BYE.echo);
  } else if (then === 'client ends') {
    wire.end();
  } else if (typeof then === 'number') {
    const { first, payload } = await wire.frame();
    assert.equal(first, 0x88, `a Close frame comes, not ${payload.toString('latin1', 0, 40)}`);
    assert.equal(payload.readUInt16BE(), then, payload.toString('utf8', 2));
    assert.ok(payload.length <= 125 && isUtf8(payload.subarray(2)));
  }
  assert.equal((await wire.rest()).toString('hex'), '', 'nothing more comes');
  if (then === 'cut') await assertCut(wire);
}

/** Whoever writes to a connection that is no more gets an error. */
async function assertCut(wire: Wire): Promise<void> {
  // A loop of turns, not of time: the server's clock decides
  while (wire.socket.errored === null) {
    if (!wire.socket.writableNeedDrain) wire.socket.write('x');
    await new Promise(setImmediate);
  }
}
