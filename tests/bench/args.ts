/** The command line. */
import { parseArgs } from 'node:util';
import { named, type Peer } from './rivals.ts';

export const HELP = `Measures this server beside others, each a process of its own, in turns.

Usage: npm run bench -- [options]

  --row PATTERN      only rows whose name matches this regular expression
  --peer 'NAME=COMMAND with {port}'
                     one more WebSocket echo server; may be given more than once
  --only PATTERN     only servers whose name matches this regular expression
  --nodes 'LABEL=PATH,...'
                     this server and ws on each of these Nodes, and one table of their ratios
  --seconds 1        that count, of each run; it warms up before
  --rounds 3         runs of each row and server
  --markdown         print tables for a README
  --svg FOLDER       draw the two charts of tests/bench/results there
  --help             print this

Exit status: 0; 1 when a server did something wrong; 2 when this line is wrong.
`;

export interface Options {
  row: RegExp;
  only: RegExp;
  help: boolean;
  markdown: boolean;
  seconds: number;
  rounds: number;
  given: Peer[];
  /** Empty: that which runs this. */
  nodes: { label: string; path: string }[];
  svg: string | null;
}

/** @throws Error that says what is wrong */
export function parseOptions(args: string[]): Options {
  const { values } = parseArgs({ args, options: {
    'row': { type: 'string', default: '' }, 'only': { type: 'string', default: '' },
    'help': { type: 'boolean', default: false }, 'markdown': { type: 'boolean', default: false },
    'seconds': { type: 'string', default: '1' }, 'rounds': { type: 'string', default: '3' },
    'peer': { type: 'string', multiple: true, default: [] }, 'nodes': { type: 'string', default: '' },
    'svg': { type: 'string' },
  } });
  return {
    ...values, row: new RegExp(values.row), only: new RegExp(values.only),
    seconds: number('seconds', values.seconds, /^\d+(\.\d+)?$/), rounds: number('rounds', values.rounds, /^\d+$/),
    given: values.peer.map(named),
    nodes: values.nodes.split(',').filter((text) => text !== '').map((text) => {
      const [label, path] = text.split('=');
      return label && path ? { label, path } : refuse(`--nodes '${text}' is no Node: give LABEL=PATH`);
    }),
    svg: values.svg ?? null,
  };
}

function number(name: string, text: string, form: RegExp): number {
  return form.test(text) && Number(text) > 0 ? Number(text) : refuse(`--${name} '${text}' is no such number`);
}

function refuse(why: string): never {
  throw new Error(why);
}
