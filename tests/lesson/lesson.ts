/**
 * Plays the lesson to server.ts and prints the blocks of its page, out of the bytes that crossed.
 * Usage: npm run lesson [-- --chinese | --english]
 */
import { LANGUAGES, languageOf, readArgs } from '../helpers.ts';
import { blocksOf } from './blocks.ts';
import { playLesson } from './run.ts';

const { values } = readArgs('Usage: npm run lesson [-- --chinese | --english]', { options: LANGUAGES });
console.log(Object.values(blocksOf(await playLesson(), languageOf(values))).join('\n\n'));
