import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { randomOf } from '../helpers.ts';
import { dedent, type Kind, type Language, linesOf, tokens } from './highlight.ts';
import { linesIn, written } from './source_samples.ts';

describe('tokens(): a source in pieces', () => {
  const kinds = (code: string, language: Language): string => {
    return tokens(code, language).filter(({ text }) => text.trim() !== '')
      .map(({ kind, text }) => `${kind} ${text}`).join(' | ');
  };

  test('tokens() joined are the source, whatever that is', (t) => {
    const random = randomOf(t);
    const PIECES = ['\'', '"', '`', '${', '}', '{', '/*', '*/', '//', '#', '<?php', '?>', '<<<A\n', 'A;', '\\', '/',
      '\n', '$a', 'if', '1', '\r\n', '你'];
    for (let i = 0; i < 3000; i++) {
      const code = Array.from({ length: random(20) }, () => PIECES[random(PIECES.length)]).join('');
      for (const language of ['php', 'typescript'] as const) {
        assert.equal(tokens(code, language).map(({ text }) => text).join(''), code);
        assert.deepEqual(written(linesOf(code, language)).filter((line) => line.trim() !== ''), linesIn(code));
      }
    }
  });

  test('tokens() tells PHP apart', () => {
    assert.equal(kinds('$a = "x\\"y"; // b', 'php'), 'variable $a | text = | string "x\\"y" | text ; | comment // b');
    assert.equal(kinds('# a\necho foo(0x1f);', 'php'),
      'comment # a | keyword echo | name foo | text ( | number 0x1f | text ) | text ;');
    assert.equal(kinds('<<<A\nif $x\nA;', 'php'), 'string <<<A\nif $x\nA | text ;');
    assert.equal(kinds('// a ?>', 'php'), 'comment // a  | keyword ?>');
  });

  test('tokens() tells TypeScript apart', () => {
    assert.equal(kinds('`a${f({ b: `c` })}d`', 'typescript'),
      'string `a${ | name f | text ( | text { | text b | text : | string `c` | text } | text ) | string }d`');
    assert.equal(kinds('x = /[/"]/g', 'typescript'), 'text x | text = | string /[/"]/g');
    assert.equal(kinds('a / b / c', 'typescript'), 'text a | text / | text b | text / | text c');
    assert.equal(kinds('p.catch(...await q)', 'typescript').replace(/text \. \| /g, ''),
      'text p | name catch | text ( | keyword await | text q | text )');
  });

  test('linesOf() counts all lines and gives those that are not empty, also one inside of a string', () => {
    assert.deepEqual(linesOf('a;\n\n/* b\n\n*/\n', 'php', 7).map(({ number, comment }) => [number, comment]),
      [[7, false], [9, true], [10, true], [11, true]]);
    const kind: Kind = 'string';
    assert.deepEqual(linesOf('<<<A\n\nA;', 'php')[1]!.tokens, [{ kind, text: '' }]);
  });

  test('dedent() takes away what all lines are indented by', () => {
    assert.deepEqual(written(dedent(linesOf('<?php\n\t\ta;\n\t\t\tb;', 'php'))), ['<?php', 'a;', '\tb;']);
  });
});
