/** What came of the scenes, as a table: for a terminal, for README, for programs. */
import { DEPARTURES } from './departures.ts';
import { type Fact, say } from './facts.ts';
import type { Outcome, Result, Verdict } from './outcome.ts';
import { beside, wrap } from '../columns.ts';
import type { Language } from '../helpers.ts';

/** Columns of the first cell and the last one; the rest is shared by the two servers. */
const NAME = 30, VERDICT = 18, MOST = 160;

const VERDICTS: Record<Verdict, Fact> = {
  same: { en: 'same', zh: '相同' },
  better: { en: 'better', zh: '更好' },
  different: { en: 'different', zh: '不同' },
  wrong: { en: 'wrong', zh: '错误' },
  ours: { en: 'ours is better', zh: '我们的更好' },
  theirs: { en: 'theirs is better', zh: '对方的更好' },
  none: { en: 'not compared', zh: '不作比较' },
};
const HEAD: Record<Language, string[]> = {
  en: ['scene', 'PHP', 'server.ts', 'departure'],
  zh: ['场景', 'PHP', 'server.ts', '不同之处'],
};

/** One result in a few words: same, better and the departure that says why, or what is wrong. */
export function judgement({ verdict, departure, why }: Result, language: Language): string {
  const word = VERDICTS[verdict][language], colon = language === 'en' ? ': ' : '：';
  if (why !== null) return word + colon + why[language];
  const title = DEPARTURES.find(({ id }) => id === departure)?.title[language];
  return departure === null ? word : `${word}${colon}${departure} ${title}`;
}

/** The table for a terminal of so many columns (80 at least). */
export function toTable(results: Result[], width: number, language: Language): string {
  const cell = Math.floor((Math.min(Math.max(width, 80), MOST) - NAME - VERDICT - 6) / 2);
  const widths = [NAME, cell, cell, VERDICT];
  const rows = results.map((result) => {
    const { scene, php, ts } = result;
    return [
      [scene.name, ...wrap(scene.shows[language], NAME)], wrap(say(php.facts, language), cell),
      wrap(say(ts.facts, language), cell), wrap(judgement(result, language), VERDICT),
    ];
  });
  return [HEAD[language].map((text) => [text]), ...rows].flatMap((cells) => beside(cells, widths, '  ')).join('\n');
}

/** The table that README shows. */
export function toMarkdown(results: Result[], language: Language): string {
  const [scene, php, ts, departure] = HEAD[language];
  const escape = (text: string): string => text.replace(/[|\\]/g, '\\$&').replace(/</g, '&lt;');
  const lines = results.map((result) => [
    `\`${result.scene.name}\``, result.scene.shows[language], say(result.php.facts, language),
    say(result.ts.facts, language), judgement(result, language),
  ].map((cell, i) => i === 0 || cell.includes('`') ? cell.replace(/\|/g, '\\|') : escape(cell)));
  return [[scene!, '', php!, ts!, departure!], ['---', '---', '---', '---', '---'], ...lines]
    .map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Everything, for programs: bytes in hexadecimal, of a long piece the first 64 KiB. */
export function toJson(results: Result[], unseen: string[]): string {
  const outcome = ({ facts, transcript, console, log }: Outcome): unknown => ({
    facts, console, log, transcript: transcript.map(({ who, what, bytes }) => {
      return { who, what, length: bytes.length, bytes: bytes.toString('hex', 0, 65536) };
    }),
  });
  const scenes = results.map(({ scene: { name, shows }, php, ts, ...rest }) => {
    return { name, shows, ...rest, php: outcome(php), ts: outcome(ts) };
  });
  return JSON.stringify({ scenes, unseen }, null, 2);
}

/** One line: how many agree, how many are better, and what is not as the departures say, where they say anything. */
export function summary(results: Result[], unseen: string[], isArticles: boolean, language: Language): string {
  const count = (verdict: Verdict): number => results.filter((one) => one.verdict === verdict).length;
  const [same, better, ours, theirs, none] = (['same', 'better', 'ours', 'theirs', 'none'] as const).map(count);
  const bad = results.filter(({ why }) => why !== null).map(({ scene }) => scene.name), total = results.length;
  if (language === 'zh') return [
    `${total} 个场景：${same} 个相同，${isArticles ? `${better} 个更好` : `${ours} 个我们的更好，${theirs} 个对方的更好`}`,
    none === 0 ? '。' : `，${none} 个不作比较。`,
    bad.length === 0 ? '' : isArticles ? `与“不同之处”不符：${bad.join('、')}。` : `server.ts 有误：${bad.join('、')}。`,
    unseen.length === 0 ? '' : `没有出现的不同之处：${unseen.join('、')}。`].join('');
  return [
    `${total} scene${total === 1 ? '' : 's'}: ${same} same, ${isArticles ? `${better} better` : `ours is better in ${ours}, theirs in ${theirs}`}`,
    none === 0 ? '.' : `, ${none} not compared.`,
    bad.length === 0 ? '' : ` ${isArticles ? 'Not as the departures say' : 'server.ts is wrong'}: ${bad.join(', ')}.`,
    unseen.length === 0 ? '' : ` Departures that did not show: ${unseen.join(', ')}.`].join('');
}
