/** Plays one row against one server that is running, and measures what it did and what it cost. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Crew, type Handshake } from './load.ts';
import { descriptorsOf, type Usage, usageOf } from './machine.ts';
import { messagesFor } from './payloads.ts';
import type { Row } from './rows.ts';
import type { Figures } from './tables.ts';

/** Before what counts, so that all code is compiled; connections, and messages one by one, are fewer. In seconds. */
const WARM_UP = 0.5, WARM_UP_FEW = 2;
/** Milliseconds that a server gets to come to rest before its memory is read. */
const REST = 500;
/**
 * New connections in one run: of a port's 28,000, those closed within the last minute cannot be used
 * again. Half of them at the most to warm up.
 */
const MOST_CONNECTIONS = 20_000;
/** Clients that come and go first where memory is measured, so that what a server needs once is there. */
const FORERUNNERS = 200;

interface Target {
  port: number;
  /** Of its process, and of the group of those that it starts. */
  pid: number;
  /** It echoes bytes, without a handshake. */
  raw: boolean;
}

/** Throws an Error that says what the server did wrong or has not done. */
export async function measure(row: Row, { port, pid, raw }: Target, seconds: number): Promise<Figures> {
  const handshake: Handshake = raw ? 'none' : row.deflate ? 'deflate' : 'plain';
  const crew = new Crew(port, messagesFor(row, raw), handshake);
  try {
    return await { load: playLoad, connections: playConnections, memory: playMemory }[row.kind](row, crew, pid, seconds);
  } finally {
    crew.leave();
  }
}

/** Counts what is answered while it is on, and what was used for it. */
class Meter {
  /** Resolves with the first answer since start(). */
  hasCounted = Promise.resolve();
  private readonly pid: number;
  /** Microseconds, each of one answer. */
  private latencies: number[] = [];
  private done = 0;
  private counted: () => void = () => {};
  private started = 0;
  private before: Usage | null = null;
  private own = process.cpuUsage();

  constructor(pid: number) {
    this.pid = pid;
  }

  /** So many answers. */
  count(times: number): void {
    if (this.done === 0) this.counted();
    this.done += times;
  }

  /** One answer's time, in milliseconds. */
  time(milliseconds: number): void {
    this.latencies.push(milliseconds * 1000);
  }

  start(): void {
    this.latencies = [];
    this.done = 0;
    this.hasCounted = new Promise((resolve) => { this.counted = resolve; });
    this.before = usageOf(this.pid);
    this.own = process.cpuUsage();
    this.started = performance.now();
  }

  stop(): Figures {
    const seconds = (performance.now() - this.started) / 1000;
    const { user, system } = process.cpuUsage(this.own), after = usageOf(this.pid);
    const sorted = Float64Array.from(this.latencies).sort();
    const percentile = (percent: number): number | undefined => sorted[Math.ceil(sorted.length * percent / 100) - 1];
    const figures: Figures = {
      rate: this.done / seconds, p50: percentile(50), p99: percentile(99), load: (user + system) / 1e4 / seconds,
    };
    if (this.before === null || after === null) return figures;
    const cpu = after.cpu - this.before.cpu;
    return { ...figures, cpu: cpu * 1e6 / this.done, server: cpu * 100 / seconds };
  }
}

const NEVER = new Promise<void>(() => {});

/** So many seconds to warm up, and so many that count; less where `warm` or `end` comes before. */
async function period(
  crew: Crew, meter: Meter, warmUp: number, seconds: number, warm = NEVER, end = NEVER,
): Promise<Figures> {
  await crew.during(Promise.race([sleep(warmUp * 1000), warm]));
  meter.start();
  await crew.during(Promise.race([sleep(seconds * 1000), end]));
  // A machine that is busy with something else may need more
  await crew.within(meter.hasCounted, 'It answers nothing');
  return meter.stop();
}

async function playLoad(row: Row, crew: Crew, pid: number, seconds: number): Promise<Figures> {
  const meter = new Meter(pid), before = descriptorsOf(pid);
  await crew.join(row.idle);
  const busy = await crew.join(row.clients);
  const joined = Array.from(descriptorsOf(pid), ([id, count]) => count - (before.get(id) ?? count));
  let stopped = false, open = busy.length;
  const drained = new Promise<void>((resolve) => {
    for (const client of busy) {
      let sent = performance.now();
      client.onanswers = (count) => {
        meter.count(count);
        if (row.inflight === 1) {
          const now = performance.now();
          meter.time(now - sent);
          sent = now;
        }
        if (!stopped) client.send(count);
        else if (client.answered === client.sent && --open === 0) resolve();
      };
      client.send(row.inflight);
    }
  });
  const warmUp = row.clients * row.inflight > 1 ? Math.min(WARM_UP, seconds) : Math.min(WARM_UP_FEW, 4 * seconds);
  const figures = await period(crew, meter, warmUp, seconds);
  stopped = true;
  // No message is lost
  await crew.within(drained, 'It does not answer all messages');
  return { ...figures, most: Math.max(...joined) };
}

async function playConnections(row: Row, crew: Crew, pid: number, seconds: number): Promise<Figures> {
  const meter = new Meter(pid);
  let stopped = false, left = MOST_CONNECTIONS, isWarm = (): void => {};
  const warm = new Promise<void>((resolve) => { isWarm = resolve; });
  const work = crew.all(row.clients, async () => {
    while (!stopped && left-- > 0) {
      if (left < MOST_CONNECTIONS / 2) isWarm();
      const client = await crew.connect();
      await crew.echo(client);
      crew.dismiss(client);
      meter.count(1);
    }
  });
  work.catch(() => {});
  const figures = await period(crew, meter, Math.min(WARM_UP_FEW, 4 * seconds), seconds, warm, work);
  stopped = true;
  await work;
  return figures;
}

async function playMemory(row: Row, crew: Crew, pid: number): Promise<Figures> {
  const memory = async (): Promise<number> => {
    await crew.during(sleep(REST));
    return usageOf(pid)?.rss ?? NaN;
  };
  await crew.join(FORERUNNERS);
  await crew.echoes();
  crew.leave();
  const before = await memory();
  await crew.join(row.clients);
  const open = await memory();
  await crew.echoes();
  const used = await memory();
  const each = (bytes: number): number => (bytes - before) / 1000 / row.clients;
  return Number.isNaN(before) ? {} : { open: each(open), used: each(used) };
}
