/** What the tools have in common. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { languageOf } from './helpers.ts';

test('a tool prints Chinese where its flag or the terminal says so', () => {
  const none = { chinese: false, english: false };
  for (const [env, language] of [
    [{ LANG: 'zh_CN.UTF-8' }, 'zh'], [{ LANG: 'en_US.UTF-8' }, 'en'], [{ LANG: 'C' }, 'en'],
    [{ LC_ALL: 'zh_CN.UTF-8', LANG: 'en_US.UTF-8' }, 'zh'], [{ LC_ALL: '', LC_MESSAGES: 'zh_TW', LANG: 'C' }, 'zh'],
    [{ LC_ALL: 'C', LANG: 'zh_CN.UTF-8' }, 'en'],
  ] as const) {
    assert.equal(languageOf(none, env), language, JSON.stringify(env));
    assert.equal(languageOf({ ...none, chinese: true }, env), 'zh');
    assert.equal(languageOf({ ...none, english: true }, env), 'en');
  }
});
