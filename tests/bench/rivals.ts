/** The servers that are measured: this one, and those that this machine has of the others. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { given, missing, type Other, ourselves, php, python } from '../others/others.ts';
import { isExtra, type Row } from './rows.ts';

export interface Peer {
  name: string;
  /** ours and ws are what the table is about; limit is what Node's own TCP does. */
  kind: 'ours' | 'ws' | 'limit' | 'php' | 'other';
  /** Which Node it runs on, where there are several; servers of one label are compared. */
  label: string;
  /** A shell's command line, with {port}. */
  command(row: Row): string;
  /** Why it cannot play this row; null where it can. */
  cannot(row: Row): string | null;
}

/** PHP's select(2) takes descriptors below 1,024; some are standard input and the like. */
const SELECT = 1000;
/** Bytes that PHP's loop reads at a time, and takes for one frame; the header takes 8 of these. */
const PHP_READ = 1024;

/** Bytes of a payload from which on ws asks bufferutil. */
const NATIVE = 32;

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Most rows can be played by anyone. The extra ones are for select, and for us beside it. */
function anything(row: Row): string | null {
  return isExtra(row) ? 'asked of select only' : null;
}

function onNode(name: string, label: string): string {
  return label === '' ? name : `${name} on Node ${label}`;
}

/** This server on a Node of its own, or that of this process. */
export function ours(node?: string, label = ''): Peer {
  const { name, plain, deflate: compressing } = ourselves('--quiet --max-clients 20000', node);
  return {
    name: onNode(name, label), kind: 'ours', label, cannot: () => null,
    command: ({ deflate }) => deflate ? compressing! : plain,
  };
}

/** ws in JavaScript alone, as we are; `native` adds bufferutil, an addon in C that unmasks for it. */
export function wsFastest(node = process.execPath, label = '', native = false): Peer {
  const { version } = JSON.parse(readFileSync(here('node_modules/ws/package.json'), 'utf8')) as { version: string };
  const command = `env WS_NO_BUFFER_UTIL=${native ? '' : '1'} "${node}" "${here('servers/ws_fastest.js')}" {port}`;
  return {
    name: onNode(`ws ${version}${native ? ' with bufferutil' : ''}`, label), kind: native ? 'other' : 'ws', label,
    cannot: (row) => native && row.size < NATIVE ? 'bufferutil has no part in messages so short' : anything(row),
    command: ({ deflate }) => deflate ? `${command} deflate` : command,
  };
}

/** Whether bufferutil has been built for this machine. */
function hasNative(): boolean {
  const code = 'process.exit(require("bufferutil") === require("bufferutil/fallback") ? 1 : 0)';
  return spawnSync(process.execPath, ['-e', code], { cwd: here('.'), stdio: 'ignore' }).status === 0;
}

function limit(): Peer {
  return {
    name: 'node:net echo', kind: 'limit', label: '', command: () => `"${process.execPath}" "${here('servers/echo.js')}" {port}`,
    cannot: (row) => row.deflate ? 'it knows no WebSocket, so it compresses nothing' : anything(row),
  };
}

/** The comparison's server: the article's loop in PHP. */
function phpLoop(): Peer | null {
  const server = php();
  return server && {
    ...beside(server), name: `the ${server.name.replace(' ', ', ')}`, kind: 'php',
    cannot: ({ clients, idle, inflight, size, deflate }) => {
      if (deflate) return 'it has no deflate';
      if (clients + idle > SELECT) return 'its select ends at 1,024 descriptors';
      if (inflight > 1) return 'it takes one read for one message, so it can have one in flight';
      return size + 8 > PHP_READ ? 'it takes messages of one read, 1,024 bytes' : null;
    },
  };
}

/** One of the others, with its defaults. */
function beside({ name, plain }: Other): Peer {
  return { name, kind: 'other', label: '', command: () => plain, cannot: anything };
}

/** One that the user names: 'NAME=COMMAND with {port}'. @throws Error */
export function named(text: string): Peer {
  return beside(given(text));
}

/** All that this machine has, and a line on standard error for each that it has not. */
export function peers(): Peer[] {
  const native = hasNative() ? wsFastest(process.execPath, '', true) : missing('bufferutil is not built for this machine');
  const other = python();
  return [ours(), wsFastest(), native, limit(), phpLoop(), other && beside(other)].filter((one) => one !== null);
}
