/** What --trace shows below the title of an event: its bytes, and each field in words. */
import { closeCode, type FieldName } from './fields.ts';
import { CLOSE } from '../websocket/frame.ts';
import { knownHeader, sectionOf } from './headers.ts';
import { printable } from '../printable.ts';
import type { Event } from './tap.ts';
import type { Payload } from './events.ts';
import { columnsOf, cutTo } from './width.ts';

/** A line, and what stands at its right end. */
export interface Line {
  text: string;
  right?: string;
}

/** Bytes of a payload, and lines of a head. */
const MOST_BYTES = 32, MOST_LINES = 40;

/** The lines; none has more columns than `room`, if that is 50 at least. */
export function bodyOf(event: Event, room: number): Line[] {
  if (event.head !== undefined) return headLines(event, room);
  if (event.kind === 'end') return [];
  return [...hexLine(event, room), ...fieldLines(event, room), ...payloadLines(event, room)];
}

/** A request or a response line by line, \r\n and all. */
function headLines({ hex, from, head = [], payload }: Event, room: number): Line[] {
  const bytes = Buffer.from(hex, 'hex');
  const lines: Line[] = head.slice(0, MOST_LINES).map(({ name, at, size }) => {
    const section = sectionOf(knownHeader(name), from);
    const text = printable(bytes.toString('latin1', at, at + size)), fits = room - columnsOf(section) - 2;
    return { text: columnsOf(text) <= fits ? text : withTail(text, `… ${number(size)} bytes`, fits), right: section };
  });
  if (head.length > lines.length) lines.push({ text: `… ${number(head.length - lines.length)} more lines` });
  lines.push({ text: '\\r\\n' });
  if (payload?.text !== undefined) lines.push({ text: quote(payload.text, payload, room) });
  return lines;
}

/** As many bytes as one line holds. */
function hexLine({ hex }: Event, room: number): Line[] {
  const bytes = pairs(hex), most = Math.floor((room + 1) / 3);
  return [{ text: bytes.length > most ? `${bytes.slice(0, most - 1).join(' ')} …` : bytes.join(' ') }];
}

/** FIN=1 RSV=000 opcode=0x1 text  MASK=1 length=5  key=37 fa 21 3d  "Hello", on as many lines as that takes. */
function fieldLines({ fields, payload }: Event, room: number): Line[] {
  const text = payload?.reason ?? payload?.text, lines: string[] = [''];
  const add = (group: string): void => {
    const line = lines.at(-1)!;
    if (line !== '' && columnsOf(line) + 2 + columnsOf(group) > room) lines.push(group);
    else lines[lines.length - 1] += (line === '' ? '' : '  ') + group;
  };
  for (const group of groupsOf(fields ?? [], payload)) add(group);
  // A control frame without a payload needs no ""
  const isData = Number(fields?.find(({ name }) => name === 'opcode')?.value) < CLOSE;
  if (text !== undefined && (text !== '' || isData)) add(quote(text, payload!, room));
  return lines.filter((line) => line !== '').map((line) => ({ text: line }));
}

function groupsOf(fields: NonNullable<Event['fields']>, payload?: Payload): string[] {
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
  const { name, section } = closeCode(code);
  return `code=${code} ${name} (${section})`;
}

/** Masked bytes beside the unmasked ones (RFC 6455 5.3), and what is compressed in them (RFC 7692). */
function payloadLines({ payload }: Event, room: number): Line[] {
  if (payload === undefined) return [];
  const { masked, hex, length, inflated } = payload;
  const lines = masked === undefined || masked === '' ? [] : maskLines(pairs(masked), pairs(hex), room);
  const more = length - MOST_BYTES;
  if (lines.length > 0 && more > 0) lines.push(`… ${number(more)} more byte${more === 1 ? '' : 's'}`);
  if (inflated !== undefined) {
    const bytes = pairs(inflated.hex), most = Math.min(MOST_BYTES, Math.floor((room - 10) / 3));
    lines.push(`inflated ${bytes.slice(0, most).join(' ')}${bytes.length > most ? ' …' : ''}`);
    const { hex, text } = inflated;
    if (text !== undefined) lines.push(quote(text, { hex, length: bytes.length }, room));
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
    // The unmasked ones of a short last row stand below those of the others
    const left = shown > perLine ? row(masked).padEnd(perLine * 3 - 1) : row(masked);
    lines.push(`${before}${left}${between}${row(plain)}`);
  }
  return lines;
}

/** A client's text in quotes, with its length in bytes where not all of it is shown. */
function quote(text: string, { hex, length }: Pick<Payload, 'hex' | 'length'>, room: number): string {
  const safe = printable(text);
  if (hex.length === length * 2 && columnsOf(safe) + 2 <= room) return `"${safe}"`;
  return `"${withTail(safe, `"… ${number(length)} bytes`, room - 1)}`;
}

function withTail(text: string, tail: string, room: number): string {
  return cutTo(text, room - columnsOf(tail)) + tail;
}

function pairs(hex: string): string[] {
  return hex.match(/../g) ?? [];
}

/** 70,000 */
export function number(value: number | bigint): string {
  return value.toLocaleString('en-US');
}
