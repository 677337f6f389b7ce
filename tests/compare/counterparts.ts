/** What PHP's statements and server.ts's have in common where they are counterparts. */
import type { Language } from './highlight.ts';
import { codeOf, type Statement, stepOf } from './statements.ts';

/**
 * Where the two do the same in other words. What bears one name in both (buff, '主动关闭') needs no row, but others'
 * PHP has other names: so the patterns go by calls where they can, and know PHP's stream_* too.
 */
const COUNTERPARTS: [name: string, php: RegExp, ts: RegExp][] = [
  ['where to listen', /\$(?:address|addr|host|ip|port)\s*=(?!=)/i, /getOptions\(/],
  ['create', /socket_create\(|stream_socket_server\(/, /socket_create\(/],
  ['those who have shaken hands', /\$\w*hand_?sh\w*\s*=\s*(?:\[\]|array\(\))/i, /const handShake/],
  ['for ever', /while\s*\((?:true|1)\)|for\s*\(\s*;\s*;/i, /^while \(/],
  ['what select gets', /\$\w*(?:read|write|except)\w*\s*=\s*(?:\$|array\(|\[|null)/i, /socket_select\(/],
  ['select', /(?:socket|stream)_select\(/, /socket_select\(/],
  ['each active socket', /foreach\s*\(/, /for \(const \w+ of tempSelectRead/],
  ['it is the server', /(?:\(\s*\$\w+\s*===?|in_array\()\s*\$\w*(?:server|master|listen)/i, /=== server\)/],
  ['accept', /(?:socket|stream_socket)_accept\(/, /socket_accept\(/],
  ['the client is there', /if\s*\(\s*!?\s*\$(?:client|new|conn)\w*\s*(?:[!=]==?\s*false\s*)?\)/i, /socket_accept\(/],
  ['one joins', /array_push\(|\$\w+\[[^\]]*\]\s*=(?!=)|=\s*(?:array\(|\[)\s*\$/, /\w+\[\w+\.id\] = /],
  ['read', /socket_(?:read|recv)\(|fread\(/, /socket_read\(/],
  ['the end', /===?\s*(?:''|""|false|0)|strlen\(\$\w+\)\s*(?:===?|<)|empty\(/, /=== ''/],
  ['a client leaves', /\bunset\(|array_splice\(/, /\bdelete /],
  ['close', /(?:socket|stream_socket)_(?:close|shutdown)\(|fclose\(/, /socket_close\(/],
  ['not yet shaken hands', /(?:!\s*(?:in_array|isset)?\(?|empty\()[^;]*hand_?sh/i, /if \(!handShake\[/],
  ['the request', /Sec\W{0,3}WebSocket\W{0,3}Key|\bthrow\b/i, /getRequest\(/],
  ['the key', /\$\w*key\w*\s*=(?!=)/i, /wsKey\b.*\} = /],
  ['the accept key', /\bsha1\(|hash\(\s*['"]sha1/, /hash\('sha1'/],
  ['shaken hands', /array_push\(\s*\$hand|\$\w*hand_?sh\w*(?:\[[^\]]*\])*\s*=(?!=)/i, /handShake\[\w+\.id\] = /],
  ['decode', /=\s*(?:\$\w+->)?\w*(?:getMsg|decode|unmask|unwrap)\w*\(/i, /getMsg\(/],
  ['encode', /(?:buildMsg|(?<!64_)encode|(?<!un)mask|(?<!un)wrap|frame)\w*\(/i, /= buildMsg\(/],
  ['write', /socket_(?:write|send)\(|fwrite\(/, /socket_write\(/],
  ['print', /\b(?:var_dump|printf?)\(|\b(?:echo|print)\b/, /var_dump\(/],
  // Where the article goes down into else, the port has done with this socket
  ['otherwise', /\belse(?:if)?\b|^\s*continue;/, /^\s*continue;|\belse\b/],
  ['else', /\belse\b/, /\belse\b/],
];

const WORD = { php: /^\$?([\p{L}_][\p{L}\p{N}_]*)$/u, typescript: /^([\p{L}_][\p{L}\p{N}_]*)$/u };
const ASSIGNED = {
  php: /\$(\w+)\s*[.+]?=(?![=>])/g,
  typescript: /(?:(?:const|let) |(?<![.\w]))(\w+)(?:: [^=;]+)? \+?=(?![=>])/g,
};

/**
 * By what a statement is known, and how much each tells: a row of the table, a variable that is set, a name, a word of
 * a string, the step that its comment tells.
 */
export function keysOf(statement: Statement, language: Language): Map<string, number> {
  const keys = new Map<string, number>(), code = codeOf(statement.code);
  for (const [name, php, ts] of COUNTERPARTS) if ((language === 'php' ? php : ts).test(code)) keys.set(`= ${name}`, 4);
  for (const [, name] of code.matchAll(ASSIGNED[language])) keys.set(`${name} =`, 3);
  // const { read: tempSelectRead, ...rest } = ...
  for (const name of /const \{([^}]*)\} =/.exec(code)?.[1]?.match(/\w+(?=,| $)/g) ?? []) keys.set(`${name} =`, 3);
  for (const { kind, text } of statement.code.flatMap(({ tokens }) => tokens)) {
    const words = kind === 'string' ? text.replace(/\\./g, ' ').match(/\p{L}{2,}/gu) ?? [] :
      kind === 'comment' || kind === 'keyword' ? [] : [WORD[language].exec(text)?.[1]];
    for (const word of words) if (word !== undefined) keys.set(word, kind === 'name' ? 2 : 1);
  }
  const step = stepOf(statement);
  if (step !== undefined) keys.set(`// ${step}`, 1);
  return keys;
}
