import assert from 'node:assert/strict';
import test from 'node:test';
import { visit } from './echo_server.ts';
import { DEADLINE, find, missing } from './program.ts';
import { expectedWithPing } from './scenes.ts';

test("Python's websockets gets every message and its ping back and closes cleanly", { timeout: DEADLINE },
  async (t) => {
    // The system's first: Debian's package is for that one, whatever python3 is on the PATH.
    const python = find(['/usr/bin/python3', 'python3'], '-c', 'import websockets');
    if (python === null) return missing(t, "Python's websockets", 'apt-get install python3-websockets');
    assert.deepEqual(await visit(t, python, 'tests/clients/python_client.py'), expectedWithPing);
  });
