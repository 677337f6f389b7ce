/** lib/trace/page.html in Firefox. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import test from 'node:test';
import { Child } from '../child.ts';
import { folder } from '../helpers.ts';
import { Program } from '../program.ts';
import { find, missing } from './installed.ts';

interface Report {
  accept: string[];
  frames: { hex: string; bits: string }[];
  payload: string;
  last: string;
  faults: string[];
  failed?: string;
}

test('Firefox draws its own frames, too, and sees a broken rule end in its Close', async (t) => {
  const command = find(['firefox-esr', 'firefox'], '--version');
  if (command === null) return void missing(t, 'Firefox', 'apt-get install firefox-esr');
  if (!existsSync(new URL('node_modules/ws', import.meta.url))) {
    return void missing(t, 'ws', 'npm ci --prefix tests/clients');
  }
  const server = await Program.start(t);
  const profile = await folder(t);
  const firefox = new Child(t, command, ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0']);
  const [, endpoint = ''] = await firefox.says('stderr', /WebDriver BiDi listening on (ws:\S+)/);
  const url = server.url.replace('ws:', 'http:');
  const client = new Child(t, process.execPath, ['tests/clients/firefox_client.js', endpoint, url]);
  assert.equal(await client.ended, 0, client.stderr);
  await firefox.ended;

  const { accept, frames, payload, last, faults, failed } = JSON.parse(client.stdout) as Report;
  assert.equal(failed, undefined);
  assert.match(accept[0]!, /^✓/);
  assert.match(frames[0]!.hex, /^8185[0-9a-f]{18}$/);
  assert.equal(frames[1]!.hex, '810568656c6c6f');
  for (const { hex, bits } of frames) {
    assert.equal(bits, Array.from(Buffer.from(hex, 'hex'), (byte) => byte.toString(2).padStart(8, '0')).join(''));
  }
  assert.equal(payload, 'hello');
  assert.match(last, /1002/);
  assert.deepEqual(faults, []);
});
