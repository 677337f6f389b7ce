import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Offer, parseExtensions } from '../../lib/websocket/extensions.ts';

function offer(name: string, ...params: Offer['params']): Offer {
  return { name, params };
}

test('RFC 6455 9.1: lists of extensions', () => {
  const lists: [text: string, ...offers: Offer[]][] = [
    [''],
    ['foo', offer('foo')],
    ['foo, bar; baz=2', offer('foo'), offer('bar', ['baz', '2'])],
    ['foo; bar; baz=1, qux', offer('foo', ['bar', null], ['baz', '1']), offer('qux')],
    ['a;b;b=1;b', offer('a', ['b', null], ['b', '1'], ['b', null])],
    ['a, a;x, a', offer('a'), offer('a', ['x', null]), offer('a')],
    ['Foo; Bar=Baz', offer('Foo', ['Bar', 'Baz'])],
    ['!#$%&\'*+-.^_`|~09AZaz', offer('!#$%&\'*+-.^_`|~09AZaz')],
    ['constructor; __proto__=1, __proto__; toString', offer('constructor', ['__proto__', '1']),
      offer('__proto__', ['toString', null])],
    // Values in quotes
    ['a; b = "c" ', offer('a', ['b', 'c'])], ['a;b="\\1\\0"', offer('a', ['b', '10'])],
    ['a;b="c\\d"', offer('a', ['b', 'cd'])],
    ['a;b="c";d="e",f', offer('a', ['b', 'c'], ['d', 'e']), offer('f')],
    // RFC 9110 5.6: spaces, tabs and empty members
    ...['a ; b = c , d', '\ta\t;\tb\t=\tc\t,\td\t', ' a;b=c,d ', ',a;b=c,,d,', ', , a;b=c ,\t, d , ']
      .map((text): [string, ...Offer[]] => [text, offer('a', ['b', 'c']), offer('d')]),
    ...[' ', '\t \t', ',', ', ,', ' ,,\t'].map((text): [string] => [text]),
  ];
  for (const [text, ...offers] of lists) assert.deepEqual(parseExtensions(text), offers, text);
});

test('what is not well-formed is null, and so is a value in quotes that is no token', () => {
  for (const text of [
    'a;b=""', 'a;b="c d"', 'a;b="c,d"', 'a;b="c;d"', 'a;b="\\""', 'a;b="\\\\"', 'a;b="ä"',
    ';', 'a;', 'a;;b', 'a;b;', 'a; ,b', '=', 'a=b', 'a;=', 'a;=b', 'a;b=', 'a;b= ', 'a;b=,c', 'a;b==c', 'a;b=c=d',
    'a b', 'a;b c', 'a;b=c d', 'a, b c', '"a"', 'a;"b"', 'a;b="c', 'a;b="c\\', 'a;b="c\\"', 'a;b=c"', 'a;b="c"d',
    'a;b="c""d"', 'a/b', 'a;b=(c)', 'a@', 'ä', 'a;ä', 'a;b=ä', 'a\r\n', 'a\n;b', 'a\0', 'a;b="\n"', 'a\u00a0', '\va',
    '\\', 'a,"', 'a,;b', ',;', ',=a',
  ]) assert.equal(parseExtensions(text), null, JSON.stringify(text));
});

test('half a mebibyte takes linear time: in quadratic time a test would not end', () => {
  const LENGTH = 512 * 1024;
  for (const [start, unit] of [
    ['', ';'], ['', ','], ['', ' '], ['', '"'], ['', '\\'], ['', 'a'], ['', ', '], ['', 'a,'], ['', 'a;b,'],
    ['', 'a;b="c",'], ['a', ';a'], ['a', ' ;a '], ['a', ';a=b'], ['a', ';a="b"'], ['a;b="', '\\'], ['a;b="', '\\\\'],
    ['a;b="', '\\a'], ['a;b="', 'a'], ['a;b="', '"'], ['a;b="', ' '], ['a', ' '], ['a;', ' '], ['a;b=', ' '],
    ['a,', ' '], ['a;b', '\t='],
  ]) {
    // Its last byte is wrong: whatever else the bytes before it may be is tried in vain
    assert.equal(parseExtensions(`${start}${unit!.repeat(LENGTH / unit!.length)}@`), null);
  }
  assert.equal(parseExtensions(`a${';a'.repeat(LENGTH / 2)}`)?.[0]?.params.length, LENGTH / 2);
});
