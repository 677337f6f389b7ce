import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HELP, parseOptions } from './args.ts';

describe('parseOptions()', () => {
  test('knows what --help lists, and no other', () => {
    for (const [, flag] of HELP.matchAll(/^  (--[a-z-]+)/gm)) {
      assert.doesNotThrow(() => parseOptions([flag!, ...VALUES[flag!] ?? []]), flag);
    }
    assert.throws(() => parseOptions(['--fast']), /--fast/);
  });
  test('reads servers and Nodes', () => {
    const { given, nodes } = parseOptions(['--peer', 'Bun=bun x.ts {port}', '--nodes', '20=/a/node,24=/b/node']);
    assert.deepEqual(given.map(({ name }) => name), ['Bun']);
    assert.deepEqual(nodes, [{ label: '20', path: '/a/node' }, { label: '24', path: '/b/node' }]);
  });
  for (const [flag, value] of [['--seconds', '0'], ['--seconds', 'x'], ['--rounds', '1.5'], ['--peer', 'Bun'],
    ['--peer', 'Bun=bun x.ts'], ['--nodes', '/a/node'], ['--row', '(']] as const) {
    test(`refuses ${flag} '${value}'`, () => assert.throws(() => parseOptions([flag, value])));
  }
});

const VALUES: Record<string, string[]> = {
  '--row': ['memory'], '--only': ['ws'], '--peer': ['A=b {port}'], '--nodes': ['a=b'], '--seconds': ['0.5'],
  '--rounds': ['1'], '--from': ['a.json'], '--svg': ['a.svg'], '--scale-svg': ['a.svg'],
};
