<?php
require __DIR__ . '/check.php';

check('at most so many bytes, and \'\' at the end, again and again', '["by","e","",""]', function () {
    [$socket, $peer] = pair();
    socket_write($peer, 'bye');
    active($socket, 10);
    socket_close($peer);
    return [socket_read($socket, 2), socket_read($socket, 2), socket_read($socket, 2), socket_read($socket, 2)];
});
check('it waits until there are some', '"late"', function () {
    $server = listening();
    later($server);
    return socket_read(socket_accept($server), 100);
});
check('after a reset: what came before it, false once, then \'\'', 'warning, ["last words",false,"",""]', function () {
    [$socket, $peer] = pair();
    socket_write($peer, 'last words');
    active($socket, 10);
    reset_connection($peer, $socket);
    return array_map(fn () => socket_read($socket, 100), range(1, 4));
});
foreach ([0, -1] as $length) {
    check("$length bytes", 'false', function () use ($length) {
        [$socket, $peer] = pair();
        socket_write($peer, 'hello');
        active($socket, 10);
        return socket_read($socket, $length);
    });
}
check('a socket that does not wait', 'false', function () {
    [$socket, $peer] = pair();
    socket_set_nonblock($socket);
    return socket_read($socket, 100);
});
