/**
 * permessage-deflate (RFC 7692): messages are compressed.
 *
 *     f2 48 cd c9 c9 07 00                    "Hello" as a payload; its frame has RSV1 set
 *     f2 48 cd c9 c9 07 00 | 00 00 ff ff      "Hello" as zlib writes it; the last four bytes are never sent
 *
 * The server compresses each message by itself, so that one answer suits all clients. A client's message may refer to
 * earlier ones, its context, unless the client offers client_no_context_takeover: then it costs no memory.
 *
 *     f2 00 11 00 00                          "Hello" again: five bytes from five bytes back
 */
import { constants, deflateRawSync, inflateRaw, inflateRawSync, type ZlibOptions } from 'node:zlib';
import { INVALID_PAYLOAD, ProtocolError, TOO_BIG } from './close.ts';
import type { Extension, Offer } from './extensions.ts';
import { RSV1 } from './frame.ts';

/** RFC 7692 7.2.1: the last four bytes of an empty block, which a sender removes. */
const TAIL = Buffer.of(0x00, 0x00, 0xff, 0xff);
/** Appended before inflating: the tail, and a block with a word. Without the word, the client's last block was cut. */
const WORD = Buffer.from('end');
const END = Buffer.concat([TAIL, deflateRawSync(WORD)]);
/** Bytes. A shorter message would hardly shrink. */
const WORTH_IT = 64;
/** Bytes that a message may have, compressed or inflated, to be inflated here. Of more another thread takes care. */
const MOST_INFLATED = 64 * 1024;
/** Bytes. A longer message is sent uncompressed: compressing 1 MiB can take 8 ms, in which nobody else is served. */
const MOST_DEFLATED = 32 * 1024;
/** Bytes. The first attempt of another thread ends here, so that few messages wait for one of 16 MiB. */
const QUICK = 1024 * 1024;
/** Bytes. From here on level 1 compresses nearly as well as zlib's own 6, and takes a tenth of the time at worst. */
const FAST = 4096;
/** Bytes. Node takes smaller Buffers from its pool. */
const POOLED = 2048;
/** Blocks with BFINAL that one message may have; each costs a call of zlib. */
const MAX_FINALS = 16;
/** Bytes. RFC 1951 2: how far back a message may refer. */
const WINDOW = 32 * 1024;
const NOTHING: Buffer = Buffer.alloc(0);

/**
 * Accepts an offer of permessage-deflate (RFC 7692 5.1 and 7.1).
 * @returns null when the offer is declined
 */
export function negotiateDeflate(params: Offer['params']): Extension | null {
  const given = new Map(params);
  // RFC 7692 7.1: a parameter that is unknown, repeated or has a bad value declines the offer
  if (given.size < params.length) return null;
  if (!params.every(([name, value]) => Object.hasOwn(PARAMS, name) && PARAMS[name]!(value))) return null;
  return new Deflate(given);
}

/** The parameters of an offer (RFC 7692 7.1.1 and 7.1.2), and which values each may have. */
const PARAMS: Record<string, (value: string | null) => boolean> = {
  server_no_context_takeover: (value) => value === null,
  client_no_context_takeover: (value) => value === null,
  server_max_window_bits: isBits,
  client_max_window_bits: (value) => value === null || isBits(value),
};

/** 8 to 15, without leading zeros. */
function isBits(value: string | null): boolean {
  return /^(?:[89]|1[0-5])$/.test(value ?? '');
}

/** By server_max_window_bits. Clients with the same value share one, and a broadcast is compressed once (Frame). */
const ENCODERS = Array.from({ length: 16 }, (_, bits) => (payload: Uint8Array) => deflate(payload, bits || 15));

/** What was agreed on with one client. */
class Deflate implements Extension {
  readonly answer: string;
  readonly rsv = RSV1;
  readonly encode: Extension['encode'];
  private readonly context: Context | null;
  private job: Job | null = null;

  constructor(params: ReadonlyMap<string, string | null>) {
    // RFC 7692 7.1.1: a server may add both no_context_takeover. But Netty refuses what it did not offer, and Tornado
    // 6.2 does not see them. client_max_window_bits needs no answer: inflating works with every window
    const agreed = [...params].filter(([name]) => name !== 'client_max_window_bits')
      .map(([name, value]) => value === null ? name : `${name}=${value}`);
    this.answer = ['permessage-deflate', ...agreed].join('; ');
    this.encode = ENCODERS[Number(params.get('server_max_window_bits') ?? 0)]!;
    this.context = params.has('client_no_context_takeover') ? null : new Context();
  }

  get held(): number {
    return this.context?.held ?? 0;
  }

  decode(payload: Uint8Array, limit: number): Buffer | Promise<Buffer> {
    const context = this.context?.bytes;
    try {
      if (payload.length <= MOST_INFLATED) return this.keep(inflate(payload, Math.min(limit, MOST_INFLATED), context));
    } catch (error) {
      if (limit <= MOST_INFLATED || !isTooBig(error)) throw error;
    }
    // A copy: the payload may be a small part of a whole read
    const bytes = Buffer.concat([payload, END]);
    return new Promise((resolve, reject) => {
      const attempt = (lane: Lane, most: number): void => {
        const job = this.job = async (): Promise<void> => {
          try {
            resolve(this.keep(await inflateLater(bytes, most, context)));
          } catch (error) {
            if (most === limit || !isTooBig(error)) reject(error as Error);
            else if (this.job === job) attempt(LONG, limit);
          }
        };
        lane.add(job);
      };
      attempt(SHORT, Math.min(limit, QUICK));
    });
  }

  cancel(): void {
    for (const lane of [SHORT, LONG]) lane.jobs.delete(this.job!);
    this.job = null;
  }

  private keep(message: Buffer): Buffer {
    this.context?.push(message);
    return message;
  }
}

/** The last 32 KiB that were inflated for one client. */
export class Context {
  private memory: Buffer = NOTHING;
  private length = 0;

  /** A view, until the next push(). */
  get bytes(): Buffer {
    return this.memory.subarray(0, this.length);
  }

  /** Bytes in memory. */
  get held(): number {
    return this.memory.length;
  }

  /** Adds a message, which is copied. */
  push(message: Buffer): void {
    const added = message.subarray(-WINDOW), kept = Math.min(this.length, WINDOW - added.length);
    const { memory, length } = this;
    this.length = kept + added.length;
    if (this.length > memory.length) this.memory = Buffer.allocUnsafeSlow(Math.min(WINDOW, this.length * 2));
    memory.copy(this.memory, 0, length - kept, length);
    added.copy(this.memory, kept);
  }
}

/**
 * Compresses a message's payload (RFC 7692 7.2.1).
 * @param maxWindowBits 8 to 15: how far back it may refer, as a power of two
 * @returns null when it would not become shorter, or would take too long
 */
export function deflate(payload: Uint8Array, maxWindowBits = 15): Buffer | null {
  if (payload.length < WORTH_IT || payload.length > MOST_DEFLATED) return null;
  // A window, a table (memLevel) and a chunk of the message's size take 20 KiB; zlib's defaults take 150.
  // zlib uses 9 bits for 8, and still looks back 250 bytes at most: the client's window is enough
  const bits = 32 - Math.clz32(payload.length);
  const bytes = deflateRawSync(payload, {
    level: payload.length < FAST ? 6 : 1,
    windowBits: Math.min(maxWindowBits, Math.max(9, bits)),
    memLevel: Math.min(8, Math.max(1, bits - 6)),
    chunkSize: chunkSizeOf(payload.length),
    finishFlush: constants.Z_SYNC_FLUSH,
  });
  return bytes.length - TAIL.length < payload.length ? bytes.subarray(0, -TAIL.length) : null;
}

/**
 * Decompresses a message's payload (RFC 7692 7.2.2).
 * @param limit bytes that it may have
 * @param context what it may refer to
 * @throws ProtocolError 1007 when it is not deflate data, 1009 at the limit, before more is inflated
 */
export function inflate(payload: Uint8Array, limit: number, context = NOTHING): Buffer {
  const message = inflating(Buffer.concat([payload, END]), limit, context);
  let step = message.next();
  while (step.done !== true) step = message.next(attempt(step.value));
  return step.value;
}

function attempt({ bytes, options }: Step): Result | Error {
  try {
    return inflateRawSync(bytes, options) as unknown as Result;
  } catch (error) {
    return error as Error;
  }
}

/** The same by another thread, for bytes that have END behind them. */
async function inflateLater(bytes: Buffer, limit: number, context?: Buffer): Promise<Buffer> {
  const message = inflating(bytes, limit, context);
  let step = message.next();
  while (step.done !== true) {
    const { bytes, options } = step.value;
    step = message.next(await new Promise<Result | Error>((resolve) => {
      inflateRaw(bytes, options, (error, result) => resolve(error ?? result as unknown as Result));
    }));
  }
  return step.value;
}

type Job = () => Promise<void>;

/** Jobs of another thread, one after the other. A job that is deleted from `jobs` is not begun. */
class Lane {
  readonly jobs = new Set<Job>();
  private isBusy = false;

  add(job: Job): void {
    this.jobs.add(job);
    if (!this.isBusy) void this.work();
  }

  private async work(): Promise<void> {
    this.isBusy = true;
    for (const job of this.jobs) {
      this.jobs.delete(job);
      await job();
    }
    this.isBusy = false;
  }
}

/** Messages that other threads inflate: first attempts, and those that have turned out to be long. */
const SHORT = new Lane(), LONG = new Lane();

/** What zlib is to inflate. */
interface Step {
  bytes: Uint8Array;
  options: ZlibOptions;
}

/** What it has made of that. The engine alone knows how many bytes were read; @types/node does not know it. */
interface Result {
  buffer: Buffer;
  engine: { bytesWritten: number };
}

/** Yields what zlib is to inflate, up to a block with BFINAL each time; returns the message. */
function* inflating(bytes: Uint8Array, limit: number, context = NOTHING): Generator<Step, Buffer, Result | Error> {
  const parts: Buffer[] = [];
  let rest = bytes, length = 0;
  // RFC 7692 7.2.3.4: a block with BFINAL may be followed by others, which refer to nothing before it
  for (let finals = 0; rest.length !== END.length && rest.length > 0; finals++) {
    if (finals > MAX_FINALS) throw bad(`it ends more than ${MAX_FINALS} times`);
    const result = yield {
      bytes: rest,
      options: {
        dictionary: finals === 0 ? context : NOTHING, maxOutputLength: limit - length + WORD.length,
        chunkSize: chunkSizeOf(rest.length * 4), info: true,
      },
    };
    if (result instanceof Error) {
      const { code } = result as NodeJS.ErrnoException;
      throw code === 'ERR_BUFFER_TOO_LARGE' ? tooBig(limit) : bad('it is no deflate data');
    }
    const { buffer, engine } = result;
    rest = rest.subarray(engine.bytesWritten);
    const isEnd = rest.length === 0 && buffer.subarray(-WORD.length).equals(WORD);
    if (rest.length < END.length && !isEnd) throw bad('it ends inside of a block');
    parts.push(isEnd ? buffer.subarray(0, -WORD.length) : buffer);
    length += parts.at(-1)!.length;
    if (length > limit) throw tooBig(limit);
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts, length);
}

/** Bytes that zlib writes at a time: a piece of Node's pool when that is enough, else zlib's own 16 KiB, or more. */
function chunkSizeOf(length: number): number {
  return length < POOLED ? POOLED : length < 256 * 1024 ? 16 * 1024 : 256 * 1024;
}

function isTooBig(error: unknown): boolean {
  return error instanceof ProtocolError && error.code === TOO_BIG;
}

function tooBig(limit: number): ProtocolError {
  return new ProtocolError(TOO_BIG, `Cannot inflate message: it has more than ${limit} bytes`);
}

function bad(why: string): ProtocolError {
  return new ProtocolError(INVALID_PAYLOAD, `Cannot inflate message: ${why}`);
}
