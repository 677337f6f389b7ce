import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Offer, parseExtensions } from '../../lib/websocket/extensions.ts';

function offer(name: string, ...params: Offer['params']): Offer {
  return { name, params };
}

describe('RFC 6455 9.1: lists of extensions', () => {
  const lists: [text: string, offers: Offer[]][] = [
    ['', []],
    ['foo', [offer('foo')]],
    ['foo, bar; baz=2', [offer('foo'), offer('bar', ['baz', '2'])]],
    ['foo; bar; baz=1, qux', [offer('foo', ['bar', null], ['baz', '1']), offer('qux')]],
    ['a;b;b=1;b', [offer('a', ['b', null], ['b', '1'], ['b', null])]],
    ['a, a;x, a', [offer('a'), offer('a', ['x', null]), offer('a')]],
    ['deflate-stream', [offer('deflate-stream')]],
    ['permessage-deflate; client_max_window_bits; server_max_window_bits=10',
      [offer('permessage-deflate', ['client_max_window_bits', null], ['server_max_window_bits', '10'])]],
    ['!#$%&\'*+-.^_`|~09AZaz', [offer('!#$%&\'*+-.^_`|~09AZaz')]],
  ];
  for (const [text, offers] of lists) {
    test(`'${text}'`, () => assert.deepEqual(parseExtensions(text), offers));
  }
  test('names that every object has are names like any other', () => {
    assert.deepEqual(parseExtensions('constructor; __proto__=1, __proto__; toString'),
      [offer('constructor', ['__proto__', '1']), offer('__proto__', ['toString', null])]);
  });
  test('case is kept', () => assert.deepEqual(parseExtensions('Foo; Bar=Baz'), [offer('Foo', ['Bar', 'Baz'])]));
});

describe('RFC 9110 5.6: spaces, tabs and empty members', () => {
  for (const text of ['a ; b = c , d', '\ta\t;\tb\t=\tc\t,\td\t', ' a;b=c,d ', ',a;b=c,,d,', ', , a;b=c ,\t, d , ']) {
    test(JSON.stringify(text), () => assert.deepEqual(parseExtensions(text), [offer('a', ['b', 'c']), offer('d')]));
  }
  for (const text of [' ', '\t \t', ',', ', ,', ' ,,\t']) {
    test(`${JSON.stringify(text)} offers nothing`, () => assert.deepEqual(parseExtensions(text), []));
  }
});

describe('RFC 6455 9.1: values in quotes', () => {
  const values: [text: string, value: string][] = [
    ['a;b="c"', 'c'], ['a;b="10"', '10'], ['a; b = "c" ', 'c'], ['a;b="\\c"', 'c'],
    ['a;b="\\1\\0"', '10'], ['a;b="c\\d"', 'cd'],
  ];
  for (const [text, value] of values) {
    test(`${text} is ${value}`, () => assert.deepEqual(parseExtensions(text), [offer('a', ['b', value])]));
  }
  test('the list goes on behind them', () => {
    assert.deepEqual(parseExtensions('a;b="c";d="e",f'), [offer('a', ['b', 'c'], ['d', 'e']), offer('f')]);
  });
  for (const text of ['a;b=""', 'a;b="c d"', 'a;b="c,d"', 'a;b="c;d"', 'a;b="\\""', 'a;b="\\\\"', 'a;b="ä"']) {
    test(`${text} is null: what is in quotes is a token too`, () => assert.equal(parseExtensions(text), null));
  }
});

describe('what is not well-formed is null', () => {
  for (const text of [
    ';', 'a;', 'a;;b', 'a;b;', 'a; ,b', '=', 'a=b', 'a;=', 'a;=b', 'a;b=', 'a;b= ', 'a;b=,c', 'a;b==c', 'a;b=c=d',
    'a b', 'a;b c',
    'a;b=c d', 'a, b c', '"a"', 'a;"b"', 'a;b="c', 'a;b="c\\', 'a;b="c\\"', 'a;b=c"', 'a;b="c"d', 'a;b="c""d"', 'a/b',
    'a;b=(c)',
    'a@', 'ä', 'a;ä', 'a;b=ä', 'a\r\n', 'a\n;b', 'a\0', 'a;b="\n"', 'a\u00a0', '\va', '\\', 'a,"', 'a,;b', ',;', ',=a',
  ]) {
    test(JSON.stringify(text), () => assert.equal(parseExtensions(text), null));
  }
});

describe('half a mebibyte takes linear time: in quadratic time a test would not end', () => {
  const LENGTH = 512 * 1024;
  for (const [start, unit] of [
    ['', ';'], ['', ','], ['', ' '], ['', '"'], ['', '\\'], ['', 'a'], ['', ', '], ['', 'a,'], ['', 'a;b,'],
    ['', 'a;b="c",'],
    ['a', ';a'], ['a', ' ;a '], ['a', ';a=b'], ['a', ';a="b"'], ['a;b="', '\\'], ['a;b="', '\\\\'], ['a;b="', '\\a'],
    ['a;b="', 'a'], ['a;b="', '"'], ['a;b="', ' '], ['a', ' '], ['a;', ' '], ['a;b=', ' '], ['a,', ' '], ['a;b', '\t='],
  ] as const) {
    test(`${JSON.stringify(start)} and ${JSON.stringify(unit)} over and over`, () => {
      // Its last byte is wrong: whatever else the bytes before it may be is tried in vain
      assert.equal(parseExtensions(`${start}${unit.repeat(LENGTH / unit.length)}@`), null);
    });
  }
  test('one offer with a parameter over and over is well-formed', () => {
    assert.equal(parseExtensions(`a${';a'.repeat(LENGTH / 2)}`)?.[0]?.params.length, LENGTH / 2);
  });
});
