/** The PHP servers that the reading half is tested with, by name; the article's only where it is there. */
import { existsSync, readFileSync } from 'node:fs';
import { type Line, textOf } from './highlight.ts';

const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');
const article = '../../../shared/article.md';

export const SERVER = read('../../server.ts');

/** The article's block, where the article is. */
export const ARTICLE = existsSync(new URL(article, import.meta.url)) ?
  [...read(article).matchAll(/```php\r?\n(.*?)```/gs)].at(-1)![1]! : undefined;

export const SOURCES: Record<string, string> = { 'source_fixture.php': read('source_fixture.php') };
if (existsSync(new URL('select_server.php', import.meta.url))) SOURCES['select_server.php'] = read('select_server.php');
if (ARTICLE !== undefined) SOURCES['article.md'] = ARTICLE;

export function written(lines: Line[]): string[] {
  return lines.map(textOf);
}

export function linesIn(code: string): string[] {
  return code.split(/\r?\n/).filter((line) => line.trim() !== '');
}
