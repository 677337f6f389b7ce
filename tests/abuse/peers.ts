/**
 * The same attacks against other servers with their defaults, as a table in Markdown: what became of each.
 * Usage: npm run abuse -- [--only TEXT] [--peer 'NAME=COMMAND with {port}']...
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Server } from '../conformance/peers/process.ts';
import { Wire } from '../wire.ts';
import { type Deed, deeds } from './deeds.ts';
import { Innocent } from './innocent.ts';
import { memoryOf, MIB, peakOf } from './vitals.ts';

/** Milliseconds that one attack may take. */
const LIMIT = 20_000;

interface Peer {
  name: string;
  /** Command lines of a shell, with {port}. */
  plain: string;
  /** The same with permessage-deflate; null where it has none. */
  deflate: string | null;
}

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** A line for what is left out, and why. */
function missing(reason: string): null {
  console.error(reason);
  return null;
}

function ourselves(): Peer {
  const plain = `"${process.execPath}" --import tsx server.ts --address 127.0.0.1 --port {port}`;
  return { name: 'this server', plain, deflate: `${plain} --deflate` };
}

function ws(): Peer | null {
  const manifest = here('../clients/node_modules/ws/package.json');
  if (!existsSync(manifest)) return missing('ws is missing: npm ci --prefix tests/clients');
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  const plain = `"${process.execPath}" "${here('../conformance/peers/ws.js')}" {port}`;
  return { name: `ws ${version}`, plain, deflate: `${plain} deflate` };
}

function php(): Peer | null {
  const program = here('../compare/select_server.php');
  if (!existsSync(program)) return missing('tests/compare/select_server.php is missing');
  const { status, stdout } = spawnSync('php', ['-r', 'socket_create(AF_INET, SOCK_STREAM, 0); echo PHP_VERSION;']);
  if (status !== 0) return missing('PHP is missing, or its sockets: apt-get install php-cli');
  return { name: `PHP ${String(stdout)}`, plain: `php "${program}" 127.0.0.1 {port}`, deflate: null };
}

function further(text: string): Peer {
  const [, name, command] = /^([^=]+)=(.*\{port\}.*)$/.exec(text) ?? [];
  if (name === undefined || command === undefined) {
    throw new Error(`Cannot use --peer '${text}': it is not NAME=COMMAND with {port}`);
  }
  return { name, plain: command, deflate: null };
}

/** What became of one server: 'yes' or '**no**', and how. */
async function suffer(command: string, deed: Deed): Promise<string> {
  const { descriptors } = deed;
  const limit = descriptors === undefined ? '' : `sh -c 'ulimit -n ${descriptors}; exec "$@"' sh `;
  const server = new Server(`${limit}${command}`);
  await server.start();
  const pid = server.pid!, where = { host: '127.0.0.1', port: server.port };
  const innocent = await Innocent.start(where, true);
  await sleep(300);
  const from = await memoryOf(pid);
  let peak = from;
  const watch = setInterval(() => { void peakOf(pid).then((now) => { peak = now; }, () => {}); }, 50);
  await Promise.race([deed.run(where).catch(() => {}), sleep(LIMIT, null, { ref: false })]);
  // What it has taken in it may still be busy with
  await sleep(500);
  const isRunning = server.isRunning;
  const { wrong, slowest, lag } = await innocent.leave();
  clearInterval(watch);
  Wire.cutAll();
  await server.stop();
  const memory = `${Math.round(from / MIB)} → ${Math.round(peak / MIB)} MiB`;
  if (!isRunning) return '**no**: its process ended';
  if (wrong !== '') return `**no**: the other client lost its connection or its messages; ${memory}`;
  if (slowest - lag > 1000) return `**no**: the other client waited ${(slowest / 1000).toFixed(1)} s; ${memory}`;
  return `yes; ${memory}`;
}

const { values } = parseArgs({ options: {
  only: { type: 'string', default: '' }, peer: { type: 'string', multiple: true, default: [] },
} });
const peers = [ourselves(), ws(), php(), ...values.peer.map(further)].filter((peer) => peer !== null);
const row = (cells: string[]): void => console.log(`| ${cells.join(' | ')} |`);

row(['survived?', ...peers.map(({ name }) => name)]);
row(['---', ...peers.map(() => '---')]);
let isUnharmed = true;
for (const deed of deeds.filter(({ name }) => name.includes(values.only))) {
  const cells: string[] = [];
  for (const { plain, deflate } of peers) {
    const command = deed.deflate ? deflate : plain;
    const failed = (error: unknown): string => `not run: ${String(error)}`;
    cells.push(command === null ? 'has none' : await suffer(command, deed).catch(failed));
  }
  row([deed.name, ...cells]);
  isUnharmed &&= cells[0]!.startsWith('yes');
}
process.exit(isUnharmed ? 0 : 1);
