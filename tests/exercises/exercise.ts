/**
 * Checks the exercises (README.md beside this file) against the learner's own server.ts.
 * Usage: see --help.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { EXERCISES } from './exercises.ts';
import { wrap } from '../columns.ts';
import { LANGUAGES, languageOf, TOP } from '../helpers.ts';
import { type Fact, NoServer, play } from './stage.ts';

const HELP = `Checks the exercises of tests/exercises/README.md against your server.ts: starts it, plays clients, says what holds.

Usage: npm run exercise -- [options] [NUMBER ...]

  NUMBER         the exercises to check (without one: all)
  --server FILE  another file than server.ts; it has to stand beside lib
  --chinese      in Chinese
  --english      in English (without either: in the terminal's language)
  --help         print this

Exit status: 0 when all holds, 1 when something does not, 2 when it cannot be checked.
`;

/** A wrong command line, or a server that does not start: exit status 2. */
function giveUp(message: string): never {
  console.error(`exercise: ${message}`);
  process.exit(2);
}

function options() {
  try {
    return parseArgs({ allowPositionals: true, options: {
      server: { type: 'string', default: `${TOP}/server.ts` },
      ...LANGUAGES, help: { type: 'boolean', default: false },
    } });
  } catch (error) {
    return giveUp(`${(error as Error).message.split('\n')[0]} (--help lists all)`);
  }
}

const { values, positionals } = options();
const language = languageOf(values);

function show({ holds, sentence, help }: Fact): void {
  console.log(`  ${holds ? '✓' : '✗'} ${sentence[language]}`);
  if (holds) return;
  const columns = Math.max(40, (process.stdout.columns ?? 100) - 6);
  for (const line of help[language].split('\n')) {
    for (const part of wrap(line, columns)) console.log(`      ${part}`);
  }
}

if (values.help) {
  process.stdout.write(HELP);
} else {
  const wrong = positionals.find((text) => !/^\d+$/.test(text) || EXERCISES[Number(text) - 1] === undefined);
  if (wrong !== undefined) giveUp(`there is no exercise '${wrong}': they are 1 to ${EXERCISES.length}`);
  // npm runs us from the top; what the user typed is meant from where they are
  const file = resolve(process.env['INIT_CWD'] ?? '.', values.server);
  if (!existsSync(file)) giveUp(`there is no file ${file}`);
  for (const number of positionals.length > 0 ? positionals.map(Number) : EXERCISES.map((_, i) => i + 1)) {
    const exercise = EXERCISES[number - 1]!, { en, zh } = exercise.title;
    console.log(language === 'zh' ? `练习 ${number}：${zh}` : `Exercise ${number}: ${en}`);
    try {
      if (!await play(exercise, file, show)) process.exitCode = 1;
    } catch (error) {
      if (!(error instanceof NoServer)) throw error;
      giveUp(`the server does not start, and says:\n${error.message}`);
    }
  }
}
