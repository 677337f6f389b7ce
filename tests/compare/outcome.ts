/** Plays a scene to one server, and judges what has come of it with both. */
import { basename } from 'node:path';
import { DEPARTURES } from './departures.ts';
import type { Entry } from './actor.ts';
import { type Fact, FLOODS, GO_ON, OTHERS_WAIT, SERVER_ENDED, WARNS } from './facts.ts';
import { freePort } from '../helpers.ts';
import type { Launch } from './server_process.ts';
import { type Scene, Stage, WORD } from './scene_stage.ts';

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
 * 'same': they agree, in what they print too. 'better': they differ as the row says. 'different': they do not, or in
 * another way. 'wrong': server.ts does not do what it should.
 */
export type Verdict = 'same' | 'better' | 'different' | 'wrong';

export interface Result {
  scene: Scene;
  php: Outcome;
  ts: Outcome;
  verdict: Verdict;
  /** The row of the departures table that it has shown. */
  row: string | null;
  /** For those that are not as they should be: what was expected. */
  why: Fact | null;
}

/** @throws StageError where the server does not start */
export async function play(scene: Scene, program: Launch, flags: string[] = []): Promise<Outcome> {
  const stage = new Stage(program, await freePort(), flags);
  let transcript: Entry[] = [];
  try {
    await stage.open();
    await scene.play(stage);
    const isServed = scene.ends || await stage.turn();
    // Whoever has lost the connection waits for the process to end; whoever has not, hears nothing from one that goes on
    if (!isServed) await stage.server.ends(stage.isCut ? 5000 : 300);
    if (stage.server.floods) stage.note(FLOODS);
    else if (stage.server.status !== null && !scene.ends) stage.note(SERVER_ENDED);
    else if (!isServed) stage.note(OTHERS_WAIT);
    // What comes now is our own doing
    transcript = [...stage.transcript];
  } finally {
    await stage.close();
  }
  const { facts, server } = stage;
  if (!server.floods && /^(?:PHP )?(?:Warning|Notice|Deprecated): /m.test(server.stdout)) facts.push(WARNS);
  if (facts.length === 0) facts.push(GO_ON);
  const [console, log] = [server.stdout, server.stderr].map((text) => linesOf(text, server.floods, program));
  return { facts, transcript, console: console!, log: log! };
}

function linesOf(text: string, floods: boolean, program: Launch): string[] {
  const file = program.args(0).find((arg) => arg.endsWith('.php')) ?? '';
  // Where a file lies and where a client comes from is different each time
  const lines = text.replaceAll(file, basename(file)).replace(/(?<=port |127\.0\.0\.1:)\d+/g, 'N').split('\n')
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

export function judge(scene: Scene, php: Outcome, ts: Outcome): Result {
  const [left, right] = [englishOf(php), englishOf(ts)];
  const is = (verdict: Verdict, row: string | null, why: Fact | null = null): Result => ({ scene, php, ts, verdict, row, why });
  if (right !== scene.ts.join('; ')) return is('wrong', null, expected('server.ts', scene.ts));
  if (scene.also !== undefined && left === scene.also.php.join('; ')) return is('better', scene.also.row);
  if (left !== scene.php.join('; ')) return is('different', null, expected('PHP', scene.php));
  const { kind } = DEPARTURES.find(({ id }) => id === scene.row) ?? {};
  if (kind === 'differs') return is('better', scene.row!);
  if (left === right && (scene.console === 'free' || printed(php) === printed(ts))) return is('same', scene.row ?? null);
  return is('different', null, { en: 'they print different lines', zh: '打印的行不同' });
}

/**
 * Rows of the departures table that should have shown, and have not: of all scenes all that can be played, so that
 * a row without a scene is found; of some scenes theirs.
 */
export function unseenRows(results: Result[], areAll: boolean): string[] {
  const seen = new Set(results.map(({ row }) => row));
  const due = new Set(results.map(({ scene }) => scene.row));
  return DEPARTURES.filter(({ kind }) => kind === 'differs' || kind === 'same').map(({ id }) => id)
    .filter((id) => (areAll || due.has(id)) && !seen.has(id));
}
