/** lib is as lib/README.md says: its rooms, who imports whom, what has a state, and that an import does nothing. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { run } from './helpers.ts';

const TOP = fileURLToPath(new URL('..', import.meta.url));
const FILES = ['server.ts', ...readdirSync(join(TOP, 'lib'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts')).map((name) => join('lib', name).replaceAll('\\', '/'))];
const TEXTS = new Map(FILES.map((file) => [file, readFileSync(join(TOP, file), 'utf8')]));

const MAP = readFileSync(join(TOP, 'lib/README.md'), 'utf8');
const ROOMS = [...new Set(FILES.flatMap((file) => /^lib\/(\w+)\//.exec(file)?.[1] ?? []))];

/** Whom each room may import beside itself and the leaves of lib, as the map says; 'lib' are these leaves. */
const RULES: Record<string, string[]> = { 'lib': [], 'server.ts': ROOMS };
for (const room of ROOMS) {
  const [, others = ''] = new RegExp(`^${room} +-> +([^;\n]*)`, 'm').exec(MAP) ?? [];
  assert.notEqual(others, '', `lib/README.md says whom ${room} may import`);
  RULES[room] = ROOMS.filter((one) => new RegExp(`\\b${one}\\b`).test(others));
}

/** What the protocol may have of Node: what is pure. */
const PURE = ['node:buffer', 'node:os', 'node:zlib'];

function roomOf(file: string): string {
  return /^lib\/(\w+)\//.exec(file)?.[1] ?? (file === 'server.ts' ? file : 'lib');
}

/** What a file imports, types too: files of ours, and modules of Node's. */
function importsOf(file: string): string[] {
  const specifiers = [...TEXTS.get(file)!.matchAll(/^(?:import|export)\b[^;]*?\bfrom '([^']+)';|^import '([^']+)';/gm)]
    .map(([, from, bare]) => from ?? bare!);
  return specifiers.map((one) => one.startsWith('.') ? normalize(join(dirname(file), one)).replaceAll('\\', '/') : one);
}

test('each room imports whom it may, types included', () => {
  const wrong: string[] = [];
  for (const file of FILES) {
    const room = roomOf(file);
    for (const other of importsOf(file)) {
      const target = roomOf(other);
      if (other.startsWith('node:')) {
        const isTable = other === 'node:module' && /const \{ STATUS_CODES \} = createRequire\(.*\('node:http'\)/.test(TEXTS.get(file)!);
        if (room === 'websocket' && !PURE.includes(other) && !isTable) wrong.push(`${file} -> ${other}`);
        continue;
      }
      assert.ok(TEXTS.has(other), `${file} imports ${other}`);
      const mayTrace = file === 'lib/program/start.ts' && target === 'trace';
      if (target !== room && target !== 'lib' && !RULES[room]!.includes(target) && !mayTrace) wrong.push(`${file} -> ${other}`);
      if (room === 'websocket' && other === 'lib/log.ts') wrong.push(`${file} -> ${other}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('no file imports itself on a way through others, types included', () => {
  const done = new Set<string>();
  const walk = (file: string, way: string[]): void => {
    assert.ok(!way.includes(file), `a circle: ${[...way.slice(way.indexOf(file)), file].join(' -> ')}`);
    if (done.has(file)) return;
    for (const other of importsOf(file)) if (TEXTS.has(other)) walk(other, [...way, file]);
    done.add(file);
  };
  for (const file of FILES) walk(file, []);
});

test('of trace the start loads late_page.ts only: a browser or --trace loads the rest', () => {
  const loaded = new Set<string>();
  const load = (file: string): void => {
    if (loaded.has(file)) return;
    loaded.add(file);
    for (const [, name] of TEXTS.get(file)!.matchAll(/^(?:import|export) (?!type )[^;]*?\bfrom '(\.[^']+)';/gm)) {
      load(join(dirname(file), name!).replaceAll('\\', '/'));
    }
  };
  load('server.ts');
  assert.deepEqual([...loaded].filter((file) => roomOf(file) === 'trace'), ['lib/trace/late_page.ts']);
});

test('lib/README.md names the files that have a state of their own, all of them', () => {
  const state = /^(?:let|var) |^const (?![^=\n]*: readonly )[^=\n]*= (?:new (?:Map|Set|WeakMap|Lane)\b|\[\])/m;
  const section = MAP.slice(MAP.indexOf('files have state'), MAP.indexOf('## Where to begin'));
  const named = FILES.filter((file) => section.includes(`(${file.slice('lib/'.length)})`));
  assert.deepEqual(FILES.filter((file) => file !== 'server.ts' && state.test(TEXTS.get(file)!)).sort(), named.sort());
});

test('to import any file of lib listens to nothing, starts nothing, reads no file and prints nothing', async () => {
  const { status, stdout, stderr } = await run('--input-type=module', '--eval', `
    import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    const read = [], { readFileSync } = fs;
    fs.readFileSync = (path, ...more) => {
      // What is loaded as code is read for that
      if (/page\\.html|page\\/\\w+\\.(?:js|css)|server\\.ts/.test(String(path))) read.push(String(path));
      return readFileSync(path, ...more);
    };
    syncBuiltinESMExports();
    const heard = () => [process, process.stdout, process.stderr].map((one) => one.eventNames().map((name) => [String(name), one.listenerCount(name)]));
    const before = JSON.stringify(heard());
    await import('node:net');
    for (const file of ${JSON.stringify(FILES.slice(1))}) await import('./' + file);
    console.log(JSON.stringify([before === JSON.stringify(heard()), read, globalThis.gc === undefined,
      process.getActiveResourcesInfo().filter((one) => /Timeout|Immediate|Server|TCP/.test(one))]));
  `);
  assert.deepEqual([status, stderr, stdout], [0, '', '[true,[],true,[]]\n']);
});
