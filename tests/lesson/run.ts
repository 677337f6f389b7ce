/** One connection to server.ts, and every byte that crossed: what the lesson shows. */
import { Program } from '../program.ts';
import { closing, frame, REQUEST, Wire } from '../wire.ts';
import { BINARY, CLOSE, CONTINUATION, PING, TEXT } from '../../lib/websocket/frame.ts';

/** One frame or several, and the answer. */
export interface Exchange {
  client: Buffer[];
  server: Buffer;
}

export interface Lesson {
  request: Buffer;
  response: Buffer;
  hello: Exchange;
  fragments: Exchange;
  ping: Exchange;
  close: Exchange;
  /** One for each form of the length. */
  lengths: Exchange[];
}

/** Bytes of payload: the most and the least of each form, as far as they fit on a page of paper. */
const SIZES = [0, 125, 126, 65535, 65536];

/** Starts server.ts, plays the lesson to it, and stops it. */
export async function playLesson(): Promise<Lesson> {
  const server = Program.of('server.ts', null, '--quiet');
  try {
    const wire = await Wire.connect((await server.listens()).where);
    wire.send(REQUEST);
    const response = Buffer.from(await wire.head());
    const ask = async (length: number, ...client: Buffer[]): Promise<Exchange> => {
      wire.send(...client);
      return { client, server: Buffer.from(await wire.take(length)) };
    };
    const hello = await ask(7, frame(TEXT, 'Hello'));
    const lengths: Exchange[] = [];
    for (const size of SIZES) {
      const header = size < 126 ? 2 : size < 65536 ? 4 : 10;
      lengths.push(await ask(header + size, frame(BINARY, Buffer.alloc(size))));
    }
    const fragments = await ask(7, frame(TEXT, 'Hel', { fin: false }), frame(CONTINUATION, 'lo'));
    const ping = await ask(7, frame(PING, 'Hello'));
    const close = await ask(4, frame(CLOSE, closing(1000)));
    wire.end();
    return { request: Buffer.from(REQUEST), response, hello, lengths, fragments, ping, close };
  } finally {
    await server.stop('SIGKILL');
  }
}
