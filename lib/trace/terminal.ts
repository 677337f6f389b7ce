/**
 * `--trace`: prints what crosses the wire, in order with var_dump's lines.
 *
 *     client 1 → server  text, 11 bytes                            step 7  RFC 6455 5.6
 *       81 85 37 fa 21 3d 7f 9f 4d 51 58
 *       FIN=1 RSV=000 opcode=0x1 text  MASK=1 length=5  key=37 fa 21 3d  "Hello"
 *       masked 7f 9f 4d 51 58   unmasked 48 65 6c 6c 6f
 */
import type { Socket } from '../php/sockets.ts';
import { print } from '../php/var_dump.ts';
import { printable, printableHead } from '../printable.ts';
import { isControl } from '../websocket/frame.ts';
import type { Payload } from './events.ts';
import type { ClientEvent, Taps } from './tap.ts';
import { columnsOf, cutTo } from './width.ts';
import { closeCodeOf, type FieldName, opcodeOf } from './words.ts';

/** How events are shown. */
export interface Look {
  /** Columns of the terminal; at least 52 are used. */
  width: number;
  colors: boolean;
}

const NARROWEST = 52;
/** Bytes of a payload, and lines of a head, that are shown. */
const MOST_BYTES = 32, MOST_LINES = 40;
/** toLocaleString() would make one for each number, which takes as long as the rest of an event. */
const NUMBERS = new Intl.NumberFormat('en-US');
/** Characters of a line that are looked at for each column: one with accents has several. */
const MOST_PER_COLUMN = 8;
/** SGR codes: a client's events are cyan, the server's green. */
const CYAN = 36, GREEN = 32, DIM = 2;

/** A line, and a text at its right end. */
interface Line {
  text: string;
  right?: string;
}

/** From now on prints what crosses the connections of all clients to come. */
export function traceClients(server: Socket, taps: Taps): void {
  const { stdout } = process;
  server.listener!.tapOf = (client) => taps.tapOf(client, (event) => {
    const width = stdout.columns ?? (Number(process.env['COLUMNS']) || 80);
    print(describe(event, { width, colors: stdout.isTTY && stdout.hasColors() }));
  });
}

/** Returns the lines for one event, each with \n. A client's control characters are escaped. */
export function describe(event: ClientEvent, look: Look): string {
  const width = Math.max(NARROWEST, look.width);
  const color = event.from === 'client' ? CYAN : GREEN;
  const lines = [
    ...lostLines(event),
    ...titleOf(event, width).map((line) => ({ color, ...line })),
    ...bodyOf(event, width - 2).map((line) => ({ ...line, text: `  ${line.text}` })),
  ];
  return lines.map((line) => show(line, width, look.colors)).join('');
}

function show({ text, right = '', color }: Line & { color?: number }, width: number, colors: boolean): string {
  const gap = right === '' ? '' : ' '.repeat(Math.max(2, width - columnsOf(text) - columnsOf(right)));
  return `${paint(text, colors ? color : undefined)}${gap}${paint(right, colors ? DIM : undefined)}\n`;
}

function paint(text: string, color?: number): string {
  return color === undefined || text === '' ? text : `\x1b[${color}m${text}\x1b[0m`;
}

function lostLines({ lost }: ClientEvent): Line[] {
  return lost === undefined ? [] : [{ text: `… ${number(lost)} before this were too many to show` }];
}

/** Who sends what to whom; at the right the step and the RFC, on a second line when the terminal is narrow. */
function titleOf(event: ClientEvent, width: number): Line[] {
  const { from, client, step } = event;
  const text = `${from === 'client' ? `client ${client} → server` : `server → client ${client}`}  ${whatOf(event)}`;
  const right = `step ${step}  RFC ${sectionOf(event)}`;
  if (columnsOf(text) + 2 + columnsOf(right) <= width) return [{ text, right }];
  return [{ text: cutTo(text, width) }, { text: '', right }];
}

function whatOf({ kind, from, step, size, hex, fragment, fields, injected, cut }: ClientEvent): string {
  if (kind === 'end') return from === 'client' ? 'ends its side' : 'closes';
  // An incomplete frame only claims its size
  const count = cut ? hex.length / 2 : size;
  const first = cut && kind === 'frame' ? 'the first ' : '', plural = count === 1 ? '' : 's';
  const bytes = `, ${first}${number(count)} byte${plural}${injected ? ', injected by the page' : ''}`;
  if (kind === 'garbage') return (!cut ? 'not read' : step === 7 ? 'incomplete frame' : 'incomplete request') + bytes;
  if (kind !== 'frame') return kind + bytes;
  if (fragment === undefined) return (fields?.find(({ name }) => name === 'opcode')?.means ?? '') + bytes;
  const { index, opcode, last } = fragment;
  return `${opcodeOf(opcode).name}, fragment ${index}${last ? ', the last' : ''}${bytes}`;
}

/** The section of an RFC that defines this. */
function sectionOf({ kind, from, fragment, fields, payload }: ClientEvent): string {
  if (kind === 'request') return '6455 4.2.1';
  if (kind === 'response') return '6455 4.2.2';
  if (kind === 'end') return '6455 7.1.1';
  if (kind === 'garbage') return from === 'client' ? '9112 2' : '6455 5.2';
  if (payload?.inflated !== undefined) return '7692 6';
  if (fragment !== undefined) return '6455 5.4';
  return `6455 ${opcodeOf(Number(fields?.find(({ name }) => name === 'opcode')?.value)).section}`;
}

/** The lines after the title, of at most `room` columns (50 or more). */
function bodyOf(event: ClientEvent, room: number): Line[] {
  if (event.head !== undefined) return headLines(event, room);
  if (event.kind === 'end') return [];
  return [...hexLine(event, room), ...fieldLines(event, room), ...payloadLines(event, room)];
}

/** A request or a response, line by line, with its \r\n. */
function headLines({ hex, head = [], more = 0, payload }: ClientEvent, room: number): Line[] {
  const bytes = Buffer.from(hex, 'hex');
  const lines: Line[] = head.slice(0, MOST_LINES).map(({ at, size, section }) => {
    const fits = room - columnsOf(section) - 2;
    const text = printableHead(bytes.toString('latin1', at, at + size), fits * MOST_PER_COLUMN);
    return { text: isWithin(text, fits) ? text : withTail(text, `… ${number(size)} bytes`, fits), right: section };
  });
  const left = head.length + more - lines.length;
  if (left > 0) lines.push({ text: `… ${number(left)} more lines` });
  lines.push({ text: '\\r\\n' });
  if (payload?.text !== undefined) lines.push({ text: quote(payload.text, payload, room) });
  return lines;
}

/** The first bytes, one line. */
function hexLine({ hex }: ClientEvent, room: number): Line[] {
  const bytes = pairs(hex), most = Math.floor((room + 1) / 3);
  return [{ text: bytes.length > most ? `${bytes.slice(0, most - 1).join(' ')} …` : bytes.join(' ') }];
}

/** FIN=1 RSV=000 opcode=0x1 text  MASK=1 length=5  key=37 fa 21 3d  "Hello", on one or more lines. */
function fieldLines({ fields, payload }: ClientEvent, room: number): Line[] {
  const text = payload?.reason ?? payload?.text, lines: string[] = [''];
  const add = (group: string): void => {
    const line = lines.at(-1)!;
    if (line !== '' && columnsOf(line) + 2 + columnsOf(group) > room) lines.push(group);
    else lines[lines.length - 1] += (line === '' ? '' : '  ') + group;
  };
  for (const group of groupsOf(fields ?? [], payload)) add(group);
  // No "" for a control frame without a payload
  const isData = !isControl(Number(fields?.find(({ name }) => name === 'opcode')?.value));
  if (text !== undefined && (text !== '' || isData)) add(quote(text, payload!, room));
  return lines.filter((line) => line !== '').map((line) => ({ text: line }));
}

function groupsOf(fields: NonNullable<ClientEvent['fields']>, payload?: Payload): string[] {
  const of = (name: FieldName): string => fields.find((field) => field.name === name)?.value ?? '';
  const means = (name: FieldName): string => fields.find((field) => field.name === name)?.means ?? '';
  if (fields.length === 0) return [];
  const rsv = `RSV=${of('RSV1')}${of('RSV2')}${of('RSV3')}${means('RSV1') && ` ${means('RSV1')}`}`;
  const extended = of('extended length');
  return [
    `FIN=${of('FIN')} ${rsv} opcode=${of('opcode')} ${means('opcode')}`,
    `MASK=${of('MASK')} length=${of('length')}`,
    ...(extended === '' ? [] : [`extended length=${number(BigInt(extended))}`]),
    ...(of('masking key') === '' ? [] : [`key=${of('masking key')}`]),
    ...(payload?.code === undefined ? [] : [codeOf(payload.code)]),
  ];
}

function codeOf(code: number): string {
  const { name, section } = closeCodeOf(code);
  return `code=${code} ${name} (${section})`;
}

/** Masked bytes beside the unmasked ones (RFC 6455 5.3), and inflated bytes (RFC 7692). */
function payloadLines({ payload }: ClientEvent, room: number): Line[] {
  if (payload === undefined) return [];
  const { masked, hex, length, inflated } = payload;
  const lines = masked === undefined || masked === '' ? [] : maskLines(pairs(masked), pairs(hex), room);
  const more = length - MOST_BYTES;
  if (lines.length > 0 && more > 0) lines.push(`… ${number(more)} more byte${more === 1 ? '' : 's'}`);
  if (inflated !== undefined) {
    const bytes = pairs(inflated.hex), most = Math.min(MOST_BYTES, Math.floor((room - 10) / 3));
    lines.push(`inflated ${bytes.slice(0, most).join(' ')}${bytes.length > most ? ' …' : ''}`);
    if (inflated.text !== undefined) lines.push(quote(inflated.text, inflated, room));
  }
  return lines.map((text) => ({ text }));
}

function maskLines(masked: string[], plain: string[], room: number): string[] {
  const labels = ['masked ', '   unmasked '], blanks = labels.map((label) => ' '.repeat(label.length));
  const fits = Math.floor((room - labels.join('').length + 2) / 6);
  const perLine = [16, 8, 4, 2].find((count) => count <= fits) ?? 1, shown = Math.min(masked.length, MOST_BYTES);
  const lines: string[] = [];
  for (let i = 0; i < shown; i += perLine) {
    const [before, between] = i === 0 ? labels : blanks;
    const row = (bytes: string[]): string => bytes.slice(i, Math.min(i + perLine, shown)).join(' ');
    // A short last row is aligned with the others
    const left = shown > perLine ? row(masked).padEnd(perLine * 3 - 1) : row(masked);
    lines.push(`${before}${left}${between}${row(plain)}`);
  }
  return lines;
}

/** A client's text in quotes; with its length in bytes when it is cut. */
function quote(text: string, { hex, length }: Pick<Payload, 'hex' | 'length'>, room: number): string {
  const safe = printable(text);
  if (hex.length === length * 2 && isWithin(safe, room - 2)) return `"${safe}"`;
  return `"${withTail(safe, `"… ${number(length)} bytes`, room - 1)}`;
}

/** Tells whether a text fits. A longer one is not looked at to its end, as columnsOf would. */
function isWithin(text: string, columns: number): boolean {
  return cutTo(text, columns) === text;
}

function withTail(text: string, tail: string, room: number): string {
  return cutTo(text, room - columnsOf(tail)) + tail;
}

function pairs(hex: string): string[] {
  return hex.match(/../g) ?? [];
}

/** 70,000 */
function number(value: number | bigint): string {
  return NUMBERS.format(value);
}
