/** One connection to server.ts, and every byte that crossed: what README's lesson shows. */
import { Program } from '../program.ts';
import { closing, frame, REQUEST, Wire } from '../wire.ts';
import { BINARY, CLOSE, TEXT } from '../../lib/websocket/frame.ts';

/** A frame and its answer. */
export interface Exchange {
  client: Buffer;
  server: Buffer;
}

export interface Lesson {
  request: Buffer;
  response: Buffer;
  hello: Exchange;
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
    const ask = async (client: Buffer, length: number): Promise<Exchange> => {
      wire.send(client);
      return { client, server: Buffer.from(await wire.take(length)) };
    };
    const hello = await ask(frame(TEXT, 'Hello'), 7);
    const lengths: Exchange[] = [];
    for (const size of SIZES) {
      const header = size < 126 ? 2 : size < 65536 ? 4 : 10;
      lengths.push(await ask(frame(BINARY, Buffer.alloc(size)), header + size));
    }
    const close = await ask(frame(CLOSE, closing(1000)), 4);
    wire.end();
    return { request: Buffer.from(REQUEST), response, hello, close, lengths };
  } finally {
    await server.stop('SIGKILL');
  }
}
