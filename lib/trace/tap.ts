/** Looking on at a connection: its bytes become events, and whoever asked is told. */
import { Decoder, Link } from './decoder.ts';
import { warn } from '../log.ts';
import type { Tap } from '../php/stream.ts';
import type { Traced } from './events.ts';

/** An event of a client. */
export interface Event extends Traced {
  /** The client's number. */
  client: number;
  /** Milliseconds since the first look at it. */
  at: number;
}

/**
 * Events that are told in one pass of the loop, of one client and of all. To tell one takes longer than to echo a short
 * message: nobody who floods us with those shall have the others wait for the telling.
 */
const MOST_OF_ONE = 200, MOST_OF_ALL = 500;

let left = MOST_OF_ALL;
let isCounting = false;

/**
 * A tap that decodes both directions of one client and tells each event at once. A fault of ours in the telling ends
 * that, with its stack on standard error; the connection does not notice.
 */
export function tapOf(client: { readonly id: number; readonly step: number }, tell: (event: Event) => void): Tap {
  const link = new Link(), begin = performance.now();
  const decoders = { client: new Decoder('client', link), server: new Decoder('server', link) };
  let pass = -1, room = MOST_OF_ONE, isWell = true;
  const look: Tap = (from, bytes, injected) => {
    beginPass();
    if (pass !== passes) room = MOST_OF_ONE;
    pass = passes;
    link.step = client.step;
    const before = link.room = Math.min(room, left);
    const decoder = decoders[from];
    const events = bytes === null ? decoder.end() : decoder.push(bytes, injected);
    room -= before - link.room;
    left -= before - link.room;
    const at = Math.round((performance.now() - begin) * 10) / 10;
    for (const event of events) tell({ client: client.id, at, ...event });
  };
  return (from, bytes, injected) => {
    if (!isWell) return;
    try {
      look(from, bytes, injected);
    } catch (error) {
      isWell = false;
      warn(`Cannot tell what client ${client.id} says: ${error instanceof Error ? error.stack : String(error)}`);
    }
  };
}

let passes = 0;

function beginPass(): void {
  if (isCounting) return;
  isCounting = true;
  process.nextTick(() => {
    isCounting = false;
    left = MOST_OF_ALL;
    passes++;
  });
}
