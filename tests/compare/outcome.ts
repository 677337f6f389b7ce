/** Plays a scene to one server, and judges what has come of it with both. */
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEPARTURES } from './departures.ts';
import type { Entry } from './actor.ts';
import { type Fact, FLOODS, GO_ON, LATE, MESSAGES, NOT_PLAYED, NOTHING, OTHERS_WAIT, PRINTS, SERVER_ENDED, WARNS } from './facts.ts';
import { freePort } from '../helpers.ts';
import type { Launch } from './server_process.ts';
import { WORD } from './behaviour.ts';
import { Gone, type Scene, Stage } from './scene_stage.ts';

/** What one server made of a scene. */
export interface Outcome {
  facts: Fact[];
  /** Everything that the scene's clients sent and got. */
  transcript: Entry[];
  /** What the server printed on standard output, without the lines about the witness; and on standard error. */
  console: string[];
  log: string[];
}

/**
 * With the article's server: 'same': they agree, in what they print too. 'better': they differ as a departure says.
 * 'different': in another way. With any other, on the wire alone: 'ours' or 'theirs' is better; 'none': nothing to compare,
 * e.g. what a server that does not echo does with messages. With either: 'wrong': server.ts does not do what it should.
 */
export type Verdict = 'same' | 'better' | 'different' | 'wrong' | 'ours' | 'theirs' | 'none';

/** A scene that is not for a server. */
export const NONE: Outcome = { facts: [NOT_PLAYED], transcript: [], console: [], log: [] };

export interface Result {
  scene: Scene;
  php: Outcome;
  ts: Outcome;
  verdict: Verdict;
  /** The departure that it has shown. */
  departure: string | null;
  /** For those that are not as they should be: what was expected. */
  why: Fact | null;
}

/** Milliseconds for a scene: a server may sleep in each pass, and be slow for ever. */
const MOST = 60_000;

/** @throws StageError where the server does not start */
export async function play(scene: Scene, program: Launch, flags: string[] = [], most = MOST): Promise<Outcome> {
  const stage = new Stage(program, program.fixedPort ?? await freePort(), flags);
  let transcript: Entry[] = [], facts: Fact[] = [];
  try {
    await stage.open();
    const isOver = scene.play(stage).then(() => true, (error: unknown) => {
      if (error instanceof Gone) return true;
      throw error;
    });
    const isLate = !await Promise.race([isOver, sleep(most, false, { ref: false })]);
    const isServed = isLate || scene.ends || await stage.turn();
    // Where the witness's connection has ended, the process ends soon; where it has not, the server waits for somebody
    if (!isServed) await stage.server.ends(stage.isCut ? 5000 : 300);
    if (stage.server.floods) stage.note(warns(stage.server.stdout.slice(-100_000)) ? FLOODS : PRINTS);
    else if (stage.server.status !== null && !scene.ends) stage.note(SERVER_ENDED);
    else if (isLate) stage.note(LATE);
    else if (!isServed) stage.note(OTHERS_WAIT);
    // What close() and a scene that is given up add does not belong to the scene
    [transcript, facts] = [[...stage.transcript], [...stage.facts]];
  } finally {
    await stage.close();
  }
  const { server } = stage, { isEcho = true, answer = null, greets = false } = program.behaviour ?? {};
  if (!isEcho && (greets || answer === null) && !scene.ts.some(isTalk)) {
    // It speaks unasked: its messages may be an answer to this, or to others
    const others = facts.filter(({ en }) => !isTalk(en));
    facts = others.length === 0 && facts.length > 0 ? [MESSAGES] : others;
  }
  if (program.isArticles && !server.floods && warns(server.stdout)) facts.push(WARNS);
  if (facts.length === 0) facts.push(GO_ON);
  const [console, log] = [server.stdout, server.stderr].map((text) => linesOf(text, server.floods, program));
  return { facts, transcript, console: console!, log: log! };
}

/** Whether this fact in English is a message. */
function isTalk(fact: string): boolean {
  return /^(?:a part of )?(?:masked )?(?:text|binary)\b/.test(fact);
}

function warns(text: string): boolean {
  return /^(?:PHP )?(?:Warning|Notice|Deprecated): /m.test(text);
}

function linesOf(text: string, floods: boolean, { file }: Launch): string[] {
  // Where a file lies and where a client comes from is different each time; and load.php is none of theirs
  const lines = text.replaceAll(file, basename(file)).replace(/^(#\d+) \S+load\.php\(\d+\): require\(.*\n#\d+/gm, '$1').replace(/(?<=port |127\.0\.0\.1:)\d+/g, 'N').split('\n')
    .filter((line) => line !== '' && line !== `string(${WORD.length}) "${WORD}"`);
  return floods ? [...lines.slice(0, 20), '...'] : lines;
}

/** The lines of standard output that the loop prints, as both should. */
function printed({ console }: Outcome): string {
  return console.filter((line) => line.startsWith('string(')).join('\n');
}

function englishOf({ facts }: Outcome): string {
  return facts.map(({ en }) => en).join('; ');
}

function expected(who: string, facts: string[]): Fact {
  return { en: `${who}: expected ${facts.join('; ')}`, zh: `${who}：应为 ${facts.join('; ')}` };
}

/** Whether something can be learnt from this scene, played to this PHP. */
export function isFor({ needs }: Scene, { isArticles, behaviour }: Launch): boolean {
  return isArticles || (needs === 'echo' ? behaviour?.isEcho !== false : needs !== 'article');
}

/** @param program the PHP */
export function judge(scene: Scene, php: Outcome, ts: Outcome, program: Launch): Result {
  const [left, right] = [englishOf(php), englishOf(ts)], [theirs, ours] = [scene.php, scene.ts].map((facts) => facts.join('; '));
  const is = (verdict: Verdict, departure: string | null, why: Fact | null = null): Result => {
    return { scene, php, ts, verdict, departure, why };
  };
  const differs = DEPARTURES.find(({ id }) => id === scene.departure)?.kind === 'differs';
  const departure = left === scene.also?.php.join('; ') ? scene.also!.departure
    : differs && left === theirs ? scene.departure! : null;
  if (!program.isArticles) {
    // Of one that is only slow nothing is known
    if (!isFor(scene, program) || php.facts.includes(LATE) || (left === MESSAGES.en && right === NOTHING.en)) return is('none', null);
    if (left === right) return is('same', null);
    if (right !== ours) return left === ours ? is('theirs', null) : is('wrong', null, expected('server.ts', scene.ts));
    return scene.ts.some(isTalk) && program.behaviour?.isEcho === false ? is('none', null) : is('ours', departure);
  }
  if (right !== ours) return is('wrong', null, expected('server.ts', scene.ts));
  if (departure !== null) return is('better', departure);
  if (left !== theirs) return is(left === right ? 'same' : 'different', null, expected('PHP', scene.php));
  if (left !== right) return is('different', null, expected('PHP', scene.ts));
  const isPrinted = scene.console === 'free' || printed(php) === printed(ts);
  return is('same', scene.departure ?? null, isPrinted ? null : { en: 'they print different lines', zh: '打印的行不同' });
}

/**
 * Departures that should have shown, and have not: of all scenes all that can be played, so that one without a scene is
 * found; of some scenes theirs.
 */
export function unseenOf(results: Result[], areAll: boolean): string[] {
  const seen = new Set(results.map(({ departure }) => departure));
  const due = new Set(results.map(({ scene }) => scene.departure));
  return DEPARTURES.filter(({ kind }) => kind === 'differs' || kind === 'same').map(({ id }) => id)
    .filter((id) => (areAll || due.has(id)) && !seen.has(id));
}
