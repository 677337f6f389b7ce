/** Standard error tells the operator: who was refused or disconnected, and why; of a flood, how many. */
import assert from 'node:assert/strict';
import { BINARY, TEXT } from '../../lib/websocket/frame.ts';
import { frame, request, Wire } from '../wire.ts';
import { attack, type Scene } from './attack.ts';
import { crowd } from './crowd.ts';

/** Lines that a second may have for clients, and one for the others. */
const MOST = 21;

async function refuse({ where }: Scene): Promise<void> {
  const wire = await Wire.connect(where);
  wire.send('nonsense\n');
  await wire.rest();
  wire.end();
}

const flags = ['--handshake-timeout', '0.2', '--ping-interval', '0.3', '--write-timeout', '0.4'];
attack('one line for each that is refused, closed or disconnected: its address, what, why', { flags, once: true },
  async ({ program, where }) => {
    const { stderr: { length: said } } = program;
    const line = async (wire: Wire, pattern: RegExp): Promise<void> => {
      const { localAddress, localPort } = wire.socket;
      await wire.gone();
      wire.end();
      const who = `client \\d+ \\(${localAddress} port ${localPort}\\)`;
      const found = await program.says('stderr', new RegExp(`^${who} (.*)\\n`, 'm'));
      assert.match(found[1]!, pattern);
    };
    const refused = await Wire.connect(where);
    refused.send(request({ Upgrade: null }));
    await line(refused, /^refused with 426: ./);
    await line(await Wire.connect(where), /^refused with 408: ./);
    const wrong = await Wire.open(where);
    wrong.send(frame(TEXT, Buffer.of(0xff)));
    await line(wrong, /^closed with 1007: ./);
    await line(await Wire.open(where), /^closed with 1008: .|^disconnected: ./);
    const slow = await Wire.open(where);
    slow.socket.pause();
    slow.send(...Array.from({ length: 40 }, () => frame(BINARY, Buffer.alloc(1 << 20), { key: [0, 0, 0, 0] })));
    await program.says('stderr', /^client \d+ \(.*\) disconnected: ./m);
    slow.socket.destroy();
    assert.equal(program.stderr.slice(said).match(/^client /gm)?.length, 5);
  });

attack('a flood of bad clients is a count', { quick: 2000, full: 20_000 }, async (scene) => {
  const { program, size } = scene;
  const said = program.stderr.length, started = performance.now();
  await crowd(size, () => refuse(scene));
  const seconds = Math.ceil((performance.now() - started) / 1000) + 1;
  // The last second's count comes at its end
  const counted = (): number => {
    const lines = program.stderr.slice(said);
    const more = [...lines.matchAll(/^and ([\d,]+) more/gm)].map(([, count]) => Number(count!.replaceAll(',', '')));
    return (lines.match(/^client /gm)?.length ?? 0) + more.reduce((sum, one) => sum + one, 0);
  };
  while (counted() < size) await program.says('stderr', new RegExp(`^[^]{${program.stderr.length + 1}}`));
  assert.equal(counted(), size, 'each is a line or is counted');
  const lines = program.stderr.slice(said).trim().split('\n').length;
  assert.ok(lines <= (seconds + 1) * MOST, `${lines} lines in ${seconds} seconds`);
});
