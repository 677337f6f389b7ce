/**
 * Shakes hands with a server on 127.0.0.1 and sends it bytes, each argument in a packet of its own. Prints what crosses.
 * Usage: npx tsx tests/lesson/send.ts [--port 8081] BYTES...
 */
import { hex, readArgs } from '../helpers.ts';
import { framesIn, REQUEST, Wire } from '../wire.ts';

const USAGE = 'Usage: npx tsx tests/lesson/send.ts [--port 8081] BYTES...    BYTES in hexadecimal: 818537fa213d7f9f4d5158';
/** Milliseconds without a byte after which the server counts as silent. */
const QUIET = 1000;

function giveUp(message: string): never {
  console.error(message);
  process.exit(2);
}

function say(way: '>' | '<', bytes: Buffer, text = ''): void {
  console.log(`${way} ${bytes.toString('hex').replace(/..(?=.)/g, '$& ')}   ${text}`.trimEnd());
}

const { values, positionals } = readArgs(USAGE, { allowPositionals: true, options: { port: { type: 'string', default: '8081' } } });
if (positionals.length === 0 || positionals.some((text) => !/^([\da-f]{2})+$/i.test(text))) giveUp(USAGE);
const wire = await Wire.knock(Number(values.port)) ?? giveUp(`Nobody listens on port ${values.port}: start a server first`);
wire.send(REQUEST);
console.log('> GET / HTTP/1.1 ...');
const head = await wire.anyHead(QUIET);
if (head === '') giveUp('The server does not answer');
console.log(`< ${head.split('\r\n')[0]} ...`);
for (const bytes of positionals.map(hex)) {
  say('>', bytes);
  wire.send(bytes);
  await wire.comes(() => false, QUIET);
  for (const { first, whole, payload } of framesIn(await wire.take(wire.length))) {
    const isClose = first === 0x88 && payload.length > 1, text = JSON.stringify(payload.toString('utf8', isClose ? 2 : 0));
    say('<', whole, isClose ? `Close ${payload.readUInt16BE()} ${text}` : first === 0x81 ? text : '');
  }
  if (wire.over !== null) break;
}
if (wire.over !== null) console.log('< (the end of the connection)');
wire.end();
