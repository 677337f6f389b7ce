/** The command line: from arguments to options, and what --help says. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { domainOf, type Flags, ROWS, UsageError } from './flags.ts';

/** What the command line asks for. */
export interface Options extends Omit<Flags, 'help' | 'version'> {
  /** AF_INET, AF_INET6 or AF_UNIX: that which `address` is of. */
  domain: number;
}

/** Columns of --help, and those of its flags. */
const COLUMNS = 110, FLAG_COLUMNS = 26;

/**
 * Reads the arguments (those behind the script's name).
 * @returns a string when there is only something to print: the help, the version
 * @throws UsageError
 */
export function parseOptions(args: string[]): Options | string {
  const given = readArguments(args);
  // First what asks for no more than a text, whatever stands beside it
  if (given['help']) return helpText();
  if (given['version']) return readVersion();
  const options = Object.fromEntries(ROWS.map(({ key, name, read, ...flag }) => {
    return [key, read([given[name] ?? flag.default ?? []].flat().map(String), name)];
  })) as unknown as Flags;
  const { help, version, ...others } = options;
  return { ...others, domain: domainOf(options.address) };
}

/** The same for the running program: where there is nothing to serve it prints and ends, with 2 for a wrong line. */
export function getOptions(): Options {
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

/** What was given of each flag, by its name: true for a switch, all values of another. */
function readArguments(args: string[]): Record<string, true | string[] | undefined> {
  const options = Object.fromEntries(ROWS.map(({ name, sample, ...flag }) => {
    const isSwitch = flag.default === undefined && sample === undefined;
    return [name, isSwitch ? { type: 'boolean' as const } : { type: 'string' as const, multiple: true }];
  }));
  try {
    return parseArgs({ args, options }).values as ReturnType<typeof readArguments>;
  } catch (error) {
    // parseArgs explains some mistakes in several lines; the first one says it
    throw new UsageError((error as Error).message.split('\n')[0]!);
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
