/** A solution of each exercise, as edits of server.ts: where each goes, and what. */
import assert from 'node:assert/strict';

/** What stands in server.ts, exactly once, and what takes its place. */
export type Edit = [from: string | RegExp, to: string];

/** server.ts with these edits; fails where one does not fit any more. */
export function apply(text: string, edits: Edit[]): string {
  for (const [from, to] of edits) {
    const parts = text.split(from);
    assert.equal(parts.length, 2, `server.ts has ${parts.length - 1} times, and not once: ${from}`);
    text = parts.join(to);
  }
  return text;
}

/** This text, and more behind it. */
const behind = (anchor: string, more: string): Edit => [anchor, anchor + more];

const BEFORE_LOOP = 'const except = null;';
const SHAKEN = 'handShake[socket.id] = socket;';
const PONGED = 'if (message.opcode === PONG || command(socket, message)) continue;';
const SENT = 'const sent = socket_write(socket, returnMessage, returnMessage.length);';
const GONE = 'delete handShake[socket.id];';
const IMPORTS = "import { Inbox } from './lib/websocket/inbox.ts';";
const FOR_EACH = 'for (const socket of tempSelectWrite.concat(tempSelectRead)) {';
/** The top of the loop: whoever leaves here is in no array that is walked through. */
const AGAIN = '  // 2  PHP:';
/** The last argument of socket_select, whatever it is, becomes a second. */
const A_SECOND: Edit = [/(?<=selectWrite, except, )[\w.]+(?=\))/, '1'];

const broadcast: Edit[] = [behind(SENT, `
        if (message.opcode <= BINARY) for (const other of Object.values(handShake)) {
          if (other !== socket) socket_write(other, returnMessage, returnMessage.length);
        }`)];

const online: Edit[] = [
  behind(SHAKEN, '\n        var_dump(`online ${Object.keys(handShake).length}`);'),
  behind(GONE, '\n  var_dump(`online ${Object.keys(handShake).length}`);'),
];

const clock: Edit[] = [A_SECOND, [FOR_EACH, `if (tempSelectRead.length + tempSelectWrite.length === 0) {
    const time = buildMsg(new Date().toTimeString());
    for (const client of Object.values(handShake)) socket_write(client, time, time.length);
  }
  ${FOR_EACH}`]];

const heartbeat: Edit[] = [
  behind(BEFORE_LOOP, '\nconst answered: number[] = [];\nlet pinged = 0;'),
  A_SECOND,
  [AGAIN, `  if (Date.now() - pinged >= 1000) {
    pinged = Date.now();
    for (const client of Object.values(handShake)) {
      if (pinged - answered[client.id]! > 3000) leave(client);
      else socket_write(client, buildMsg('', PING));
    }
  }
${AGAIN}`],
  behind(SHAKEN, '\n        answered[socket.id] = Date.now();'),
  [PONGED, `if (message.opcode === PONG) answered[socket.id] = Date.now();
        ${PONGED}`],
  behind(GONE, '\n  delete answered[socket.id];'),
];

const limits: Edit[] = [
  behind(IMPORTS, "\nimport { ProtocolError } from './lib/websocket/close.ts';"),
  behind(BEFORE_LOOP, '\nconst counts: { since: number; messages: number }[] = [];'),
  behind(SHAKEN, '\n        counts[socket.id] = { since: Date.now(), messages: 0 };'),
  behind(PONGED, `
        const count = counts[socket.id]!;
        if (Date.now() - count.since >= 1000) Object.assign(count, { since: Date.now(), messages: 0 });
        if (message.opcode <= BINARY && ++count.messages > 10) throw new ProtocolError(1008, 'Too fast');
        if (message.length > 1000) throw new ProtocolError(1009, 'Too long');`),
  behind(GONE, '\n  delete counts[socket.id];'),
];

const chat: Edit[] = [
  behind(BEFORE_LOOP, `
const names: string[] = [];

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
}`),
  behind(PONGED, `
        if (message.opcode <= BINARY) {
          hear(socket, message.payload.toString());
          continue;
        }`),
  behind(GONE, `
  const name = names[socket.id];
  delete names[socket.id];
  if (name !== undefined) tell(\`\${name} left\`);`),
];

/** In the order of EXERCISES. */
export const SOLUTIONS: Edit[][] = [broadcast, online, clock, heartbeat, limits, chat];
