/** Where an exercise is checked: the learner's server as a process, its clients, and what is found, in words. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Child } from '../child.ts';
import { TYPESCRIPT } from '../helpers.ts';
import { Wire } from '../wire.ts';
import { PATIENCE, Player } from './player.ts';

export type Language = 'en' | 'zh';
/** The same in both languages. */
export type Text = Record<Language, string>;

export const both = (en: string, zh: string): Text => ({ en, zh });

export interface Exercise {
  /** As README has it, without its number. */
  title: Text;
  /** Plays its clients; the first thing that does not hold ends it. */
  check: (stage: Stage) => Promise<void>;
}

/** What an exercise asks, and whether it holds; `help` is for where it does not. */
export interface Fact {
  holds: boolean;
  sentence: Text;
  help: Text;
}

/** The first thing that does not hold. */
class NotYet extends Error {
  readonly fact: Fact;

  constructor(fact: Fact) {
    super(fact.sentence.en);
    this.fact = fact;
  }
}

/** The server does not start: what it said instead. */
export class NoServer extends Error {}

export class Stage {
  private readonly server: Child;
  private readonly port: number;
  private readonly tell: (fact: Fact) => void;
  private readonly players: { cut(): void }[] = [];

  constructor(server: Child, port: number, tell: (fact: Fact) => void) {
    this.server = server;
    this.port = port;
    this.tell = tell;
  }

  /** One more client. `answers`: whether it answers Pings. */
  async join(answers = true): Promise<Player> {
    const player = await Player.join({ host: '127.0.0.1', port: this.port }, answers);
    this.players.push(player);
    return player;
  }

  /** A connection that has said nothing yet. */
  async knock(): Promise<Wire> {
    const wire = await Wire.connect({ host: '127.0.0.1', port: this.port });
    this.players.push({ cut: () => wire.reset() });
    return wire;
  }

  /** Tells what is asked and whether it holds; where it does not, the exercise is over. */
  asks(sentence: Text, holds: boolean, help: Text): void {
    if (!holds) throw new NotYet({ holds, sentence, help });
    this.tell({ holds, sentence, help });
  }

  /** All that the server has printed, once it has printed this. */
  async printed(what: RegExp): Promise<string> {
    const isThere = this.server.says('stdout', what).then(() => true);
    const holds = await Promise.race([isThere, sleep(PATIENCE * 1000, false, { ref: false })]);
    if (!holds) {
      this.asks(both(`the server prints a line with ${what.source}`, `服务器打印含有 ${what.source} 的一行`), false,
        both('It did not. Leave the lines of var_dump in, and start it without --quiet.',
          '没有打印。请保留 var_dump 的各行。'));
    }
    return this.server.stdout;
  }

  leave(): void {
    for (const player of this.players) player.cut();
  }
}

/**
 * Checks one exercise against the server in `file`, and tells each thing that was asked.
 * @returns whether all holds
 * @throws NoServer
 */
export async function play(exercise: Exercise, file: string, tell: (fact: Fact) => void): Promise<boolean> {
  const server = new Child({ after: () => {} }, process.execPath, [
    ...TYPESCRIPT, file, '--port', '0', '--address', '127.0.0.1',
  ]);
  let stage: Stage | null = null;
  try {
    const [, port] = await server.says('stderr', /^listening on ws:\/\/127\.0\.0\.1:(\d+)$/m)
      .catch(() => { throw new NoServer(server.stderr.trim()); });
    stage = new Stage(server, Number(port), tell);
    await exercise.check(stage);
    return true;
  } catch (error) {
    if (error instanceof NoServer) throw error;
    // A connection's end is heard a little before that of the process that held it, and before its last words
    const hasEnded = await Promise.race([server.ended.then(() => true), sleep(300, false, { ref: false })]);
    const fact = error instanceof NotYet ? error.fact : unlike((error as Error).message.split('\n')[0]!);
    tell({ ...fact, help: withSaid(fact.help, server.stderr, hasEnded) });
    return false;
  } finally {
    stage?.leave();
    await server.stop('SIGKILL');
  }
}

/** What is not even WebSocket. */
function unlike(message: string): Fact {
  return { holds: false, sentence: both('the server goes on, and speaks WebSocket', '服务器继续运行，并遵守 WebSocket 协议'),
    help: both(`Here it does not: ${message}`, `这里没有：${message}`) };
}

/** The learner's own errors stand on standard error. */
function withSaid(help: Text, stderr: string, hasEnded: boolean): Text {
  const said = stderr.replace(/^listening on .*\n/m, '').trim().split('\n').slice(-12).join('\n');
  const add = (intro: Text): Text => both(`${help.en}\n${intro.en}\n${said}`, `${help.zh}\n${intro.zh}\n${said}`);
  if (hasEnded) return add(both('The server has ended, and said:', '服务器已经结束，并输出：'));
  return said === '' ? help : add(both('The server said:', '服务器输出：'));
}
