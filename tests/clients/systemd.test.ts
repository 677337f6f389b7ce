/** The systemd unit of tests/clients/README.md, judged by systemd. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { Child } from '../child.ts';
import { find, missing } from './installed.ts';

/** Of systemd's points of exposure, tenths: 92 without the unit's hardening lines. */
const MOST = '15';

for (const args of [['verify', '--man=no'], ['security', '--offline=true', `--threshold=${MOST}`, '--no-pager']]) {
  test(`systemd-analyze ${args.join(' ')}`, async (t) => {
    const command = find(['systemd-analyze'], '--version');
    if (command === null) return void missing(t, 'systemd-analyze', 'apt-get install systemd');
    const child = new Child(t, command, [...args, 'tests/clients/echo@.service']);
    assert.equal(await child.ended, 0, child.stdout + child.stderr);
    assert.equal(child.stderr, '');
  });
}
