/** A server of either language as a process of its own. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { usageOf } from '../bench/machine.ts';
import { Child } from '../child.ts';
import type { Fact } from './facts.ts';

/** How a server is started. */
export interface Launch {
  /** As the table calls it: 'PHP', 'server.ts'. */
  name: string;
  command: string;
  /** The arguments that make it listen on this port of 127.0.0.1. */
  args: (port: number | string) => string[];
  /** The folder that it runs in. */
  folder: string;
  /** Its file, as it names it in its messages. */
  file: string;
  /** The one port that it can be played at; without it any. */
  fixedPort?: number | undefined;
  /** The departures tell what is to come of the scenes. */
  isArticles?: boolean;
  /** Where they are not those of server.ts. */
  behaviour?: Behaviour;
}

/** How a server treats a client that has shaken hands: as far as a scene has to know it. */
export interface Behaviour {
  /** It answers "hello" by "hello". */
  isEcho: boolean;
  /** What the witness gets for its word, each time; null: nothing, or not the same. */
  answer: Buffer | null;
  /** It sends something before it is asked. */
  greets: boolean;
  /** Milliseconds that an answer may take. */
  patience: number;
  /** What a reader of the table has to know. */
  notes: Fact[];
}

/** Characters of output; one that prints more prints without end, and is stopped. */
const MOST = 32 * 1024 * 1024;
/** Characters of a server's own words that a message repeats. */
const LINE = 200;
/** The worst first; Node's, too. A warning about no function, e.g. of an undefined variable, seldom is the reason. */
const ERRORS = [
  /^(?:PHP )?(?:Fatal|Parse|Recoverable fatal) error: /, /^(?:PHP )?Warning: (?:[\w\\]+\(|Object of class Socket)/, /^\w*Error\b|^Cannot /,
];
/** What PHP says of code for PHP 5 and 7: of a socket that is no number and no resource any more, and of what has gone. */
const SOCKET = /of type Socket, resource given|Object of class Socket could not|offset of type Socket|Illegal offset type/;
const GONE = /undefined function (?:\w+\\)*(?:each|create_function|ereg|eregi|split|mysql_|mcrypt_)|curly braces|__autoload\(\)|(?:construct|declare class) Socket,|(?:could not|cannot) be passed by reference|Unsupported operand types|of type Countable\|array/;
const PACKAGES = /opening required '[^']*vendor\/autoload\.php'/;
const EXTENSION = /undefined function (?:\w+\\)*(?:mb|curl|mysqli|pcntl|posix|gmp)_|Class "\\?swoole/i;
/** What PHP says of itself. */
const MESSAGE = /^(?:PHP )?(?:Warning|Notice|Deprecated): /;

export class ServerProcess extends Child {
  /** It printed so much that it was stopped for that. */
  floods = false;

  private readonly folder: string;

  constructor({ command, args, folder }: Launch, port: number, ...more: string[]) {
    // What it forks ends with it
    super(null, command, [...args(port), ...more], { cwd: folder, group: process.platform !== 'win32' });
    this.folder = folder;
    for (const pipe of [this.process.stdout, this.process.stderr]) pipe.on('data', () => {
      if (this.stdout.length + this.stderr.length < MOST) return;
      this.floods = true;
      this.kill('SIGKILL');
    });
  }

  /** Stops it until SIGCONT. On a busy machine it may still read after the signal; where /proc tells, that is over. */
  async freeze(): Promise<void> {
    this.kill('SIGSTOP');
    const file = `/proc/${this.process.pid}/stat`;
    while (existsSync(file) && /\) [RSD] /.test(readFileSync(file, 'latin1'))) await sleep(1);
  }

  /** What it said: the first line that is no message of PHP, and the last one, which often has the reason. */
  get words(): string {
    const all = this.lines(), own = all.filter((line) => line !== '' && !MESSAGE.test(line));
    return own.length > 1 ? `${own[0]} ... ${own.at(-1)}` : own[0] ?? all.find((line) => /^(?:PHP )?Warning: /.test(line)) ?? '';
  }

  /** Without what load.php tells. */
  private lines(): string[] {
    return `${this.stdout}\n${this.stderr}`
      .replace(/\0.*\n/g, '').replaceAll(`${this.folder}${sep}`, '').split('\n').map((line) => line.trim());
  }

  /**
   * What it says of its failure, behind a colon: its first error, or its first warning.
   * @param otherwise what is said where there is none of them
   * @param asks what it asks of its sockets as if they were resources, where that is known
   */
  failure(otherwise = '', asks?: string): string {
    const lines = this.lines();
    const error = ERRORS.map((kind) => lines.find((line) => kind.test(line))).find((line) => line !== undefined);
    const said = error ?? otherwise, isItsOwn = error === undefined || /Uncaught \w*Exception/.test(error);
    if (said === '') return '';
    const cause = SOCKET.test(said) ? ' (written before PHP 8: a socket is an object now)'
      : GONE.test(said) ? ' (written before PHP 8)'
      : PACKAGES.test(said) ? ' (its packages are missing: composer install)'
      : EXTENSION.test(said) ? ' (this PHP lacks an extension)'
      : asks !== undefined && isItsOwn ? ` (written before PHP 8: a socket is an object now, and ${asks}() is for resources)` : '';
    return `: ${said.length > LINE ? `${said.slice(0, LINE)}...` : said}${cause}`;
  }

  /** Seconds of CPU time so far; from ps where there is no /proc. Null where neither tells. */
  cpu(): number | null {
    const { pid } = this.process;
    const usage = usageOf(pid!);
    if (usage !== null) return usage.cpu;
    const { stdout } = spawnSync('ps', ['-o', 'time=', '-p', `${pid}`], { encoding: 'utf8' });
    const [, minutes, seconds] = /(\d+):([\d.]+)\s*$/.exec(stdout ?? '') ?? [];
    return minutes === undefined ? null : Number(minutes) * 60 + Number(seconds);
  }
}
