/** The servers that are measured: this one, and those that this machine has of the others. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
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

function named(name: string, label: string): string {
  return label === '' ? name : `${name} on Node ${label}`;
}

/** This server on a Node of its own, or that of this process. */
export function ourselves(node = process.execPath, label = ''): Peer {
  const command = `"${node}" --import tsx server.ts --quiet --max-clients 20000 --address 127.0.0.1 --port {port}`;
  return {
    name: named('this server', label), kind: 'ours', label, cannot: () => null,
    command: ({ deflate }) => deflate ? `${command} --deflate` : command,
  };
}

/** ws in JavaScript alone, as we are; `native` adds bufferutil, an addon in C that unmasks for it. */
export function ws(node = process.execPath, label = '', native = false): Peer {
  const { version } = JSON.parse(readFileSync(here('node_modules/ws/package.json'), 'utf8')) as { version: string };
  const command = `env WS_NO_BUFFER_UTIL=${native ? '' : '1'} "${node}" "${here('servers/ws.js')}" {port}`;
  return {
    name: named(`ws ${version}${native ? ' with bufferutil' : ''}`, label), kind: native ? 'other' : 'ws', label,
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
function php(): Peer | null {
  const server = here('../compare/select_server.php');
  const { status, stdout } = spawnSync('php', ['-r', 'socket_create(AF_INET, SOCK_STREAM, 0); echo PHP_VERSION;']);
  if (status !== 0) return missing('PHP is missing, or its sockets: apt-get install php-cli');
  return {
    name: `the PHP, ${String(stdout)}`, kind: 'php', label: '', command: () => `php "${server}" 127.0.0.1 {port}`,
    cannot: ({ clients, idle, inflight, size, deflate }) => {
      if (deflate) return 'it has no deflate';
      if (clients + idle > SELECT) return 'its select ends at 1,024 descriptors';
      if (inflight > 1) return 'it takes one read for one message, so it can have one in flight';
      return size + 8 > PHP_READ ? 'it takes messages of one read, 1,024 bytes' : null;
    },
  };
}

function python(): Peer | null {
  const program = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
  const { status, stdout } = spawnSync(program, ['-c', 'import websockets.version as v; print(v.version)']);
  if (status !== 0) return missing('Python\'s websockets is missing: apt-get install python3-websockets');
  const command = `${program} "${here('../conformance/peers/python.py')}" {port}`;
  return { name: `Python websockets ${String(stdout).trim()}`, kind: 'other', label: '', command: () => command, cannot: anything };
}

/** One that the user names: 'NAME=COMMAND with {port}'. Null where the text is none. */
export function given(text: string): Peer | null {
  const [, name, command] = /^([^=]+)=(.*\{port\}.*)$/.exec(text) ?? [];
  if (name === undefined || command === undefined) return null;
  return { name, kind: 'other', label: '', command: () => command, cannot: anything };
}

/** All that this machine has, and a line on standard error for each that it has not. */
export function peers(): Peer[] {
  const native = hasNative() ? ws(process.execPath, '', true) : missing('bufferutil is not built for this machine');
  return [ourselves(), ws(), native, limit(), php(), python()].filter((one) => one !== null);
}

function missing(reason: string): null {
  console.error(reason);
  return null;
}
