/** The lesson's page shows what `npm run lesson` prints. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { READMES, run, TOP } from '../helpers.ts';

for (const [language, name] of Object.entries(READMES)) {
  test(`${name} shows what \`npm run lesson\` prints of RFC 6455's own examples (1.3 and 5.7)`, async () => {
    const page = readFileSync(`${TOP}/tests/lesson/${name}`, 'utf8');
    const parts = page.matchAll(/^<!-- begin .* -->\n```text\n([^]*?)\n```$/gm);
    const stdout = `${Array.from(parts, ([, block]) => block).join('\n\n')}\n`;
    assert.deepEqual(await run('tests/lesson/lesson.ts', language === 'zh' ? '--chinese' : '--english'), { status: 0, stdout, stderr: '' });
  });
}
