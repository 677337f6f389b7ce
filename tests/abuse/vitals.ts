/** A process seen from outside (Linux): what the system knows of it, and what server.ts tells when it is asked. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Program } from '../program.ts';

export const MIB = 1024 * 1024;

/** Bytes of memory that the process has now (resident set). */
export function memoryOf(pid: number): Promise<number> {
  return statusOf(pid, 'VmRSS');
}

/** The most that it had since it started, or since forgetPeak. */
export function peakOf(pid: number): Promise<number> {
  return statusOf(pid, 'VmHWM');
}

/** proc(5): "5" sets the peak to what is there now. */
export function forgetPeak(pid: number): Promise<void> {
  return writeFile(`/proc/${pid}/clear_refs`, '5');
}

async function statusOf(pid: number, name: string): Promise<number> {
  const line = (await readFile(`/proc/${pid}/status`, 'utf8')).match(new RegExp(`^${name}:\\s*(\\d+) kB`, 'm'));
  assert.ok(line, `Cannot read ${name} of process ${pid}`);
  return Number(line[1]) * 1024;
}

/** What server.ts holds, as it tells when it gets SIGUSR2. */
export interface Numbers {
  sockets: number;
  handShake: number;
  inboxes: number;
  selectWrite: number;
  /** Bytes for clients. */
  held: number;
  /** Taken in since the start. */
  messages: number;
}

/** Those that come back to what they were. */
const ARRAYS = ['sockets', 'handShake', 'inboxes', 'selectWrite'] as const;

export async function numbersOf(program: Program): Promise<Numbers> {
  return await program.stats() as unknown as Numbers;
}

/** Bytes that V8 still holds for a program after a collection. heap.js must be in it. */
export async function heapOf(program: Program): Promise<number> {
  return (await program.stats('SIGWINCH'))['heap']!;
}

/** Asks again and again until the numbers are so, or the time (milliseconds) is up; resolves to the last ones. */
export async function until(program: Program, areSo: (now: Numbers) => boolean, patience = 60_000): Promise<Numbers> {
  for (const end = Date.now() + patience; ; await sleep(50)) {
    const now = await numbersOf(program);
    if (areSo(now) || Date.now() > end) return now;
  }
}

/** Waits until the numbers are these, and no more bytes are held; fails with those that are left. */
export async function settle(program: Program, wanted: Numbers): Promise<void> {
  const now = await until(program, (now) => {
    return ARRAYS.every((name) => now[name] === wanted[name]) && now.held <= wanted.held;
  });
  for (const name of ARRAYS) assert.equal(now[name], wanted[name], `${name} is what it was`);
  // An innocent client's message may have been on its way before
  assert.ok(now.held <= wanted.held, `held is ${now.held}, and was ${wanted.held}`);
}
