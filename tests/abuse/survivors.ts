/**
 * The same attacks against other servers with their defaults, as a table in Markdown: what became of each.
 * Usage: npx tsx tests/abuse/survivors.ts
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { OtherServer } from '../others/other_server.ts';
import { ourselves, php, ws } from '../others/others.ts';
import { Wire } from '../wire.ts';
import { type Deed, deeds } from './deeds.ts';
import { Innocent } from './innocent.ts';
import { memoryOf, MIB, peakOf } from './vitals.ts';

/** Milliseconds that one attack may take. */
const LIMIT = 20_000;

/** What became of one server: 'yes' or '**no**', and how. */
async function suffer(command: string, deed: Deed): Promise<string> {
  const { descriptors } = deed;
  const limit = descriptors === undefined ? '' : `sh -c 'ulimit -n ${descriptors}; exec "$@"' sh `;
  const server = await OtherServer.start(`${limit}${command}`);
  const { pid } = server, where = { host: '127.0.0.1', port: server.port };
  const innocent = await Innocent.start(where, true);
  await sleep(300);
  const from = await memoryOf(pid);
  let peak = from;
  const watch = setInterval(() => { void peakOf(pid).then((now) => { peak = now; }, () => {}); }, 50);
  await Promise.race([deed.run(where).catch(() => {}), sleep(LIMIT, null, { ref: false })]);
  // What it has taken in it may still be busy with
  await sleep(500);
  const isRunning = server.status === null;
  const { wrong, slowest, lag } = await innocent.leave();
  clearInterval(watch);
  Wire.cutAll();
  await server.stop('SIGKILL');
  const memory = `${Math.round(from / MIB)} → ${Math.round(peak / MIB)} MiB`;
  if (!isRunning) return '**no**: its process ended';
  if (wrong !== '') return `**no**: the other client lost its connection or its messages; ${memory}`;
  if (slowest - lag > 1000) return `**no**: the other client waited ${(slowest / 1000).toFixed(1)} s; ${memory}`;
  return `yes; ${memory}`;
}

const peers = [ourselves(), ws(), php()].filter((peer) => peer !== null);
const row = (cells: string[]): void => console.log(`| ${cells.join(' | ')} |`);

row(['survived?', ...peers.map(({ name }) => name)]);
row(['---', ...peers.map(() => '---')]);
let isUnharmed = true;
for (const deed of deeds) {
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
