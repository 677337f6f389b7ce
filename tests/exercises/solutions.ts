/**
 * A solution of each exercise: what it adds to server.ts, and where; and a learner's checkout that has it. A place is
 * found by a call or by an array of the article's, whatever else stands in its line.
 */
import assert from 'node:assert/strict';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Ended, folder, run, TOP } from '../helpers.ts';

/** A line of server.ts, the first that matches; the code stands below it. */
const PLACES = {
  'imports': /^import /,
  'before the loop': /^const .* = (?:await )?start\(/,
  'top of the loop': /^while \(/,
  'after select': /socket_select\(.*;$/,
  'shaken hands': /handShake\[\w+\.id\] = /,
  'each message': /getMsg\(/,
  'answered': /socket_write\(\w+, returnMessage/,
  'left': /delete handShake\[/,
};

/** Code at a place, indented as its line, or as the block that this begins; or a socket_select that waits. */
export type Addition = [place: keyof typeof PLACES, code: string] | [place: 'select waits', seconds: string];

/** server.ts with these additions; fails where a place is not there any more. */
export function apply(server: string, additions: Addition[]): string {
  return additions.reduce((text, [place, code]) => {
    if (place === 'select waits') {
      const changed = text.replace(/(socket_select\([^)]*, )[^,)]+\)/, (_, call: string) => `${call}${code})`);
      assert.notEqual(changed, text, 'server.ts has no socket_select');
      return changed;
    }
    const lines = text.split('\n'), index = lines.findIndex((line) => PLACES[place].test(line)), line = lines[index];
    assert.ok(line !== undefined, `server.ts has no line for '${place}'`);
    const indent = /^ */.exec(line)![0] + (line.endsWith('{') ? '  ' : '');
    lines.splice(index + 1, 0, ...code.split('\n').map((one) => one && indent + one));
    return lines.join('\n');
  }, server);
}

/** What a solution changes, as a diff: behind each @@ the step, or the function; then the line above. */
export function diffOf(server: string, additions: Addition[]): string {
  const before = server.split('\n'), after = apply(server, additions).split('\n'), diff: string[] = [];
  let at = 0, place = '', last = -1;
  for (const [i, line] of after.entries()) {
    place = /^ *\/\/ (\d+) {2}|^function (\w+)/.exec(line)?.slice(1).join('') ?? place;
    // An empty line may be one of the solution's
    if (line === before[at] && (line !== '' || after[i + 1] === before[at + 1])) {
      at++;
      continue;
    }
    const wasChanged = !after.includes(before[at]!, i);
    if (last !== i - 1) diff.push(`@@ ${place}`.trimEnd(), ...(wasChanged ? [] : [` ${after[i - 1]}`]));
    if (wasChanged) diff.push(`-${before[at++]}`);
    diff.push(`+${line}`);
    last = i;
  }
  return diff.join('\n');
}

const broadcast: Addition[] = [[
  'answered', `if (message.opcode <= BINARY) for (const other of Object.values(handShake)) {
  if (other !== socket) socket_write(other, returnMessage, strlen(returnMessage));
}`,
]];

const online: Addition[] = [
  ['shaken hands', 'var_dump(`online ${Object.keys(handShake).length}`);'],
  ['left', 'var_dump(`online ${Object.keys(handShake).length}`);'],
];

const clock: Addition[] = [['select waits', '1'], [
  'after select', `if (tempSelectRead.length + tempSelectWrite.length === 0) {
  const time = buildMsg(new Date().toTimeString());
  for (const client of Object.values(handShake)) socket_write(client, time, strlen(time));
}`,
]];

const heartbeat: Addition[] = [
  ['imports', "import { PING } from './lib/websocket/frame.ts';"],
  ['before the loop', 'const answered: number[] = [];\nlet pinged = 0;'],
  ['select waits', '1'],
  ['top of the loop', `if (Date.now() - pinged >= 1000) {
  pinged = Date.now();
  for (const client of Object.values(handShake)) {
    if (pinged - answered[client.id]! > 3000) leave(client);
    else socket_write(client, buildMsg('', PING));
  }
}`],
  ['shaken hands', 'answered[socket.id] = Date.now();'],
  ['each message', 'if (message.opcode === PONG) answered[socket.id] = Date.now();'],
  ['left', 'delete answered[socket.id];'],
];

const tooMuch: Addition[] = [
  ['imports', "import { ProtocolError } from './lib/websocket/close.ts';"],
  ['before the loop', 'const counts: { since: number; messages: number }[] = [];'],
  ['shaken hands', 'counts[socket.id] = { since: Date.now(), messages: 0 };'],
  ['each message', `const count = counts[socket.id]!;
if (Date.now() - count.since >= 1000) Object.assign(count, { since: Date.now(), messages: 0 });
if (message.opcode <= BINARY && ++count.messages > 10) throw new ProtocolError(1008, 'Too fast');
if (message.length > 1000) throw new ProtocolError(1009, 'Too long');`],
  ['left', 'delete counts[socket.id];'],
];

const chat: Addition[] = [
  ['before the loop', `const names: string[] = [];

/** To all who have a name. */
function tell(text: string): void {
  for (const id in names) socket_write(handShake[id]!, buildMsg(text));
}

/** The first text is the name. */
function hear(socket: Socket, text: string): void {
  if (names[socket.id] !== undefined) return tell(\`\${names[socket.id]}: \${text}\`);
  if (names.includes(text)) {
    socket_write(socket, buildMsg(\`\${text} is taken\`));
  } else {
    names[socket.id] = text;
    tell(\`\${text} joined\`);
  }
}
`],
  ['each message', `if (message.opcode <= BINARY) {
  hear(socket, message.payload.toString());
  continue;
}`],
  ['left', `const name = names[socket.id];
delete names[socket.id];
if (name !== undefined) tell(\`\${name} left\`);`],
];

/** In the order of EXERCISES. */
export const SOLUTIONS: Addition[][] = [broadcast, online, clock, heartbeat, tooMuch, chat];

export const CLI = 'tests/exercises/exercise.ts';

/** A folder in which server.ts can be run, with these files beside lib. */
export async function house(t: TestContext, files: Record<string, string>): Promise<string> {
  const path = await folder(t);
  await cp(join(TOP, 'lib'), join(path, 'lib'), { recursive: true });
  await cp(join(TOP, 'package.json'), join(path, 'package.json'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text);
  return path;
}

/** server.ts as it is. */
export function original(): Promise<string> {
  return readFile(join(TOP, 'server.ts'), 'utf8');
}

/** What `npm run exercise -- NUMBER` says of server.ts with these additions. */
export async function checked(t: TestContext, number: number, additions: Addition[]): Promise<Ended> {
  const path = await house(t, { 'server.ts': apply(await original(), additions) });
  return run(CLI, `${number}`, '--server', join(path, 'server.ts'));
}
