/** What several test files need. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type FrameInbox, getMsg } from '../lib/websocket/codec.ts';
import type { Message } from '../lib/websocket/message.ts';

/** Node's flags to run TypeScript as these tests are run: with tsx, or, where they were started without, with none. */
export const TYPESCRIPT = process.execArgv.flatMap((flag, i, flags) => flag === '--import' ? [flag, flags[i + 1]!] : []);

/** `npm run test:all` plays everything in full size; `npm test` plays the smallest form that proves the same. */
export const FULL = process.env['TESTS'] === 'all';

/** The checkout. */
export const TOP = fileURLToPath(new URL('..', import.meta.url));
/** A page's file name in each language. */
export const READMES = { en: 'README.md', zh: 'README.zh-CN.md' } as const;

/** The command line of a tool; `--help` prints how to use it, and so does a wrong line (status 2). */
export function readArgs<T extends ParseArgsConfig>(usage: string, config: T): ReturnType<typeof parseArgs<T>> {
  if (process.argv.includes('--help')) {
    console.log(usage);
    process.exit(0);
  }
  try {
    return parseArgs(config);
  } catch (error) {
    console.error(`${(error as Error).message.split(/\n|\. /)[0]}\n${usage}`);
    process.exit(2);
  }
}

export type Language = 'en' | 'zh';
/** The options of a tool that prints for people. */
export const LANGUAGES = { chinese: { type: 'boolean', default: false }, english: { type: 'boolean', default: false } } as const;

/** The language of a tool: as its flags say, else as the terminal is set; Windows sets none of these variables. */
export function languageOf(flags: Record<keyof typeof LANGUAGES, boolean>, env = process.env): Language {
  if (flags.chinese || flags.english) return flags.chinese ? 'zh' : 'en';
  const { LC_ALL, LC_MESSAGES, LANG } = env;
  const locale = LC_ALL || LC_MESSAGES || LANG || new Intl.DateTimeFormat().resolvedOptions().locale;
  return locale.startsWith('zh') ? 'zh' : 'en';
}

/** The bytes that are written as '8185 37fa213d'. */
export function hex(text: string): Buffer {
  const digits = text.replace(/\s/g, '');
  const bytes = Buffer.from(digits, 'hex');
  // Buffer.from stops at the first wrong digit and does not say so
  assert.equal(bytes.length * 2, digits.length, `'${text}' is not hexadecimal`);
  return bytes;
}

/** An empty folder, removed when the test is over. */
export async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'socket-select-'));
  t.after(() => rm(path, { recursive: true }));
  return path;
}

/** A port of 127.0.0.1 that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Gives whole numbers below a limit. */
export type Random = (limit: number) => number;

/** The same numbers for the same seed: SEED=... replays a run that failed. */
export function randomOf(t: TestContext): Random {
  return randomFrom(seedOf(t));
}

/** What this run begins with, printed so that it can be had again. */
export function seedOf(t: TestContext): number {
  const seed = Number(process.env['SEED'] ?? Date.now()) >>> 0;
  t.diagnostic(`SEED=${seed}`);
  return seed;
}

/** mulberry32 */
export function randomFrom(seed: number): Random {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor(((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32 * limit);
  };
}

/** Collects garbage now, so that what is still there is what somebody holds. */
export function gc(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  // What the first one finds of ArrayBuffers is freed by a thread of its own; the second waits for that
  collect();
}

/** getMsg where it returns null only to let others go on, too: after many frames, or while a thread decodes a message. */
export async function nextMsg(inbox: FrameInbox): Promise<Message | null> {
  for (;;) {
    const message = getMsg(inbox);
    if (message !== null || !inbox.mayHoldMessage) return message;
    if (inbox.isDecoding) await new Promise<void>((resolve) => { inbox.onDecoded = resolve; });
  }
}

/** What a program left that has ended. */
export interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs node with tsx on these arguments, from the top of the checkout, until it ends. */
export function run(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    // Tools print in the reader's language; these tests read English
    const env = { ...process.env, LC_ALL: 'C' };
    const child = execFile(process.execPath, [...TYPESCRIPT, ...args], { cwd: TOP, env, maxBuffer: Infinity }, (_error, stdout, stderr) => {
      resolve({ status: child.exitCode, stdout, stderr });
    });
    // A server that starts where it should give up has failed the test already: it need not hold it up, too
    child.stderr!.on('data', (text: string) => { if (text.includes('listening on')) child.kill(); });
  });
}
