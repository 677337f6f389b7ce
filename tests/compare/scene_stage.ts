/**
 * The stage of one scene: one server, fresh, a witness that has shaken hands before anything happens, and the clients
 * that the scene brings.
 *
 * How does one know that a server will not answer? Both servers are one loop: what lay with the kernel when the witness
 * asked was served when the witness has had a few answers. So nothing here waits for a time where a server works.
 */
import { Actor, type Entry } from './actor.ts';
import { ENDED, type Fact, fieldOf, framesOf, headFact, NOTHING, plain, RESET } from './facts.ts';
import { ServerProcess, type Launch } from './server_process.ts';
import { frame, REQUEST, ACCEPT, KEY } from '../wire.ts';

/** Milliseconds for a server to start, and until one that has something to say and does not is given up. */
const START = 15_000, PATIENCE = 1000;
/** Milliseconds. Without TCP_NODELAY an answer may wait in the kernel for the last one's acknowledgement: 40, on Linux. */
const ACKNOWLEDGED = 80;
/** Characters of a server's own words, where it does not start. */
const LINE = 200;
/** A pass of the loop to accept a client, one to read from it, and each of them may have begun already. */
const ROUNDS = 4;
/** What the witness says; the lines about it are left out of the console. */
export const WORD = 'witness';

/** A server that cannot be played against, e.g. one that does not start. */
export class StageError extends Error {
  override name = 'StageError';
}

/** Something that clients do, and what is known to come of it with either server. */
export interface Scene {
  /** As --scene takes it. */
  name: string;
  /** One sentence: what it shows. */
  shows: Fact;
  /** The row of the departures table that it belongs to. */
  row?: string;
  /** What is known to come of it, as facts in English. The harness adds when the server ends or others wait. */
  php: string[];
  ts: string[];
  /** Another PHP server may do this instead, which is a row of its own. */
  also?: { row: string; php: string[] };
  /** They agree, but what they print is not compared: its order or its escapes may differ. */
  console?: 'free';
  /** The server is meant to end. */
  ends?: true;
  /** Flags for server.ts. */
  flags?: string[];
  /** Plays it, and notes what has come of it. */
  play: (stage: Stage) => Promise<void>;
}

/** A scene as a row: its name and departure, what it shows, what comes of it with either server, how it is played. */
export function scene(
  name: string, row: string | null, shows: Fact, php: string[], ts: string[], play: Scene['play'],
  more: Partial<Scene> = {},
): Scene {
  return { name, shows, ...(row === null ? {} : { row }), php, ts, play, ...more };
}

export class Stage {
  readonly program: Launch;
  readonly port: number;
  readonly server: ServerProcess;
  readonly transcript: Entry[] = [];
  readonly facts: Fact[] = [];
  readonly clients: Actor[] = [];
  private witness: Actor | null = null;

  constructor(program: Launch, port: number, flags: string[]) {
    this.program = program;
    this.port = port;
    this.server = new ServerProcess(program, port, ...flags);
  }

  /** Starts the witness: it knocks until the server listens. @throws StageError */
  async open(): Promise<void> {
    for (const end = performance.now() + START; this.witness === null;) {
      if (this.server.status !== null || performance.now() > end) {
        const lines = `${this.server.stdout}${this.server.stderr}`.trim().split('\n');
        // Node tells the place first, and then the error
        const said = lines.find((line) => /error|cannot/i.test(line) && !/^\s/.test(line)) ?? lines[0];
        throw new StageError(`${this.program.name} does not start${said ? `: ${said.slice(0, LINE)}` : ''}`);
      }
      this.witness = await Actor.connect('witness', this.port, []);
      if (this.witness === null) await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await this.witness.send(REQUEST);
    if (headFact(await this.witness.wire.anyHead(START)).en !== '101') throw new StageError(`${this.program.name} does not shake hands`);
  }

  /** A client that is connected. */
  async client(name = `client ${this.clients.length + 2}`): Promise<Actor> {
    const client = await Actor.connect(name, this.port, this.transcript);
    if (client === null) throw new StageError(`${this.program.name} does not listen any more`);
    this.clients.push(client);
    return client;
  }

  /** A client that has shaken hands. */
  async shaken(): Promise<Actor> {
    const client = await this.client();
    await this.handshake(client);
    return client;
  }

  /** Sends the request, and notes what comes back where it is no proper 101; returns the answer's head. */
  async handshake(client: Actor, request: string = REQUEST): Promise<string> {
    await client.send(request);
    const isServed = await this.turn();
    const head = await client.wire.anyHead(0);
    const { en: status } = headFact(head);
    if (status === '101') {
      const isRight = !request.includes(KEY) || fieldOf(head, 'Sec-WebSocket-Accept') === ACCEPT;
      if (!isRight) this.notePlain('101, wrong Sec-WebSocket-Accept');
    } else if (isServed || head !== '') {
      await this.noteRefusal(client, head);
    }
    return head;
  }

  /** Notes an answer that is no 101, or that there is none. */
  async noteRefusal(client: Actor, head: string): Promise<void> {
    if (head === '') return this.note(NOTHING);
    this.note(headFact(head));
    await this.noteEnd(client, true);
    await client.take();
  }

  /**
   * Gives the server the time to serve all that has come by now.
   * @returns false when the witness gets no answer: the server is gone, or does not come round
   */
  async turn(): Promise<boolean> {
    for (let i = 0; i < ROUNDS; i++) if (!await this.ask()) return false;
    // What came with the witness's answer is read now, too
    for (let i = 0; i < 3; i++) await new Promise(setImmediate);
    return true;
  }

  /** Whether another client still gets an answer. */
  async ask(): Promise<boolean> {
    const { witness } = this;
    if (witness === null || witness.over !== null) return false;
    const frameSize = 2 + WORD.length, due = witness.length + frameSize;
    await witness.send(frame(0x1, WORD));
    const isThere = await witness.wire.comes(() => witness.length >= due, PATIENCE);
    if (!isThere) return false;
    const answer = await witness.take();
    return answer.toString('latin1') === `\x81${String.fromCharCode(WORD.length)}${WORD}`;
  }

  /** Time goes by, and the witness talks. */
  async breathe(): Promise<void> {
    await this.ask();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }

  /** Until nothing more comes to the client. */
  async settle(client: Actor): Promise<void> {
    for (let before = -1; before !== client.length;) {
      before = client.length;
      if (!await this.turn()) break;
      await client.wire.comes(() => client.length > before, ACKNOWLEDGED);
    }
  }

  /** Sends these, each when the server has had the last one, and notes what comes back. */
  async exchange(client: Actor, packets: Uint8Array[], sent: Buffer[] = []): Promise<void> {
    for (const packet of packets) {
      await client.send(packet);
      await this.turn();
    }
    await this.settle(client);
    await this.noteFrames(client, sent);
  }

  /** Notes the frames that have come, and whether the connection is over while the server goes on. */
  async noteFrames(client: Actor, sent: Buffer[] = []): Promise<void> {
    const isServed = await this.turn();
    const bytes = await client.take(), facts = framesOf(bytes, sent);
    this.note(...facts);
    if (!isServed) return;
    // RFC 6455 7.1.1: a server that has sent a Close ends the connection
    await this.noteEnd(client, facts.at(-1)?.en.startsWith('close') === true);
    if (bytes.length === 0 && client.over === null) this.note(NOTHING);
  }

  /** Notes that the connection is over, where it is; one that is about to end is given the time. */
  private async noteEnd(client: Actor, isAboutTo: boolean): Promise<void> {
    if (isAboutTo) await client.wire.comes(() => client.over !== null, PATIENCE);
    if (client.over !== null) this.note(client.over === 'ended' ? ENDED : RESET);
  }

  /** The server does nothing meanwhile: all that is done lies with the kernel, and is there at once when it goes on. */
  async frozen<T>(meanwhile: () => Promise<T>): Promise<T> {
    await this.server.freeze();
    try {
      return await meanwhile();
    } finally {
      this.server.kill('SIGCONT');
    }
  }

  /** Whether the server has ended the witness's connection. */
  get isCut(): boolean {
    return this.witness?.over != null;
  }

  /** The witness leaves; nobody is asked any more. */
  dismissWitness(): void {
    this.witness?.wire.socket.destroy();
    this.witness = null;
  }

  note(...facts: Fact[]): void {
    this.facts.push(...facts);
  }

  /** The same words in both languages. */
  notePlain(text: string): void {
    this.note(plain(text));
  }

  /** Everything ends; what the server had printed is whole then. */
  async close(): Promise<void> {
    await this.server.stop('SIGKILL');
    this.witness?.wire.socket.destroy();
    for (const client of this.clients) client.wire.socket.destroy();
  }
}
