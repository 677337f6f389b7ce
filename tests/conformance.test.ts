/** The table of tests/conformance: each row black-box, over TCP, against the server as a process. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { autobahn } from './conformance/autobahn.ts';
import { large } from './conformance/big.ts';
import { closing } from './conformance/closing.ts';
import { compression } from './conformance/compression.ts';
import { negotiation } from './conformance/deflate.ts';
import { frames } from './conformance/frames.ts';
import { handshake } from './conformance/handshake.ts';
import { http } from './conformance/http.ts';
import { messages } from './conformance/messages.ts';
import { offers } from './conformance/offers.ts';
import { play } from './conformance/play.ts';
import type { Row } from './conformance/row.ts';
import { utf8 } from './conformance/utf8.ts';
import { FULL } from './helpers.ts';
import { Program } from './program.ts';
import { frame, Wire } from './wire.ts';

/** What holds for a handshake holds with --strict, too. */
const strict = [...handshake, ...http].filter(({ flags }) => flags === undefined)
  .map((row): Row => ({ ...row, flags: ['--strict'] }));

const rows: Row[] = [
  ...handshake, ...strict, ...http, ...offers, ...frames, ...closing, ...autobahn, ...utf8, ...large, ...negotiation,
  ...messages, ...compression,
];

function nameOf({ section, must, rule, autobahn }: Row): string {
  return `${section} ${must ? 'MUST' : 'SHOULD'}: ${rule}${autobahn === undefined ? '' : ` (Autobahn ${autobahn})`}`;
}

/** Rows that have the same key, in order. */
function groupBy(rows: Row[], keyOf: (row: Row) => string): [string, Row[]][] {
  return [...new Set(rows.map(keyOf))].map((key) => [key, rows.filter((row) => keyOf(row) === key)]);
}

async function assertEchoes(wire: Wire): Promise<void> {
  wire.send(frame(1, 'innocent'));
  assert.deepEqual(await wire.frame(), { first: 0x81, payload: Buffer.from('innocent') });
}

/** How many lines the server has to have on standard error: one for each client that it closed on, with the reason. */
function refusedIn(ones: Row[]): number {
  return ones.filter(({ status = 101, then }) => status !== 101 || typeof then === 'number').length;
}

for (const [key, ones] of groupBy(rows.filter(({ isLarge }) => FULL || !isLarge), ({ flags }) => JSON.stringify(flags ?? []))) {
  const flags = JSON.parse(key) as string[];
  test(`a server ${flags.join(' ') || 'without flags'}`, async (t) => {
    // No Ping of the server's may stand where a row waits for an answer, however slow the machine is: the clients that
    // are silent meanwhile would get one after 30 seconds. A row with a limit of its own has it in its flags
    const program = await Program.start(t, '--quiet', '--ping-interval', '0', '--handshake-timeout', '600', ...flags);
    // A handshake that suits every command line
    const origin = flags.includes('--origin') ? `Origin: ${flags[1]}\r\n` : '';
    const innocent = await Wire.open(program.where, origin);
    t.after(() => innocent.socket.destroy());
    for (const [section, same] of groupBy(ones, ({ section }) => section)) {
      await t.test(`${section}: ${same.length} rows`, async () => {
        const failures: string[] = [];
        for (const row of same) {
          await play(row, program.where).catch(({ message }: Error) => failures.push(`${nameOf(row)}: ${message}`));
        }
        assert.deepEqual(failures, []);
      });
    }
    await t.test('an innocent client is served as before, and so is a new one', async () => {
      await assertEchoes(innocent);
      await assertEchoes(await Wire.open(program.where, origin));
    });
    await t.test('RFC 6455 7.1.7 SHOULD: each failure is logged, and none was the server\'s own', async () => {
      await program.reported(refusedIn(ones));
      const said = program.stderr.trimEnd().split('\n').slice(1);
      const ours = /^client \d+ \(.*\) (?:refused|closed) with \d+: |^and \d+ more in the last second$/;
      assert.deepEqual(said.filter((line) => !ours.test(line)), []);
    });
    await program.end();
  });
}

test('the table has a row for each of the 517 cases of the Autobahn test suite', () => {
  const cases = rows.flatMap(({ autobahn }) => autobahn ?? []);
  assert.deepEqual([cases.length, new Set(cases).size], [517, 517]);
});
