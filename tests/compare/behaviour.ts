/** The first start of a PHP server: which of its numbers is the port, and what it does with its clients. */
import { basename } from 'node:path';
import { printable } from '../../lib/printable.ts';
import { frame, framesIn, REQUEST } from '../wire.ts';
import { Actor } from './actor.ts';
import { framesOf, headFact, is101 } from './facts.ts';
import { type Behaviour, type Launch, ServerProcess } from './server_process.ts';

/** Milliseconds for a server to start; until one that has something to say and does not is given up. */
export const START = 15_000, PATIENCE = 1000;
/** The same of a server that nobody knows; for what it says unasked; and between the parts of what it says. */
const FIRST_TIME = 4000, UNASKED = 300, PAUSE = 100;
/** What the witness says; the lines about it are left out of the console. Some servers take fewer than 9 bytes for the end. */
export const WORD = 'eyewitness';

/** It does not start, or shakes no hands. The message says why, and what to do. */
export class NotPlayable extends Error {
  override name = 'NotPlayable';
}

/** What load.php tells. */
interface Told {
  /** A number of the program, and what it has become. */
  old?: number;
  new?: number;
  /** A function for resources that it calls. */
  asks?: string;
  file?: string;
  line?: number;
  /** What it declares; told when the program has run to its end. */
  classes?: string[];
}

/** The number in its text that is the port, and how many files have it. */
export interface Found {
  number: number;
  files: number;
}

/**
 * Starts it, and looks.
 * @param port where it may listen beside the ports that load.php tells
 * @throws NotPlayable
 */
export async function tryOut(program: Launch, port: number): Promise<{ found: Found | null; behaviour: Behaviour }> {
  const other = program.fixedPort === undefined ? null : await Actor.connect('nobody', port, []);
  if (other !== null) {
    other.wire.reset();
    throw new NotPlayable(`port ${port} is in use: end the program that listens there`);
  }
  const server = new ServerProcess(program, port);
  const told = (): Told[] => [...server.stderr.matchAll(/\0(.*)\n/g)].map(([, text]) => JSON.parse(text!) as Told);
  const clients: Actor[] = [];
  try {
    const listening = await shakesHands(server, () => [port, ...told().flatMap((one) => one.new ?? [])], clients);
    if (typeof listening !== 'number') throw new NotPlayable(whyNot(server, told(), listening, program.fixedPort));
    const behaviour = await behaviourOf(server, listening, clients);
    const places = told().filter((one) => one.new === listening), [place] = places;
    if (place === undefined) return { found: null, behaviour };
    if (new Set(told().map((one) => one.old)).size > 1) {
      const text = `${place.old} (${basename(place.file!)}:${place.line})`;
      behaviour.notes.unshift({ en: `its port is taken to be ${text}`, zh: `认为它的端口是 ${text}` });
    }
    return { found: { number: place.old!, files: new Set(places.map(({ file }) => file)).size }, behaviour };
  } finally {
    for (const { wire } of clients) wire.reset();
    await server.stop('SIGKILL');
  }
}

/**
 * The port at which it shakes hands, with the first of the clients.
 * @returns where there is none, the head with which it answers, '' for no answer; null where it does not even listen
 */
async function shakesHands(server: ServerProcess, ports: () => number[], clients: Actor[]): Promise<number | string | null> {
  const tried = new Map<number, string>();
  let due = START;
  for (const start = performance.now(); performance.now() < start + due;) {
    const isOver = server.status !== null;
    for (const port of ports().filter((port) => !tried.has(port))) {
      const client = await Actor.connect('witness', port, []);
      if (client === null) continue;
      clients.push(client);
      const head = await ask(client);
      if (is101(head)) {
        clients.splice(0, clients.length - 1).forEach(({ wire }) => wire.reset());
        return port;
      }
      tried.set(port, head);
      // Another of its ports may be the one, and not be open yet
      due = performance.now() - start + PATIENCE;
    }
    if (isOver) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return [...tried.values()].sort().at(-1) ?? null;
}

/** Sends a request; resolves to the answer's head. */
async function ask(client: Actor): Promise<string> {
  await client.send(REQUEST);
  return client.wire.anyHead(START);
}

/** What becomes of a client that shakes hands, and of the word that it says. */
async function behaviourOf(server: ServerProcess, port: number, clients: Actor[]): Promise<Behaviour> {
  const [witness] = clients as [Actor], behaviour: Behaviour = { isEcho: false, answer: null, greets: false, patience: PATIENCE, notes: [] };
  const note = (en: string, zh: string): number => behaviour.notes.push({ en, zh });

  const greeting = await came(witness, UNASKED);
  behaviour.greets = greeting.length > 0;
  if (behaviour.greets) note(`it sends more than its 101: ${textOf(greeting)}`, `除了 101 它还发送：${textOf(greeting)}`);

  const other = await Actor.connect('another', port, []);
  if (other === null) throw new NotPlayable(`PHP does not listen any more when it has one client${server.failure()}`);
  clients.push(other);
  const head = await ask(other);
  if (!is101(head)) throw new NotPlayable(`PHP does not shake hands with a second client${server.failure(headOf(head))}`);
  for (const client of clients) await came(client, UNASKED);
  const isForOne = witness.over !== null;

  const begin = performance.now(), first = await says(witness), toOther = await other.take();
  // A server may sleep in each pass of its loop
  if (first.length > 0) behaviour.patience = Math.max(PATIENCE, 4 * (performance.now() - begin));
  const second = first.length > 0 ? await says(witness) : first;
  // A connection may end because its server does
  if (witness.over !== null) await server.ends(UNASKED);
  const [answer] = framesOf(first), isMasked = answer?.en === `masked text "${WORD}"`, isText = isMasked || answer?.en === `text "${WORD}"`;
  // In a chat the witness's word comes to those of the scene, too
  const isEcho = isText && toOther.length === 0;
  // Whoever has ended gives no second answer, and one that adds the time gives another
  if (first.length > 0 && first.equals(second)) behaviour.answer = first;
  behaviour.isEcho = isEcho;
  if (server.status !== null) note(`it ends at its first message${server.failure()}`, `收到第一条消息就退出${server.failure()}`);
  else if (isForOne) note('it ends the connection when another client comes', '另一个客户端一来就断开连接');
  else if (witness.over !== null) note('it ends the connection after one message', '收到一条消息就断开连接');
  else if (isMasked) note('it masks its answers: no browser takes them', '它给应答加掩码：浏览器都不接受');
  else if (isEcho) return behaviour;
  else if (isText) note('it tells all its clients what one says', '它把一个客户端说的话告诉所有客户端');
  else if (first.length > 0) note(`it does not echo: it said ${textOf(first)}`, `它不回显，而是说：${textOf(first)}`);
  else if (toOther.length > 0) note(`it does not echo: it told the others ${textOf(toOther)}`, `它不回显，而是对其他客户端说：${textOf(toOther)}`);
  else note('it does not echo: it said nothing', '它不回显，什么也不说');
  return behaviour;
}

async function says(client: Actor): Promise<Buffer> {
  if (client.over !== null) return Buffer.alloc(0);
  await client.send(frame(0x1, WORD));
  return came(client, FIRST_TIME);
}

/** What comes until there is a pause. */
async function came(client: Actor, patience: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  while (parts.length < 50 && await client.wire.comes(() => client.wire.length > 0, parts.length === 0 ? patience : PAUSE)) {
    parts.push(await client.take());
  }
  return Buffer.concat(parts);
}

/** What a server has said; bytes where they are no frame. */
function textOf(bytes: Buffer): string {
  const frames = framesIn(bytes), text = frames.map(({ payload }) => payload.toString()).join('');
  return frames.length === 0 ? `${bytes.toString('hex', 0, 8)}, which is no frame` : printable(text).slice(0, 100);
}

function headOf(head: string): string {
  return head === '' ? 'no answer' : headFact(head).en;
}

/** Why nothing can be played. @param head what it answers, as shakesHands resolves to it */
function whyNot(server: ServerProcess, told: Told[], head: string | null, fixedPort?: number): string {
  const asks = told.find((one) => one.asks !== undefined)?.asks;
  if (head !== null) return `PHP does not shake hands${server.failure(headOf(head), asks)}`;
  const numbers = new Set(told.flatMap((one) => one.old ?? [])), classes = told.flatMap((one) => one.classes ?? []);
  const failure = server.failure('', asks), said = server.failure(server.words, asks), hasEnded = server.status !== null;
  if (/^: (?!Warning)/.test(failure)) return `PHP does not start${failure}`;
  // A class file may print a warning, but opens no socket and says nothing
  if (server.status === 0 && classes.length > 0 && server.words === '' && !/^: Warning: \w*socket/.test(failure)) {
    return `FILE declares ${classes.slice(0, 3).join(', ')} and starts nothing: write a file that requires FILE and starts it, and name that`;
  }
  if (failure !== '') return `PHP does not start${failure}`;
  if (fixedPort !== undefined && !hasEnded) return `PHP does not listen at port ${fixedPort}`;
  if (fixedPort === undefined && numbers.size === 0) {
    return `FILE shows no port: neither $port = 8081; nor another. --port N names it${said === '' ? '' : `. It said${said}`}`;
  }
  if (!hasEnded) return `PHP listens at none of its ports (${[...numbers].join(', ')}; --port N names another)${said}`;
  return `PHP does not start${said === '' ? ': it ends at once' : said}`;
}
