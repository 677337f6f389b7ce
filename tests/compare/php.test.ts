/** Any PHP server can be played against, and one that cannot says why. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { folder, freePort, TOP } from '../helpers.ts';
import { blockOf } from './php.ts';
import { compare, phpTest } from './run_compare.ts';

const HERE = join(TOP, 'tests/compare');
const server = (name: string): string => join(HERE, 'servers', `${name}.php`);

phpTest('load.php finds the port wherever it stands, and nothing else', async (t) => {
  const path = join(await folder(t), 'a.php');
  for (const [text, numbers] of [
    ['$port = 8081;', [8081]], ['$wsPort = "8081";', [8081]], ['$puerto = 8081;', [8081]], ['$port = $argv[2] ?? 8081;', [8081]],
    ['$port = (int) (getenv("PORT") ?: 8081);', [8081]], ['class A { private $port = \'8000\'; }', [8000]],
    ['class A { const PORT = 9000; }', [9000]], ['class A { private ?int $port = 8000; }', [8000]], ['define(\'PORT\', 9000);', [9000]],
    ['const HOST = "0.0.0.0", PORT = 9000;', [9000]], ['$this->port = 8080;', [8080]], ['$config["port"] = 8080;', [8080]],
    ['return ["host" => "localhost", "port" => 8080];', [8080]], ['new Server(\'0.0.0.0\', 9501);', [9501]],
    ['new Server(9501);', [9501]], ['new Server($host, 9501);', [9501]], ['new Server(port: 9501);', [9501]],
    ['(new Server)->listen("localhost", 9501);', [9501]], ['Server::run(9501);', [9501]], ['$server->setPort(9501);', [9501]],
    ['socket_bind($s, $where, 9000);', [9000]], ['socket_bind($s, 0, 9000);', [9000]], ['socket_create_listen(9000);', [9000]],
    ['stream_socket_server("tcp://0.0.0.0:9501");', [9501]], ['stream_socket_server("tcp://$host:8000");', [8000]],
    ['stream_socket_server("tcp://" . $host . ":8000");', [8000]], ['stream_socket_server("tcp://0.0.0.0:" . 8000);', [8000]],
    ['stream_socket_server("tcp://[::]:8000");', [8000]], ['function listen($host, $port = 2000) {}', [2000]],
    ['[$host, $port] = ["0.0.0.0", 8081];', [8081]], ['$port = 1; $port = 8081; $other_port = 8082;', [8081, 8082]],
    ['// $port = 8081;', []], ['/* define("PORT", 8081); */', []], ['$help = <<<A\n  $port = 8081; tcp://0.0.0.0:8081\n  A;', []],
    ['?>$port = 8081;', []], ['socket_listen($server, 128);', []], ['socket_read($socket, 2048);', []], ['$support = 8081;', []],
    ['new Server($host, $port, 2048);', []], ['if ($port < 1024) die();', []], ['echo "at 12:30";', []],
    ['$db = ["host" => "localhost", "port" => 3306];', []], ['$origin = "http://localhost:3000";', []],
  ] as const) {
    await writeFile(path, `<?php ${text}`);
    const { stderr } = spawnSync('php', [join(HERE, 'load.php'), 'find:41001,41002,41003', '1', '-', path], { encoding: 'utf8' });
    const told = [...stderr.matchAll(/\0(.*)/g)].map(([, line]) => JSON.parse(line!) as { old?: number });
    assert.deepEqual(told.flatMap(({ old }) => old ?? []), numbers, text);
  }
});

test('the server of a Markdown page is its last block of PHP that opens a socket, however the block is fenced', async (t) => {
  const path = join(await folder(t), 'a.md');
  for (const [text, code, first] of [
    ['```php\none();\n```\n```php\ntwo();\n```\n', 'two();\n', 5],
    ['```php\nsocket_create();\n```\n```php\ntwo();\n```\n', 'socket_create();\n', 2],
    ['~~~php\none();\n~~~\n', 'one();\n', 2], ['``` php\none();\n```\n', 'one();\n', 2],
    ['```PHP {.numbers}\none();\n```\n```html\n<p>\n```\n', 'one();\n', 2], ['```{.php}\none();\n```\n', 'one();\n', 2],
    ['```\n<?php\none();\n```\n', '<?php\none();\n', 2], ['````php\n$a = "\n```\n";\n````\n', '$a = "\n```\n";\n', 2],
    ['# A\r\n```php\r\none();\r\n```\r\n', 'one();\r\n', 3],
  ] as const) {
    await writeFile(path, text);
    assert.deepEqual(blockOf(path), { code, first }, text);
  }
});

test('what is no file that can be read is one line', async (t) => {
  const path = join(await folder(t), 'a b');
  await mkdir(path);
  assert.throws(() => blockOf(path), /a b is a folder: name the file that starts the server$/);
  await writeFile(join(path, 'chat.php'), '');
  assert.throws(() => blockOf(path), /a b is a folder: name the file that starts the server \(chat\.php\)$/);
  await writeFile(join(path, 'a.md'), '```\nnone\n```\n');
  assert.throws(() => blockOf(join(path, 'a.md')), /has no PHP/);
});

describe('a PHP server whose port is', () => {
  for (const [where, name] of [
    ['a variable\'s, below a comment, a heredoc and a line for the shell', 'procedural'], ['a property\'s', 'property'],
    ['a constant\'s, and whose address is of another network', 'constant'], ['in an address for streams', 'stream'],
    ['an argument for a class of another file', 'class_started'],
  ] as const) {
    phpTest(`${where} is played against`, () => {
      assert.deepEqual(played(server(name)).verdicts, ['same', 'ours', 'ours']);
    });
  }
  phpTest('in none of its files takes --port', async (t) => {
    const port = await freePort(), name = server('environment'), env = { WHERE: String(port) };
    assert.match(compare([name], env).stderr, /^compare: environment\.php shows no port: .* --port N names it\n$/);
    assert.deepEqual(played(name, ['--port', String(port)], env).verdicts, ['same', 'ours', 'ours']);
    const other = net.createServer().listen(port, '127.0.0.1');
    t.after(() => other.close());
    await once(other, 'listening');
    assert.match(compare([name, '--port', String(port)], env).stderr, /^compare: port \d+ is in use: end the program/);
    assert.match(compare(['--port', 'x']).stderr, /^compare: --port takes a number from 1 to 65535, not 'x'\n$/);
  });
});

phpTest('a server that begins with <?, after a mark of UTF-8 and with the line ends of Windows, is played against', async (t) => {
  const top = join(await folder(t), 'a b');
  await mkdir(top);
  for (const start of ['<?', '\uFEFF<?php', '#!/usr/bin/php\r\n<?php']) {
    await writeFile(join(top, 'a.php'), `${start}\r\nrequire '${server('loop')}';\r\nserve(listenAt('0.0.0.0', 8081), 'send');\r\n`);
    assert.deepEqual(played(join(top, 'a.php')).verdicts, ['same', 'ours', 'ours']);
  }
});

describe('a PHP server that', () => {
  for (const [what, name, verdicts, said] of [
    ['tells only the others, and has its port in another file', 'chat_others', ['none', 'ours', 'ours'],
      /port is taken to be 8080 \(config\.php:2\)\ncompare: it does not echo: it told the others eyewitness\n/],
    ['greets, and tells all', 'chat_all', ['none', 'ours', 'ours'],
      /sends more than its 101: welcome\ncompare: it does not echo: it said \{"type":"message","text":"eyewitness"\}\n/],
    ['says nothing', 'silent', ['none', 'ours', 'ours'], /it does not echo: it said nothing\n/],
    ['masks its answers', 'masked', ['ours', 'ours', 'ours'], /it masks its answers: no browser takes them\n/],
    ['sends a byte more than its 101', 'zero', ['ours', 'ours', 'ours'], /it sends more than its 101: 00, which is no frame\n/],
    ['tells all what one says', 'echo_all', ['same', 'ours', 'ours'], /\ncompare: it tells all its clients what one says\n$/],
    ['takes a short message for the end', 'short_is_end', ['ours', 'ours', 'ours'], /^compare: its port is taken to be 8089 .*\n$/],
    ['answers once', 'once', ['ours', 'ours', 'ours'], /it ends the connection after one message\n/],
  ] as const) {
    phpTest(`${what} is played against, and that is said`, () => {
      const { verdicts: seen, stderr } = played(server(name));
      assert.deepEqual(seen, verdicts);
      assert.match(stderr, said);
    });
  }
});

phpTest('a server for one client is said to be one', () => {
  const { status, stderr } = compare([server('one_guest'), '--scene', 'curl']);
  assert.deepEqual([status, stderr], [0, 'compare: it ends the connection when another client comes\n']);
});

phpTest('what a server tells all is no answer to a client that shakes hands, nor does it keep a scene from its end', () => {
  const { status, stdout } = compare([server('sleepy'), '--scene', 'hello', '--scene', 'ping', '--scene', 'no-key']);
  assert.equal(status, 0);
  assert.match(stdout, /^→ text "all: hello" .*│ → text "hello"$/m);
  assert.match(stdout, /^→ text "all: are you there\?" .*│ → pong "are you there\?"$/m);
  assert.match(stdout, /^→ no answer .*│ → 400; the connection ends$/m);
});

describe('it says why a PHP server cannot be played against:', () => {
  for (const [what, text, line] of [
    ['a class that nobody starts', null, /^compare: class\.php declares SocketServer and starts nothing: write a file that requires class\.php/],
    ['a function that has gone', '$port = 8081; each($all);',
      /^compare: PHP does not start: Fatal error: .* undefined function A\\each\(\) in a\.php:5 \(written before PHP 8\)\n$/],
    ['a socket taken for a number', '$port = 8081; $all[socket_create(AF_INET, SOCK_STREAM, SOL_TCP)] = 1;',
      /^compare: PHP does not start: Fatal error: .* in a\.php:5 \(written before PHP 8: a socket is an object now\)\n$/],
    ['a socket taken for a resource', '$port = 8081; if (!is_resource(socket_create(AF_INET, SOCK_STREAM, SOL_TCP))) die("no socket");',
      /^compare: PHP does not start: no socket \(written before PHP 8: a socket is an object now, and is_resource\(\) is for resources\)\n$/],
    ['a class of PHP\'s name', '$port = 8081; new \\Socket;', /^compare: PHP does not start: Fatal error: .* \(written before PHP 8\)\n$/],
    ['no packages', 'require "vendor/autoload.php";',
      /^compare: PHP does not start: Fatal error: .*'vendor\/autoload\.php' .* \(its packages are missing: composer install\)\n$/],
    ['no extension', '$port = 8081; curl_nothing();', /^compare: PHP does not start: Fatal error: .* \(this PHP lacks an extension\)\n$/],
    ['a stream that is closed', '$port = 8081; $all = fopen("php://memory", "r"); fclose($all); fread($all, 1);',
      /^compare: PHP does not start: Fatal error: .* supplied resource is not a valid stream resource in a\.php:5\n$/],
    ['its last words, below a warning', '$port = 8081; class B {} $nothing . ""; echo "Starts\\nworks\\nNo room\\n";', /^compare: PHP does not start: Starts \.\.\. No room\n$/],
    ['an address of elsewhere', 'class B {} socket_bind(socket_create(AF_INET, SOCK_STREAM, SOL_TCP), "192.0.2." . "1", 8081);',
      /^compare: PHP does not start: Warning: socket_bind\(\): .* in a\.php on line 5\n$/],
    ['a word that it wants', 'die("usage: a.php start");', /^compare: a\.php shows no port: .* names it\. It said: usage: a\.php start\n$/],
    ['no PHP', '$port = 8081; this is none;', /^compare: PHP does not start: Parse error: .* in a\.php on line 5\n$/],
    ['it listens elsewhere', '$port = 8081; sleep(60);', /^compare: PHP listens at none of its ports \(8081; --port N names another\)\n$/],
    ['no handshake', '$s = stream_socket_server("tcp://0.0.0.0:8081"); $c = stream_socket_accept($s); fwrite($c, "hello\\n\\n"); nothing();',
      /^compare: PHP does not shake hands: Fatal error: .* undefined function A\\nothing\(\) in a\.php:5\n$/],
    ['one client only', 'require "loop.php"; $s = listenAt("0.0.0.0", 8081); $c = socket_accept($s); socket_close($s); ' +
      'socket_read($c, 2048); socket_write($c, "HTTP/1.1 101 Switching Protocols\\r\\n\\r\\n"); sleep(60);',
      /^compare: PHP does not listen any more when it has one client\n$/],
  ] as const) {
    phpTest(what, async (t) => {
      const top = await folder(t), path = text === null ? server('class') : join(top, 'a.php');
      // Below a line for the shell, and above the fifth
      if (text !== null) await writeFile(path, `#!/usr/bin/env php\n<?php\nnamespace A;\n\n${text.replace('"loop.php"', `"${server('loop')}"`)
        .replace('listenAt', '\\listenAt')}\n`);
      const { status, stdout, stderr } = compare([path]);
      assert.match(stderr, line);
      assert.deepEqual([status, stdout], [2, '']);
    });
  }
  phpTest('a fault in a block of Markdown, by the line of the page', async (t) => {
    const path = join(await folder(t), 'a.md');
    await writeFile(path, '# A server\n\n```php\n$port = 8081;\n\nnothing();\n```\n');
    assert.match(compare([path]).stderr, /undefined function nothing\(\) in a\.md:6\n$/);
  });
});

/** What comes of three scenes: a text, a request without a key, a Close. */
function played(path: string, more: string[] = [], env: Record<string, string> = {}): { verdicts: string[]; stderr: string } {
  const { status, stdout, stderr } = compare([path, '--json', '--scene', 'hello', '--scene', 'no-key', '--scene', 'close', ...more], env);
  assert.equal(status, 0, stderr);
  const { scenes } = JSON.parse(stdout) as { scenes: { name: string; verdict: string }[] };
  return { verdicts: ['hello', 'no-key', 'close'].map((one) => scenes.find(({ name }) => name === one)!.verdict), stderr };
}
