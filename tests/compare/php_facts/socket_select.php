<?php
require __DIR__ . '/check.php';

$nobody = function (...$time): int|false {
    $read = [pair()[0]];
    $write = $except = null;
    return socket_select($read, $write, $except, ...$time);
};
/** Seconds: the shortest of ten calls, since a busy machine adds some. */
$takes = fn (...$time) => min(array_map(function () use ($nobody, $time) {
    $start = hrtime(true);
    $nobody(...$time);
    return (hrtime(true) - $start) / 1e9;
}, range(1, 10)));
check('null waits until a socket is active', '1', function () {
    $server = listening();
    later($server);
    return active($server, null);
});
check('0 when the time is up', '0', fn () => $nobody(0));
check('microseconds are waited for', 'true', fn () => $takes(0, 20000) >= 0.02);
check('a fraction of a second is cut off', 'true', fn () => $takes(0.9) < 0.5);
check('less than 0', 'warning, false', fn () => $nobody(-1));
check('idle sockets are taken out of the arrays, the others keep their keys and their order',
    '[3,["first","second"],["w"],[]]', function () {
    [$first, $one] = pair();
    [$second, $two] = pair();
    [$idle, $peer] = pair();
    socket_write($two, 'x');
    active($second, 10);
    socket_write($one, 'x');
    active($first, 10);
    $read = ['first' => $first, 'idle' => $idle, 'second' => $second];
    $write = ['w' => $first];
    $except = ['e' => $first];
    return [socket_select($read, $write, $except, 0), array_keys($read), array_keys($write), array_keys($except)];
});
check('bytes, the end and an error keep a socket active', '[1,1,1,1,1,1]', function () {
    [$socket, $peer] = pair();
    socket_write($peer, 'xy');
    $seen = [active($socket, 10), active($socket)];
    socket_read($socket, 1);
    $seen[] = active($socket);
    socket_read($socket, 1);
    socket_close($peer);
    $seen[] = active($socket, 10);
    $seen[] = active($socket);
    [$socket, $peer] = pair();
    reset_connection($peer, $socket);
    $seen[] = active($socket);
    return $seen;
});
check('for writing: while the system takes more', '[1,0]', function () {
    [$socket, $peer] = pair();
    socket_set_nonblock($socket);
    $look = function () use ($socket): int {
        $write = [$socket];
        $read = $except = null;
        return socket_select($read, $write, $except, 0);
    };
    $before = $look();
    while (($after = $look()) === 1) socket_write($socket, str_repeat('x', 1 << 20));
    return [$before, $after];
});
check('in except: out-of-band data', '1', function () {
    [$socket, $peer] = pair();
    socket_send($peer, '!', 1, MSG_OOB);
    $except = [$socket];
    $read = $write = null;
    return socket_select($read, $write, $except, 10);
});
foreach ([null, []] as $array) {
    check('no socket at all', 'ValueError', function () use ($array) {
        $read = $write = $except = $array;
        return socket_select($read, $write, $except, 0);
    });
}
check('null in an array', 'TypeError', function () {
    $read = [tcp(), null];
    $write = $except = null;
    return socket_select($read, $write, $except, 0);
});
