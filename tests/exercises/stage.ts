/** Where an exercise is checked: the learner's server as a process, its clients, and what is found, in words. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Language } from '../helpers.ts';
import { Program } from '../program.ts';
import { REQUEST, Wire } from '../wire.ts';
import { PATIENCE, Player } from './player.ts';

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
  private readonly server: Program;
  private readonly tell: (fact: Fact) => void;

  constructor(server: Program, tell: (fact: Fact) => void) {
    this.server = server;
    this.tell = tell;
  }

  /** One more client. `answers`: whether it answers Pings. */
  join(answers = true): Promise<Player> {
    return Player.join(this.server.where, answers);
  }

  /** A connection that has said nothing yet. */
  knock(): Promise<Wire> {
    return Wire.connect(this.server.where);
  }

  /** Tells what is asked and whether it holds; where it does not, the exercise is over. */
  asks(sentence: Text, holds: boolean, help: Text): void {
    if (!holds) throw new NotYet({ holds, sentence, help });
    this.tell({ holds, sentence, help });
  }

  /** Asks whether a connection that only now shakes hands has been left alone. */
  async asksStranger(stranger: Wire, sentence: Text): Promise<void> {
    stranger.send(REQUEST);
    const head = await stranger.head();
    this.asks(sentence, head.startsWith('HTTP/1.1 101 '), both(
      'It got a frame first, and takes that for a broken answer. Go through handShake, not through sockets.',
      '它先收到了一帧，会把它当作错误的响应。要遍历的是 handShake，而不是 sockets。'));
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
}

/**
 * Checks one exercise against the server in `file`, and tells each thing that was asked.
 * @returns whether all holds
 * @throws NoServer
 */
export async function play(exercise: Exercise, file: string, tell: (fact: Fact) => void): Promise<boolean> {
  const server = Program.of(file, null), stage = new Stage(server, tell);
  try {
    await server.listens().catch(() => { throw new NoServer(server.stderr.trim()); });
    await exercise.check(stage);
    return true;
  } catch (error) {
    if (error instanceof NoServer) throw error;
    // A connection's end is heard a little before that of the process that held it, and before its last words
    const hasEnded = await server.ends(300);
    const fact = error instanceof NotYet ? error.fact : unlike((error as Error).message.split('\n')[0]!);
    tell({ ...fact, help: withSaid(fact.help, server.stderr, hasEnded) });
    return false;
  } finally {
    Wire.cutAll();
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
  if (said === '' && !hasEnded) return help;
  const [en, zh] = hasEnded ? ['The server has ended, and said:', '服务器已经结束，并输出：'] : ['The server said:', '服务器输出：'];
  return both(`${help.en}\n${en}\n${said}`, `${help.zh}\n${zh}\n${said}`);
}
