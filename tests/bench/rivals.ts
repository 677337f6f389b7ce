/** The servers that are measured: this one, and those that this machine has of the others. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { HAS_REUSE_PORT } from '../../lib/php/sockets.ts';
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
  /** Whether it can play this row. */
  plays(row: Row): boolean;
}

/** PHP's select(2) takes descriptors below 1,024; some are standard input and the like. */
const SELECT = 1000;
/** Bytes that PHP's loop reads at a time, and takes for one frame; the header takes 8 of these. */
const PHP_READ = 1024;
/** Bytes of a payload from which on ws asks bufferutil. */
const NATIVE = 32;

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
/** Most rows can be played by anyone. The extra ones are for select and for us. */
const anything = (row: Row): boolean => !isExtra(row);

/** This server. */
function ours(node = process.execPath, label = ''): Peer {
  const peer = beside(ourselves('--quiet --max-clients 20000', node));
  return {
    ...peer, kind: 'ours', label,
    // Another Node may not have it
    plays: ({ processes }) => processes === 0 || (HAS_REUSE_PORT && label === ''),
    command: (row) => row.processes === 0 ? peer.command(row) : sharing(row.processes, peer.command(row)),
  };
}

/** So many processes on one port. One that cannot start ends them all. */
function sharing(processes: number, command: string): string {
  return `sh -c 'for one in ${'1 '.repeat(processes)}; do ${command} --reuse-port || kill 0 & done; wait'`;
}

/** ws in JavaScript alone, as we are; `native` adds bufferutil, an addon in C that unmasks for it. */
function ws(node = process.execPath, label = '', native = false): Peer {
  const { version } = JSON.parse(readFileSync(here('node_modules/ws/package.json'), 'utf8')) as { version: string };
  const plain = `env WS_NO_BUFFER_UTIL=${native ? '' : '1'} "${node}" "${here('servers/ws_fastest.js')}" {port}`;
  return {
    ...beside({ name: `ws ${version}${native ? ' with bufferutil' : ''}`, plain, deflate: `${plain} deflate` }),
    kind: native ? 'other' : 'ws', label, plays: (row) => anything(row) && (!native || row.size >= NATIVE),
  };
}

/** Both on another Node: 'LABEL=PATH'. @throws Error */
export function onNode(text: string): Peer[] {
  const [label, path] = text.split('=');
  if (!label || !path) throw new Error(`--nodes '${text}' is no Node: give LABEL=PATH`);
  return [ours(path, label), ws(path, label)];
}

/** Whether bufferutil has been built for this machine. */
function hasNative(): boolean {
  const code = 'process.exit(require("bufferutil") === require("bufferutil/fallback") ? 1 : 0)';
  return spawnSync(process.execPath, ['-e', code], { cwd: here('.'), stdio: 'ignore' }).status === 0;
}

/** It knows no WebSocket, so it compresses nothing. */
function limit(): Peer {
  const plain = `"${process.execPath}" "${here('servers/echo.js')}" {port}`;
  return { ...beside({ name: 'node:net echo', plain, deflate: null }), kind: 'limit' };
}

function bun(): Peer | null {
  const found = runtime('Bun', '@oven', 'bin/bun');
  if (found === null) return null;
  const plain = `"${found.program}" "${here('servers/bun_fastest.js')}" {port}`;
  return beside({ name: found.name, plain, deflate: `${plain} deflate` });
}

/** It agrees on no permessage-deflate. */
function deno(): Peer | null {
  const found = runtime('Deno', '@deno', 'deno');
  if (found === null) return null;
  // Its cache would be in the user's folder
  const env = `env DENO_NO_UPDATE_CHECK=1 DENO_DIR="${here('runtimes/node_modules/.deno')}"`;
  const plain = `${env} "${found.program}" run --allow-net "${here('servers/deno_fastest.js')}" {port}`;
  return beside({ name: found.name, plain, deflate: null });
}

/** The program itself, in the package that npm has chosen for this machine: npm's command for it is one more process. */
function runtime(name: string, scope: string, file: string): { name: string; program: string } | null {
  const folder = here(`runtimes/node_modules/${scope}`);
  const [chosen] = existsSync(folder) ? readdirSync(folder) : [];
  const program = `${folder}/${chosen}/${file}`;
  const [version] = /\d[\d.]+/.exec(String(spawnSync(program, ['--version']).stdout)) ?? [];
  if (version !== undefined) return { name: `${name} ${version}`, program };
  return missing(`${name} is missing: npm ci --ignore-scripts --prefix tests/bench/runtimes (200 MB: Bun and Deno)`);
}

/** The comparison's server, the article's loop in PHP, takes one read for one message. */
function phpLoop(): Peer | null {
  const server = php();
  return server && {
    ...beside(server), name: `the ${server.name.replace(' ', ', ')}`, kind: 'php',
    plays: ({ clients, idle, inflight, size, deflate, processes }) =>
      !deflate && processes === 0 && clients + idle <= SELECT && inflight === 1 && size + 8 <= PHP_READ,
  };
}

/** One of the others. */
function beside({ name, plain, deflate: compressing }: Other): Peer {
  return {
    name, kind: 'other', label: '', command: ({ deflate }) => deflate ? compressing! : plain,
    plays: (row) => anything(row) && (!row.deflate || compressing !== null),
  };
}

/** One that the user names: 'NAME=COMMAND with {port}'. @throws Error */
export function named(text: string): Peer {
  return beside(given(text));
}

/** All that this machine has, and a line on standard error for each that it has not. */
export function peers(): Peer[] {
  const native = hasNative() ? ws(process.execPath, '', true) : missing('bufferutil is not built for this machine');
  const other = python();
  return [ours(), ws(), native, limit(), phpLoop(), other && beside(other), bun(), deno()].filter((one) => one !== null);
}
