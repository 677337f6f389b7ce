/** The PHP servers that the reading half is tested with, by name; the article's only where it is there. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Line, textOf } from './highlight.ts';
import { blockOf } from './php.ts';

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const read = (name: string): string => readFileSync(path(name), 'utf8');
const article = path('../../../shared/article.md');

export const SERVER = read('../../server.ts');

/** The article's block, where the article is. */
export const ARTICLE = existsSync(article) ? blockOf(article).code : undefined;

export const SOURCES: Record<string, string> = { 'select_server.php': read('select_server.php') };
if (ARTICLE !== undefined) SOURCES['article.md'] = ARTICLE;

export function written(lines: Line[]): string[] {
  return lines.map(textOf);
}

export function linesIn(code: string): string[] {
  return code.split(/\r?\n/).filter((line) => line.trim() !== '');
}
