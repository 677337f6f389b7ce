/**
 * `--trace`: what crosses the wire, in words, between the lines of the console.
 *
 *     client 1 → server  text, 11 bytes                            step 7  RFC 6455 5.6
 *       81 85 37 fa 21 3d 7f 9f 4d 51 58
 *       FIN=1 RSV=000 opcode=0x1 text  MASK=1 length=5  key=37 fa 21 3d  "Hello"
 *       masked 7f 9f 4d 51 58   unmasked 48 65 6c 6c 6f
 */
import { OPCODES } from './fields.ts';
import type { Socket } from '../php/stream.ts';
import { type Event, tapOf } from './tap.ts';
import { bodyOf, type Line, number } from './terminal_lines.ts';
import { print } from '../php/var_dump.ts';
import { columnsOf, cutTo } from './width.ts';

/** How it is shown. */
export interface Look {
  /** Columns of the terminal; 52 at least are used. */
  width: number;
  colors: boolean;
}

const NARROWEST = 52;
/** SGR codes: a client's words are cyan, the server's green. */
const CYAN = 36, GREEN = 32, DIM = 2;

/** From now on all that the clients of this listening socket say and hear is printed. */
export function traceClients(server: Socket): void {
  const { stdout } = process;
  server.listener!.tapOf = (client) => tapOf(client, (event) => {
    const width = stdout.columns ?? (Number(process.env['COLUMNS']) || 80);
    // hasColors() knows NO_COLOR
    print(describe(event, { width, colors: stdout.isTTY && stdout.hasColors() }));
  });
}

/** The lines for one event, each with its line end; no control character of a client's is among them. */
export function describe(event: Event, look: Look): string {
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

function lostLines({ lost }: Event): Line[] {
  return lost === undefined ? [] : [{ text: `… ${number(lost)} before this were too many to show` }];
}

/** Who says what to whom, and at the right where it is handled and defined: on two lines where it is narrow. */
function titleOf(event: Event, width: number): Line[] {
  const { from, client, step } = event;
  const text = `${from === 'client' ? `client ${client} → server` : `server → client ${client}`}  ${whatOf(event)}`;
  const right = `step ${step}  RFC ${sectionOf(event)}`;
  if (columnsOf(text) + 2 + columnsOf(right) <= width) return [{ text, right }];
  return [{ text: cutTo(text, width) }, { text: '', right }];
}

function whatOf({ kind, from, step, size, hex, fragment, fields, injected, cut }: Event): string {
  if (kind === 'end') return from === 'client' ? 'ends its side' : 'closes';
  // Of a frame that never came whole its size is a mere claim
  const count = cut ? hex.length / 2 : size;
  const first = cut && kind === 'frame' ? 'the first ' : '', plural = count === 1 ? '' : 's';
  const bytes = `, ${first}${number(count)} byte${plural}${injected ? ', put in by the page' : ''}`;
  if (kind === 'garbage') return (!cut ? 'not looked at' : step === 7 ? 'no whole frame' : 'no whole request') + bytes;
  if (kind !== 'frame') return kind + bytes;
  if (fragment === undefined) return (fields?.find(({ name }) => name === 'opcode')?.means ?? '') + bytes;
  const { index, opcode, last } = fragment;
  return `${OPCODES[opcode]!.name}, fragment ${index}${last ? ', the last' : ''}${bytes}`;
}

/** Where the RFCs define this kind of thing. */
function sectionOf({ kind, from, fragment, fields, payload }: Event): string {
  if (kind === 'request') return '6455 4.2.1';
  if (kind === 'response') return '6455 4.2.2';
  if (kind === 'end') return '6455 7.1.1';
  if (kind === 'garbage') return from === 'client' ? '9112 2' : '6455 5.2';
  if (payload?.inflated !== undefined) return '7692 6';
  if (fragment !== undefined) return '6455 5.4';
  return `6455 ${OPCODES[Number(fields?.find(({ name }) => name === 'opcode')?.value)]?.section ?? '5.2'}`;
}
