/** One scene in full, in two columns: every byte that went to and fro, and all that each server printed. */
import { printable } from '../../lib/printable.ts';
import type { Entry } from './actor.ts';
import { type Fact, say } from './facts.ts';
import type { Outcome, Result } from './outcome.ts';
import { judgement } from './table.ts';
import { beside, wrap } from '../columns.ts';
import type { Language } from '../helpers.ts';

const WORDS: Record<Entry['what'] | 'bytes' | 'prints' | 'logs', Fact> = {
  sent: { en: 'sends', zh: '发送' },
  got: { en: 'gets', zh: '收到' },
  ended: { en: 'sees the end of the connection', zh: '看到连接结束' },
  cut: { en: 'sees a reset', zh: '看到连接被重置' },
  left: { en: 'leaves', zh: '离开' },
  reset: { en: 'resets', zh: '重置连接' },
  bytes: { en: 'bytes', zh: '字节' },
  prints: { en: 'prints', zh: '打印' },
  logs: { en: 'prints on standard error', zh: '打印到标准错误' },
};
const WITNESS: Fact = {
  en: 'Client 1, not shown, is the witness: it asks whether others still get their answers.',
  zh: '没有显示的客户端 1 是见证人：它不断询问其他客户端是否还能得到应答。',
};

/** The view for so many columns (80 at least); ends without a line end. */
export function view(result: Result, width: number, language: Language): string {
  const { scene, php, ts } = result;
  const half = Math.floor((Math.max(width, 80) - 3) / 2);
  const both = (left: string[], right: string[]): string[] => beside([left, right], [half, half], ' │ ');
  const rule = `${'─'.repeat(half)}─┼─${'─'.repeat(half)}`;
  const [left, right] = [acts(php.transcript), acts(ts.transcript)];
  const steps = Array.from({ length: Math.max(left.length, right.length) }, (_, i) => {
    return both(lines(left[i] ?? [], half, language), lines(right[i] ?? [], half, language));
  });
  return [
    `${scene.name}${language === 'en' ? ': ' : '：'}${scene.shows[language]}`, `→ ${judgement(result, language)}`, WITNESS[language], '',
    ...both(['PHP'], ['server.ts']), rule, ...steps.flat(),
    rule, ...both(facts(php, half, language), facts(ts, half, language)),
    rule, ...both(printed(php, half, language), printed(ts, half, language)),
  ].join('\n');
}

function facts(outcome: Outcome, width: number, language: Language): string[] {
  return wrap(`→ ${say(outcome.facts, language)}`, width);
}

function printed({ console, log }: Outcome, width: number, language: Language): string[] {
  const part = (head: string, lines: string[]): string[] => {
    return lines.length === 0 ? [] : [head, ...lines.flatMap((line) => wrap(printable(line), width))];
  };
  return [...part(WORDS.prints[language], console), ...part(WORDS.logs[language], log)];
}

/** What comes of each act of a client's, so that the two columns go in step; bytes that came in pieces are joined. */
function acts(transcript: Entry[]): Entry[][] {
  const all: Entry[][] = [];
  for (const entry of transcript) {
    const last = all.at(-1)?.at(-1);
    if (entry.what === 'got' && last?.what === 'got' && last.who === entry.who) {
      all.at(-1)![all.at(-1)!.length - 1] = { ...last, bytes: Buffer.concat([last.bytes, entry.bytes]) };
    } else if (all.length === 0 || entry.what === 'sent' || entry.what === 'left') {
      all.push([entry]);
    } else {
      all.at(-1)!.push(entry);
    }
  }
  return all;
}

function lines(entries: Entry[], width: number, language: Language): string[] {
  return entries.flatMap(({ who, what, bytes }) => {
    const name = language === 'zh' ? who.replace('client ', '客户端 ') : who;
    const size = bytes.length === 0 ? '' : ` ${bytes.length.toLocaleString('en')} ${WORDS.bytes[language]}`;
    return [...wrap(`${name} ${WORDS[what][language]}${size}`, width), ...dump(bytes, width)];
  });
}

/** As hexdump -C does: offset, bytes, characters; a line that repeats the one before is a star. */
function dump(bytes: Buffer, width: number): string[] {
  const count = width >= 72 ? 16 : 8;
  const out: string[] = [];
  let last = '';
  for (let at = 0; at < bytes.length; at += count) {
    const row = bytes.subarray(at, at + count);
    const hex = row.toString('hex').replace(/..(?!$)/g, '$& ');
    if (hex === last && at + count < bytes.length) {
      if (out.at(-1) !== '*') out.push('*');
      continue;
    }
    last = hex;
    const text = row.toString('latin1').replace(/[^\x20-\x7e]/g, '.');
    out.push(`${at.toString(16).padStart(4, '0')}  ${hex.padEnd(count * 3 - 1)}  ${text}`);
  }
  return out;
}
