<?php
require __DIR__ . '/check.php';

check('the length counts bytes', '[3,"你"]', function () {
    [$socket, $peer] = pair();
    return [socket_write($socket, '你好', 3), socket_read($peer, 100)];
});
check('no more than there are', '2', fn () => socket_write(pair()[0], 'hi', 100));
check('none', '0', fn () => socket_write(pair()[0], 'hi', 0));
check('it waits until the system has taken all', 'true', function () {
    $server = listening();
    later($server, 'while (fread($s, 1 << 20) !== "");');
    $bytes = str_repeat('x', 64 << 20);
    return socket_write(socket_accept($server), $bytes) === strlen($bytes);
});
check('a negative length', 'ValueError', fn () => socket_write(pair()[0], 'hi', -1));
check('fewer where the system does not take all, and false where it takes none', '[true,false]', function () {
    [$socket, $peer] = pair();
    socket_set_nonblock($socket);
    $bytes = str_repeat('x', 64 << 20);
    $first = socket_write($socket, $bytes);
    while (($last = socket_write($socket, $bytes)) !== false);
    return [$first > 0 && $first < strlen($bytes), $last];
});
check('a peer that is gone', 'warning, false', function () {
    [$socket, $peer] = pair();
    reset_connection($peer, $socket);
    return socket_write($socket, 'x');
});
