/**
 * Plays README's lesson to server.ts and prints its blocks, out of the bytes that crossed.
 * Usage: npm run lesson [-- --chinese]
 */
import { parseArgs } from 'node:util';
import { closeBlock, frameBlock, handshakeBlock, lengthBlock } from './blocks.ts';
import { playLesson } from './run.ts';

const { values } = parseArgs({ options: { chinese: { type: 'boolean', default: false } } });
const lesson = await playLesson(), blocks = [handshakeBlock, frameBlock, lengthBlock, closeBlock];
console.log(blocks.map((block) => block(lesson, values.chinese ? 'zh' : 'en')).join('\n').trimEnd());
