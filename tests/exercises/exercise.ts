/**
 * Checks README's exercises against the learner's own server.ts.
 * Usage: see --help.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { EXERCISES } from './all.ts';
import { wrap } from '../columns.ts';
import { both, type Fact, type Language, NoServer, play, type Text } from './stage.ts';

const HELP = both(`Checks README's exercises against your server.ts: starts it, plays clients, says what holds.

Usage: npm run exercise -- [options] [NUMBER ...]

  NUMBER         the exercises to check (without one: all)
  --list         their titles
  --server FILE  another file than server.ts; it has to stand beside lib
  --chinese      in Chinese (--chinese --help too)
  --help         print this

Exit status: 0 when all holds, 1 when something does not, 2 when it cannot be checked.
`, `检查 README 中的练习：启动你的 server.ts，扮演客户端，说明哪些做到了、哪些没有。

用法：npm run exercise -- [选项] [编号 ...]

  编号           要检查的练习（不写则全部检查）
  --list         列出题目
  --server FILE  检查另一个文件，而不是 server.ts；它必须与 lib 放在一起
  --chinese      用中文
  --help         打印这段说明

退出状态：0 全部做到，1 有没做到的，2 无法检查。
`);
const SERVER = fileURLToPath(new URL('../../server.ts', import.meta.url));

/** A wrong command line, or a server that does not start: exit status 2. */
function giveUp(message: string): never {
  console.error(`exercise: ${message}`);
  process.exit(2);
}

function options() {
  try {
    return parseArgs({ allowPositionals: true, options: {
      list: { type: 'boolean', default: false }, server: { type: 'string' },
      chinese: { type: 'boolean', default: false }, help: { type: 'boolean', default: false },
    } });
  } catch (error) {
    return giveUp(`${(error as Error).message.split('\n')[0]} (--help lists all)`);
  }
}

const { values, positionals } = options();
const language: Language = values.chinese ? 'zh' : 'en';
const heading = (index: number, title: Text): string => {
  return values.chinese ? `练习 ${index + 1}：${title.zh}` : `Exercise ${index + 1}: ${title.en}`;
};

function show({ holds, sentence, help }: Fact): void {
  console.log(`  ${holds ? '✓' : '✗'} ${sentence[language]}`);
  if (holds) return;
  const columns = Math.max(40, (process.stdout.columns ?? 100) - 6);
  for (const line of help[language].split('\n')) {
    for (const part of wrap(line, columns)) console.log(`      ${part}`);
  }
}

if (values.help) {
  process.stdout.write(HELP[language]);
} else if (values.list) {
  for (const [i, { title }] of EXERCISES.entries()) console.log(heading(i, title));
} else {
  const wrong = positionals.find((text) => !/^\d+$/.test(text) || EXERCISES[Number(text) - 1] === undefined);
  if (wrong !== undefined) {
    giveUp(both(`there is no exercise '${wrong}': they are 1 to ${EXERCISES.length} (--list names them)`,
      `没有练习 '${wrong}'：编号是 1 到 ${EXERCISES.length}（--list 列出题目）`)[language]);
  }
  // npm runs us from the top; what the user typed is meant from where they are
  const file = values.server === undefined ? SERVER : resolve(process.env['INIT_CWD'] ?? '.', values.server);
  if (!existsSync(file)) giveUp(both(`there is no file ${file}`, `没有文件 ${file}`)[language]);
  const chosen = positionals.length > 0 ? positionals.map((text) => Number(text) - 1) : [...EXERCISES.keys()];
  for (const index of chosen) {
    const exercise = EXERCISES[index]!;
    console.log(heading(index, exercise.title));
    try {
      if (!await play(exercise, file, show)) process.exitCode = 1;
    } catch (error) {
      if (!(error instanceof NoServer)) throw error;
      const intro = both('the server does not start, and says:', '服务器没有启动，它输出：');
      giveUp(`${intro[language]}\n${error.message}`);
    }
  }
}
