/** Plays one row against one server that is running, and measures what it did and what it cost. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Handshake } from './client.ts';
import { Crew } from './crew.ts';
import { messagesFor } from './payloads.ts';
import type { Figures } from './metrics.ts';
import type { Row } from './rows.ts';
import { Histogram } from './numbers.ts';
import { type Usage, usageOf } from './usage.ts';

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
  /** Its processes. */
  pids: readonly number[];
  /** It echoes bytes, without a handshake. */
  raw: boolean;
}

/** Throws an Error that says what the server did wrong or has not done. */
export async function measure(row: Row, target: Target, seconds: number): Promise<Figures> {
  const messages = messagesFor(row, target.raw);
  const handshake: Handshake = target.raw ? 'none' : row.deflate ? 'deflate' : 'plain';
  const crew = new Crew(target.port, messages, handshake);
  try {
    if (row.kind === 'memory') return await playMemory(row, crew, target);
    const meter = new Meter(target);
    if (row.kind === 'connections') return await playConnections(row, crew, meter, seconds);
    return await playLoad(row, crew, meter, seconds);
  } finally {
    crew.leave();
  }
}

/** Counts what is answered while it is on, and what was used for it. */
class Meter {
  /** Resolves with the first answer since start(). */
  hasCounted = Promise.resolve();
  private readonly target: Target;
  private readonly latencies = new Histogram();
  private done = 0;
  private counted: () => void = () => {};
  private started = 0;
  private before: Usage | null = null;
  private own = process.cpuUsage();

  constructor(target: Target) {
    this.target = target;
  }

  /** So many answers, each so many milliseconds after its message. */
  count(times: number, milliseconds: number): void {
    if (this.done === 0) this.counted();
    this.done += times;
    this.latencies.add(milliseconds * 1000, times);
  }

  start(): void {
    this.latencies.clear();
    this.done = 0;
    this.hasCounted = new Promise((resolve) => { this.counted = resolve; });
    this.before = usageOf(this.target.pids);
    this.own = process.cpuUsage();
    this.started = performance.now();
  }

  stop(): Figures {
    const seconds = (performance.now() - this.started) / 1000;
    const { user, system } = process.cpuUsage(this.own);
    const after = usageOf(this.target.pids);
    const rate = this.done / seconds;
    const figures: Figures = {
      rate, p50: this.latencies.percentile(50), p99: this.latencies.percentile(99),
      load: (user + system) / 1e4 / seconds,
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
  await crew.within(Promise.race([sleep(warmUp * 1000), warm]), '', Infinity);
  meter.start();
  await crew.within(Promise.race([sleep(seconds * 1000), end]), '', Infinity);
  // A machine that is busy with something else may need more
  await crew.within(meter.hasCounted, 'It answers nothing');
  return meter.stop();
}

async function playLoad(row: Row, crew: Crew, meter: Meter, seconds: number): Promise<Figures> {
  await crew.join(row.idle);
  const busy = await crew.join(row.clients);
  let stopped = false, open = busy.length;
  const drained = new Promise<void>((resolve) => {
    for (const client of busy) {
      // When each message that is in flight was sent; the oldest is the next one to be answered
      const times = new Float64Array(row.inflight);
      client.onanswers = (count) => {
        const now = performance.now(), last = client.answered;
        for (let i = last - count, same; i < last; i += same) {
          const time = times[i % row.inflight]!;
          for (same = 1; i + same < last && times[(i + same) % row.inflight] === time;) same++;
          meter.count(same, now - time);
        }
        if (!stopped) return send(count, now);
        if (client.answered === client.sent && --open === 0) resolve();
      };
      const send = (count: number, now: number): void => {
        for (let i = client.sent; i < client.sent + count; i++) times[i % row.inflight] = now;
        client.send(count);
      };
      send(row.inflight, performance.now());
    }
  });
  const warmUp = row.clients * row.inflight > 1 ? Math.min(WARM_UP, seconds) : Math.min(WARM_UP_FEW, 4 * seconds);
  const figures = await period(crew, meter, warmUp, seconds);
  stopped = true;
  // No message is lost
  await crew.within(drained, 'It does not answer all messages');
  return figures;
}

async function playConnections(row: Row, crew: Crew, meter: Meter, seconds: number): Promise<Figures> {
  let stopped = false, left = MOST_CONNECTIONS, isWarm = (): void => {};
  const warm = new Promise<void>((resolve) => { isWarm = resolve; });
  const work = crew.all(row.clients, async () => {
    while (!stopped && left-- > 0) {
      if (left < MOST_CONNECTIONS / 2) isWarm();
      const start = performance.now();
      const client = await crew.connect();
      await crew.echo(client);
      crew.dismiss(client);
      meter.count(1, performance.now() - start);
    }
  });
  work.catch(() => {});
  const figures = await period(crew, meter, Math.min(WARM_UP_FEW, 4 * seconds), seconds, warm, work);
  stopped = true;
  await work;
  return figures;
}

async function playMemory(row: Row, crew: Crew, { pids }: Target): Promise<Figures> {
  const memory = async (): Promise<number> => {
    await crew.within(sleep(REST), '', Infinity);
    return usageOf(pids)?.rss ?? NaN;
  };
  await crew.join(FORERUNNERS);
  await crew.echoes();
  crew.leave();
  const before = await memory();
  await crew.join(row.clients);
  const open = await memory();
  await crew.echoes();
  const used = await memory();
  if (Number.isNaN(before)) return {};
  const each = (bytes: number): number => (bytes - before) / 1000 / row.clients;
  return { open: each(open), used: each(used) };
}
