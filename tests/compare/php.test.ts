import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { folder } from '../helpers.ts';
import { codeOf, prepare } from './php.ts';

const CODEC = "function getMsg($buff) {} function buildMsg($message) {}";

describe('prepare', () => {
  for (const [what, code, ready] of [
    ['$port in quotes', `<?php ${CODEC} $port = '8081';`, `<?php\n${CODEC} $port = (int) $argv[2];`],
    ['$port as a number', `<?php ${CODEC} $port=8081;`, `<?php\n${CODEC} $port=(int) $argv[2];`],
    ['the port in socket_bind', `<?php ${CODEC} socket_bind($s, '0.0.0.0', 8081);`,
      `<?php\n${CODEC} socket_bind($s, $argv[1], (int) $argv[2]);`],
    ['the folder of the file', `<?php ${CODEC} $port = 1; require __DIR__ . '/x.php';`,
      `<?php\n${CODEC} $port = (int) $argv[2]; require '/there' . '/x.php';`],
    ['nothing where the code takes arguments itself', `<?php ${CODEC} $port = $argv[2] ?? '8081';`,
      `<?php\n${CODEC} $port = $argv[2] ?? '8081';`],
  ] as const) {
    test(`replaces ${what}`, () => assert.equal(prepare(code, '/there/file.php'), ready));
  }
  test('brings our codec where there is none', () => {
    assert.match(prepare('<?php $port = 1;', '/there/file.php'), /^<\?php\nrequire '.*\/codec\.php';\n\$port/);
  });
  test('says so where no port can be found', () => {
    assert.throws(() => prepare('<?php echo 1;', '/there/file.php'), { message: /^\/there\/file\.php shows no port/ });
  });
});

describe('codeOf', () => {
  for (const [what, text, code] of [
    ['a file of PHP', '<?php echo 1;\n', '<?php echo 1;\n'],
    ['the last block of Markdown', 'a\n```php\nfirst();\n```\nb\n\t```php\n\tlast();\n\t```\n', '<?php\n\tlast();\n'],
    ['a block with a tag of its own', '# a\n```php\n<?php\nx();\n```\n', '<?php\nx();\n'],
    ['a block with lines that end in CRLF', '# a\r\n``` PHP\r\nx();\r\n```\r\n', '<?php\nx();\r\n'],
  ] as const) {
    test(`takes ${what}`, async (t) => {
      const path = join(await folder(t), 'file');
      await writeFile(path, text);
      assert.equal(codeOf(path), code);
    });
  }
});
