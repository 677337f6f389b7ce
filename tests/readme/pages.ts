/** The pages of the book: a README in each of these folders, in English and beside it in Chinese. */
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path/posix';
import { type Language, READMES, TOP } from '../helpers.ts';
import { read } from './parts.ts';

/** In the reader's order: how many words each may have. */
const WORDS = {
  '': 900, 'tests/lesson': 2500, 'tests/exercises': 1500, 'tests/compare': 3000, 'lib': 1400, 'tests': 1300,
  'tests/bench': 1900, 'tests/clients': 2100,
};

export interface Page {
  file: string;
  /** The same page in the other language. */
  twin: string;
  language: Language;
  text: string;
  /** Words at most. */
  limit: number;
}

export const PAGES: readonly Page[] = Object.entries(WORDS).flatMap(([folder, limit]) => {
  return (['en', 'zh'] as const).map((language) => {
    const [file, twin] = [join(folder, READMES[language]), join(folder, READMES[language === 'en' ? 'zh' : 'en'])];
    return { file, twin, language, text: read(file), limit };
  });
});

const withoutCode = (text: string): string => text.replace(/^( *)```[^]*?^\1```$/gm, '');

/** How much there is to read: not the blocks of code, not the parts that a program makes. Two Chinese characters are a word. */
export function wordsOf(text: string): number {
  const prose = withoutCode(text).replace(/^<!-- begin (.*) -->$[^]*?^<!-- end \1 -->$/gm, '')
    .replace(/<[^>]*>/g, '').replace(/\]\([^)]*\)/g, ']');
  return prose.match(/\p{Script=Han}{1,2}|(?:(?!\p{Script=Han})\S)*[\p{L}\p{N}](?:(?!\p{Script=Han})\S)*/gu)?.length ?? 0;
}

/** The cells of each table's lines. A pipe inside of a cell is written \|. */
function tablesOf(text: string): string[][] {
  return withoutCode(text).split('\n').filter((line) => line.startsWith('|'))
    .map((line) => line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim().replaceAll('\\|', '|')));
}

/** The places of a page that a link can name: GitHub makes one of each heading; the others are written as <a id="5a">. */
function anchorsOf(text: string): string[] {
  const headings = Array.from(withoutCode(text).matchAll(/^#+ (.*)$/gm), ([, words]) => words!);
  const slugs = headings.map((words) => words.replace(/\]\([^)]*\)|<[^>]*>/g, '').toLowerCase().replace(/[^\p{L}\p{M}\p{N}_ -]/gu, '').replaceAll(' ', '-'));
  return [...slugs, ...Array.from(text.matchAll(/ id="([^"]+)"/g), ([, id]) => id!)];
}

/** What a page links to within the checkout and does not reach: a file, a place in a page, a page of its language. */
export function brokenLinks({ file, twin, text }: Page): string[] {
  const links = [...withoutCode(text).matchAll(/\]\(([^)\s]+)[^)]*\)| (?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? match[2]!);
  return links.filter((link) => {
    if (/^https?:/.test(link)) return false;
    const [path, anchor] = link.split('#');
    const target = path === '' ? file : join(dirname(file), decodeURI(path!));
    if (!existsSync(join(TOP, target))) return true;
    if (anchor !== undefined && !(target.endsWith('.md') && anchorsOf(read(target)).includes(decodeURI(anchor)))) return true;
    return target !== twin && basename(target) === basename(twin);
  });
}

/** What both languages of a page have alike: headings, tables, code; not what a program prints in its reader's language. */
export function shapeOf(text: string): unknown[] {
  return [
    [...withoutCode(text).matchAll(/^#+ /gm)].map(([level]) => level),
    tablesOf(text).map((cells) => cells.length),
    [...text.matchAll(/^( *)```(\w*)\n([^]*?)^\1```$/gm)].map(([, , kind, code]) => [kind, kind === 'text' ? '' : code]),
  ];
}
