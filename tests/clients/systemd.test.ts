/** The systemd unit of tests/clients/README.md, judged by systemd, alone and with its drop-in for one port. */
import assert from 'node:assert/strict';
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { Child } from '../child.ts';
import { folder } from '../helpers.ts';
import { Wire } from '../wire.ts';
import { find, missing } from './installed.ts';

const UNIT = 'tests/clients/echo@.service';

// Of systemd's points of exposure, tenths: 92 without the unit's hardening lines. The drop-in's network is 8 of them
for (const [what, most] of [['the unit', '15'], ['the unit with port.conf', '18']] as const) {
  for (const args of [['verify', '--man=no'], ['security', '--offline=true', `--threshold=${most}`, '--no-pager']]) {
    test(`systemd-analyze ${args.join(' ')}: ${what}`, async (t) => {
      const command = find(['systemd-analyze'], '--version');
      if (command === null) return void missing(t, 'systemd-analyze', 'apt-get install systemd');
      // systemd reads what lies beside a unit in echo@.service.d, too
      const alone = join(await folder(t), 'echo@.service'), isAlone = what === 'the unit';
      await copyFile(UNIT, alone);
      const child = new Child(t, command, [...args, isAlone ? alone : UNIT]);
      assert.equal(await child.ended, 0, child.stdout + child.stderr);
      assert.equal(child.stderr, '');
      if (args[0] === 'security') assert.equal(/✓ PrivateNetwork=/.test(child.stdout), isAlone, child.stdout);
    });
  }
}

const reads = 'typescript' in process.features && Boolean(process.features.typescript);
test('the unit\'s ExecStartPost ends when the server listens, and not before', {
  skip: !reads && 'node server.ts needs Node 22.18',
}, async (t) => {
  if (find(['ss'], '-V') === null) return void missing(t, 'ss', 'apt-get install iproute2');
  const [, script] = /^ExecStartPost=\/bin\/sh -c '(.*)'$/m.exec(await readFile(UNIT, 'utf8'))!;
  const path = join(await folder(t), 'my.sock'), server = new Child(t, process.execPath, ['server.ts', '--address', path]);
  const wait = new Child(t, 'env', [`MAINPID=${server.process.pid}`, '/bin/sh', '-c', script!]);
  assert.equal(await wait.ended, 0);
  (await Wire.open({ path })).end();
});
