/**
 * Plays README's lesson to server.ts and prints its blocks, out of the bytes that crossed.
 * Usage: npm run lesson [-- --chinese]
 */
import { readArgs } from '../helpers.ts';
import { blocksOf } from './blocks.ts';
import { playLesson } from './run.ts';

const { values } = readArgs('Usage: npm run lesson -- [--chinese]', { options: { chinese: { type: 'boolean', default: false } } });
console.log(Object.values(blocksOf(await playLesson(), values.chinese ? 'zh' : 'en')).join('\n\n'));
