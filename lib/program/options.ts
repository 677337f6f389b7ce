/** Reads the command line, and prints --help. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { AF_UNIX } from '../php/sockets.ts';
import { domainOf, type Flags, ROWS, UsageError } from './flags.ts';
import { endAtOnceOnSignal } from './shutdown.ts';

/** The options of the program. */
export interface Options extends Omit<Flags, 'help' | 'version'> {
  /** The domain of `address`: AF_INET, AF_INET6 or AF_UNIX. */
  domain: number;
}

/** Columns of --help, and of the flags in it. */
const COLUMNS = 110, FLAG_COLUMNS = 26;

/**
 * Reads the arguments of the command line.
 * @returns the options, or the text to print: --help, --version
 * @throws UsageError
 */
export function parseOptions(args: string[]): Options | string {
  const given = readArguments(args);
  if (given['help']) return helpText();
  if (given['version']) return readVersion();
  const options = Object.fromEntries(ROWS.map(({ key, name, read, ...flag }) => {
    return [key, read([given[name] ?? flag.default ?? []].flat().map(String), name)];
  })) as unknown as Flags;
  const { help, version, ...others } = options, domain = domainOf(options.address);
  if (options.reusePort && domain === AF_UNIX) {
    throw new UsageError(`--reuse-port needs a port: a Unix socket (--address '${options.address}') has none`);
  }
  return { ...others, domain };
}

/**
 * Returns this process's options. Ends it after printing a text (status 0), or when the command line is wrong (2). From
 * here on a signal ends it with status 0.
 */
export function getOptions(): Options {
  endAtOnceOnSignal();
  try {
    const options = parseOptions(process.argv.slice(2));
    if (typeof options !== 'string') return options;
    process.stdout.write(options);
    process.exit(0);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`server.ts: ${error.message} (--help lists all)`);
    process.exit(2);
  }
}

/** Returns what was given, by the flags' names: true for a switch, or all values. */
function readArguments(args: string[]): Record<string, true | string[] | undefined> {
  const options = Object.fromEntries(ROWS.map(({ name, sample, ...flag }) => {
    const isSwitch = flag.default === undefined && sample === undefined;
    return [name, isSwitch ? { type: 'boolean' as const } : { type: 'string' as const, multiple: true }];
  }));
  try {
    return parseArgs({ args, options }).values as ReturnType<typeof readArguments>;
  } catch (error) {
    const { message } = error as Error, [, port] = /^Unexpected argument '(\d+)'/.exec(message) ?? [];
    throw new UsageError(port ? `Cannot take '${port}' alone: a port is --port ${port}` : message.split('\n')[0]!);
  }
}

function helpText(): string {
  const rows = ROWS.map(({ name, sample = '', en, ...flag }) => {
    const left = `  --${name} ${flag.default ?? sample}`.trimEnd().padEnd(FLAG_COLUMNS);
    return left + wrap(en, COLUMNS - FLAG_COLUMNS).join(`\n${' '.repeat(FLAG_COLUMNS)}`);
  });
  return `A WebSocket echo server, after a PHP article's socket_select loop.

Usage: tsx server.ts [options]        (node server.ts from Node 22.18)

${rows.join('\n')}
`;
}

function wrap(text: string, columns: number): string[] {
  const lines: string[] = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!;
    if (line !== '' && line.length + 1 + word.length > columns) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines;
}

function readVersion(): string {
  const file = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return `${(JSON.parse(file) as { version: string }).version}\n`;
}
