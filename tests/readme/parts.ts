/** What the pages show of the source, or of a run of it: each part by its name, in both languages. */
import { readFileSync } from 'node:fs';
import { ROWS } from '../../lib/program/flags.ts';
import { describe } from '../../lib/trace/terminal.ts';
import { Decoder, Link } from '../../lib/trace/decoder.ts';
import { OUR_PHP } from '../compare/php.ts';
import { codeOf, type Line, pairs } from '../compare/source.ts';
import { diffOf, SOLUTIONS } from '../exercises/solutions.ts';
import { blocksOf } from '../lesson/blocks.ts';
import { type Lesson, playLesson } from '../lesson/run.ts';
import { type Language, TOP } from '../helpers.ts';
import { REQUEST } from '../wire.ts';

/** A file of it. */
export const read = (name: string): string => readFileSync(`${TOP}/${name}`, 'utf8');

const fenced = (text: string, kind = ''): string => `\`\`\`${kind}\n${text.trimEnd()}\n\`\`\``;
const row = (cells: string[]): string => `|${cells.map((cell) => cell === '' ? ' ' : ` ${cell} `).join('|')}|`;
/** Code in a cell of a table, whatever stands in it. */
const code = (text: string): string => {
  const tick = text.includes('`') ? '``' : '`';
  return tick + text.replaceAll('|', '\\|') + tick;
};

let played: Promise<Lesson> | null = null;
const lesson = (): Promise<Lesson> => played ??= playLesson();
const block = (name: string) => async (language: Language): Promise<string> => {
  return fenced(blocksOf(await lesson(), language)[name]!, 'text');
};

/** Each makes one part. */
export const PARTS: Record<string, (language: Language) => string | Promise<string>> = {
  'handshake': block('handshake'), 'frame': block('frame'), 'lengths': block('lengths'), 'fragments': block('fragments'),
  'ping': block('ping'), 'close': block('close'),
  ...Object.fromEntries(SOLUTIONS.map((additions, i) => [`answer ${i + 1}`, () => fenced(diffOf(read('server.ts'), additions), 'diff')])),
  'trace': () => fenced(traceOfHello()),
  'beside': besideTable,
  // Made by `npm run compare -- --markdown`, which takes PHP and minutes: tests/compare/whole_run.test.ts compares it
  'scenes': (language) => {
    const page = read(`tests/compare/README${language === 'en' ? '' : '.zh-CN'}.md`);
    return page.split(/^<!-- begin scenes -->\n([^]*?)\n<!-- end scenes -->$/m)[1]!;
  },
  'flags': flagTable,
  'commands': commandTable,
  'nginx.conf': () => fenced(read('tests/clients/nginx.conf'), 'nginx'),
  'haproxy.cfg': () => fenced(read('tests/clients/haproxy.cfg'), 'haproxy'),
  'echo@.service': () => fenced(read('tests/clients/echo@.service'), 'ini'),
  'port.conf': () => fenced(read('tests/clients/echo@.service.d/port.conf'), 'ini'),
};

/** What --trace shows of RFC 6455's own "Hello". */
function traceOfHello(): string {
  const link = new Link(), client = new Decoder('client', link);
  client.push(Buffer.from(REQUEST));
  new Decoder('server', link).push(Buffer.from('HTTP/1.1 101 Switching Protocols\r\n\r\n'));
  const [event] = client.push(Buffer.from('818537fa213d7f9f4d5158', 'hex'));
  return describe({ client: 1, at: 0, ...event! }, { width: 80, colors: false });
}

/** PHP's statements and ours, side by side, with the steps of the loop. */
function besideTable(): string {
  const rows: string[] = [row(['', 'PHP', 'server.ts']), '|---|---|---|'];
  for (const { heading, code } of pairs(readFileSync(OUR_PHP, 'utf8'), read('server.ts'))) {
    // The heads of the files have none
    if (rows.length > 2 || heading !== undefined) rows.push(row([heading ?? '', ...code.map(statementsIn)]));
  }
  return rows.join('\n');
}

/** Code alone, a span for each line; what only closes a block is left out. */
function statementsIn(lines: Line[]): string {
  const texts = lines.map((line) => codeOf([line]).replace('┊', '').trim());
  return texts.filter((text) => !/^[\s})\];]*$/.test(text)).map((text) => code(text.replace(/ \{$/, ''))).join(' ');
}

/** What each script of package.json does. */
const COMMANDS: Record<string, Record<Language, string>> = {
  'start': { en: 'starts the server', zh: '启动服务器' },
  'test': { en: 'proves the product in a minute', zh: '一分钟内验证整个产品' },
  'test:all': {
    en: 'everything in full size: attacks, real clients, the comparison, the exercises, the benchmark, a soak; ' +
      '`-- --only WORD` runs one part, `-- --node PATH` adds another Node',
    zh: '以完整规模运行全部测试：攻击、真实客户端、比较、练习、性能测试、浸泡测试；`-- --only WORD` 只运行一部分，`-- --node PATH` 再加一个 Node',
  },
  'typecheck': { en: 'checks the types', zh: '检查类型' },
  'lesson': { en: 'shows the bytes of the RFC\'s own example, one by one', zh: '逐字节展示 RFC 自己的例子' },
  'exercise': { en: 'checks your solution of an exercise', zh: '检查练习的答案' },
  'compare': { en: 'plays the same scenes to the PHP and to server.ts', zh: '对 PHP 和 server.ts 运行同样的场景' },
  'conformance': { en: 'plays the RFC\'s rules to this server and to others', zh: '对本服务器和别的服务器检验 RFC 的规则' },
  'bench': { en: 'measures this server beside others', zh: '与别的服务器一起测量速度' },
  'soak': { en: 'good and bad clients for a minute; then nothing may be left of them', zh: '守规矩的和捣乱的客户端运行一分钟，之后什么都不能留下' },
};

function commandTable(language: Language): string {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const rows = Object.keys(scripts).map((name) => {
    const says = COMMANDS[name];
    if (says === undefined) throw new Error(`package.json has the script '${name}', which tests/readme/parts.ts does not describe`);
    return row([code(name === 'start' || name === 'test' ? `npm ${name}` : `npm run ${name}`), says[language]]);
  });
  return [row([language === 'en' ? 'command' : '命令', '']), '|---|---|', ...rows].join('\n');
}

function flagTable(language: Language): string {
  const rows = ROWS.map(({ name, en, zh, ...flag }) => {
    return row([code(`--${name}`), flag.default === undefined ? '' : code(flag.default), language === 'en' ? en : zh]);
  });
  return [row([language === 'en' ? 'flag' : '参数', language === 'en' ? 'default' : '默认值', '']), '|---|---|---|', ...rows].join('\n');
}
