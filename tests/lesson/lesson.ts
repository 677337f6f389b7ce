/**
 * Plays README's lesson to server.ts and prints its blocks, out of the bytes that crossed; or draws its pictures.
 * Usage: npm run lesson [-- --chinese] [-- --pictures]
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { closeBlock, frameBlock, handshakeBlock, lengthBlock } from './blocks.ts';
import { picture } from './picture.ts';
import { playLesson } from './run.ts';
import { traceOnTerminal, tracePicture } from './trace.ts';

const { values } = parseArgs({ options: {
  chinese: { type: 'boolean', default: false }, pictures: { type: 'boolean', default: false },
} });
if (values.pictures) {
  const folder = new URL('../pictures/', import.meta.url);
  writeFileSync(new URL('polling.svg', folder), picture('en'));
  writeFileSync(new URL('polling.zh-CN.svg', folder), picture('zh'));
  writeFileSync(new URL('trace.svg', folder), tracePicture(await traceOnTerminal()));
} else {
  const lesson = await playLesson();
  const blocks = [handshakeBlock, frameBlock, lengthBlock, closeBlock];
  console.log(blocks.map((block) => block(lesson, values.chinese ? 'zh' : 'en')).join('\n').trimEnd());
}
