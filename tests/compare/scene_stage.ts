/**
 * The stage of one scene: one server, fresh, a witness that has shaken hands before anything happens, and the clients
 * that the scene brings.
 *
 * How does one know that a server will not answer? Both servers are one loop: when the witness has had a few answers,
 * all that had reached the kernel before has been served. So no scene waits for a time where a server works.
 */
import { Actor, type Entry } from './actor.ts';
import { ENDED, type Fact, fieldOf, framesOf, headFact, is101, NOTHING, plain, RESET, SHUT } from './facts.ts';
import { PATIENCE, START, WORD } from './behaviour.ts';
import { ServerProcess, type Launch } from './server_process.ts';
import { frame, REQUEST, ACCEPT, KEY } from '../wire.ts';

/** Milliseconds. Without TCP_NODELAY an answer may wait in the kernel for the last one's acknowledgement: 40, on Linux. */
const ACKNOWLEDGED = 80;
/** A pass of the loop to accept a client, one to read from it, and each of them may have begun already. */
const ROUNDS = 4;
/** Turns at most until nothing more comes to a client: a chat may go on for ever. */
const SETTLES = 20;
/** Former witnesses that stay connected. */
const FORMER = 8;
/** What the witness of server.ts gets. */
const ECHO = Buffer.from(`\x81${String.fromCharCode(WORD.length)}${WORD}`, 'latin1');

/** A server that cannot be played against, e.g. one that does not start. */
export class StageError extends Error {
  override name = 'StageError';
}

/** A client cannot connect: what has come of the scene by then is all that comes. `play` catches it. */
export class Gone extends Error {}

/** Something that clients do, and what is known to come of it with either server. */
export interface Scene {
  /** As --scene takes it. */
  name: string;
  /** One sentence: what it shows. */
  shows: Fact;
  /** The departure that it shows. */
  departure?: string;
  /** What is known to come of it, as facts in English. The harness adds when the server ends or others wait. */
  php: string[];
  ts: string[];
  /** Another PHP server may do this instead, which is another departure. */
  also?: { departure: string; php: string[] };
  /** They agree, but what they print is not compared: its order or its escapes may differ. */
  console?: 'free';
  /** Where it is played: without an echo one learns nothing of answers, and only the article's prints what ours prints. */
  needs?: 'echo' | 'article';
  /** The server is meant to end. */
  ends?: true;
  /** Flags for server.ts. */
  flags?: string[];
  /** Plays it, and notes what has come of it. */
  play: (stage: Stage) => Promise<void>;
}

/** A scene: its name and departure, what it shows, what comes of it with either server, how it is played. */
export function scene(
  name: string, departure: string | null, shows: Fact, php: string[], ts: string[], play: Scene['play'],
  more: Partial<Scene> = {},
): Scene {
  return { name, shows, ...(departure === null ? {} : { departure }), php, ts, play, ...more };
}

export class Stage {
  readonly program: Launch;
  readonly port: number;
  readonly server: ServerProcess;
  readonly transcript: Entry[] = [];
  readonly facts: Fact[] = [];
  readonly clients: Actor[] = [];
  private witness: Actor | null = null;
  private isClosed = false;
  private readonly former: Actor[] = [];

  constructor(program: Launch, port: number, flags: string[]) {
    this.program = program;
    this.port = port;
    this.server = new ServerProcess(program, port, ...flags);
  }

  /** Starts the witness: it tries to connect until the server listens. @throws StageError */
  async open(): Promise<void> {
    const { name } = this.program;
    for (const end = performance.now() + START; this.witness === null;) {
      if (this.server.status !== null || performance.now() > end) {
        throw new StageError(`${name} does not start${this.server.failure(this.server.words)}`);
      }
      this.witness = await Actor.connect('witness', this.port, []);
      if (this.witness === null) await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await this.witness.send(REQUEST);
    const head = await this.witness.wire.anyHead(START);
    if (!is101(head)) throw new StageError(`${name} does not shake hands${this.server.failure(headFact(head).en)}`);
  }

  /** A client that is connected. */
  async client(name = `client ${this.clients.length + 2}`): Promise<Actor> {
    // A scene that is given up may still run: the port may be the next one's
    if (this.isClosed) throw new Gone();
    const client = await Actor.connect(name, this.port, this.transcript);
    if (client === null) {
      if (!await this.server.ends(PATIENCE)) this.note(SHUT);
      throw new Gone();
    }
    this.clients.push(client);
    return client;
  }

  /** A client that has shaken hands. */
  async shaken(): Promise<Actor> {
    const client = await this.client();
    await this.handshake(client);
    // Bytes that are no frame stay: they break all that follows, in a browser too
    if (this.program.behaviour?.greets && client.wire.peek()[0]! >= 0x80) await client.take();
    return client;
  }

  /** Sends the request, and what follows it; notes what comes back where it is no proper 101; returns the answer's head. */
  async handshake(client: Actor, request: string = REQUEST, ...more: Uint8Array[]): Promise<string> {
    await client.send(request, ...more);
    const { isEcho, patience } = this.program.behaviour ?? {};
    // The witness's words would come before the 101, where a server tells all that are connected
    if (isEcho === false) await client.wire.comes(() => client.length > 0 || client.over !== null, patience!);
    const isServed = await this.turn();
    // A server that forks serves this client and the witness at the same time
    const come = await client.wire.anyHead(isServed ? PATIENCE : 0);
    const isOfWitness = isEcho === false && come.charCodeAt(0) >= 0x80 && this.heard(Buffer.from(come, 'latin1'), []).length === 0;
    const head = isOfWitness ? '' : come;
    if (is101(head)) {
      const isRight = !request.includes(KEY) || fieldOf(head, 'Sec-WebSocket-Accept') === ACCEPT;
      if (!isRight) this.note({ en: '101, wrong Sec-WebSocket-Accept', zh: '101，Sec-WebSocket-Accept 不对' });
    } else if (isServed || head !== '') {
      await this.noteRefusal(client, head);
    }
    return head;
  }

  /** Notes an answer that is no 101, or that there is none. */
  async noteRefusal(client: Actor, head: string): Promise<void> {
    if (head !== '') this.note(headFact(head));
    else if (client.over === null) this.note(NOTHING);
    await this.noteEnd(client, head !== '');
    await client.take();
  }

  /**
   * Gives the server the time to serve all that has come by now.
   * @returns false when the witness gets no answer: the server is gone, or does not come round
   */
  async turn(): Promise<boolean> {
    const rounds = this.program.behaviour?.answer === null ? ROUNDS / 2 : ROUNDS;
    for (let i = 0; i < rounds; i++) if (!await this.ask()) return false;
    // What came with the witness's answer is read now, too
    for (let i = 0; i < 3; i++) await new Promise(setImmediate);
    return true;
  }

  /** Whether another client still gets an answer. */
  async ask(): Promise<boolean> {
    const { witness } = this, { answer = ECHO, isEcho = true, greets = false, patience = PATIENCE } = this.program.behaviour ?? {};
    if (this.isClosed || witness === null || (answer !== null && witness.over !== null)) return false;
    // A server that does not answer its word still answers another handshake
    if (answer === null) {
      const next = await Actor.connect('witness', this.port, []);
      if (next === null) return false;
      this.witness = next;
      this.former.push(witness);
      // They do not leave at once: a chat tells the others of each one that leaves
      if (this.former.length > FORMER) void this.former.shift()!.end();
      await next.send(REQUEST);
      // A server may tell it of the others before it has shaken hands
      return /HTTP\/1\.1 101 /.test(await next.wire.anyHead(patience));
    }
    await witness.send(frame(0x1, WORD));
    // Others' words come to it, too, where a server tells all
    const { wire } = witness, isAlone = isEcho && !greets, due = performance.now() + 10 * patience;
    await wire.comes(() => wire.length >= answer.length && (isAlone || wire.peek().includes(answer) || performance.now() > due), patience);
    const came = await witness.take();
    return isAlone ? came.equals(answer) : came.includes(answer);
  }

  /** Waits for a tenth of a second; the witness asks meanwhile. */
  async pause(): Promise<void> {
    await this.ask();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }

  /** Until nothing more comes to the client. */
  async settle(client: Actor): Promise<void> {
    // The witness's words come to it, too, where a server tells all
    const isEcho = this.program.behaviour?.isEcho !== false;
    const come = (): number => isEcho ? client.length : this.heard(client.wire.peek(), []).length;
    for (let before = -1, turns = 0; before !== come() && turns < SETTLES; turns++) {
      before = come();
      if (!await this.turn()) break;
      await client.wire.comes(() => come() > before, ACKNOWLEDGED);
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
    const facts = this.heard(await client.take(), sent);
    this.note(...facts);
    if (!isServed) return;
    // RFC 6455 7.1.1: a server that has sent a Close ends the connection
    await this.noteEnd(client, facts.at(-1)?.en.startsWith('close') === true);
    if (facts.length === 0 && client.over === null) this.note(NOTHING);
  }

  /** What has come to a client; of a server that tells all, each thing once, and nothing of the witness. */
  private heard(bytes: Buffer, sent: Buffer[]): Fact[] {
    const { isEcho = true, answer = null } = this.program.behaviour ?? {};
    if (isEcho) return framesOf(bytes, sent);
    const hasWord = (text: string): boolean => text.toLowerCase().includes(WORD);
    const witness = new Set(answer !== null && hasWord(answer.toString('latin1')) ? framesOf(answer).map(({ en }) => en) : []);
    const others = framesOf(bytes, [], Infinity).filter(({ en }) => !witness.has(en) && !hasWord(en));
    return [...new Map(others.map((fact) => [fact.en, fact])).values()];
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
    this.isClosed = true;
    // A reset leaves no TIME_WAIT, so a server with a fixed port can start again. Frozen, it prints nothing of the resets
    await this.server.freeze();
    this.witness?.wire.reset();
    for (const client of [...this.former, ...this.clients]) client.wire.reset();
    await this.server.stop('SIGKILL');
  }
}
