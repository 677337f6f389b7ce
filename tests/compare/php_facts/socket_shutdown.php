<?php
require __DIR__ . '/check.php';

foreach ([0, 1, 2] as $how) check("$how", 'true', fn () => socket_shutdown(pair()[0], $how));
foreach ([-1, 3] as $how) check("$how", 'warning, false', fn () => socket_shutdown(pair()[0], $how));
check('where nobody is connected', 'warning, false', fn () => socket_shutdown(tcp(), 1));
check('for writing: the peer gets what was written, then the end; it is read on', '["last words","","answer"]',
    function () {
    [$socket, $peer] = pair();
    socket_write($socket, 'last words');
    socket_shutdown($socket, 1);
    $seen = [socket_read($peer, 100), socket_read($peer, 100)];
    socket_write($peer, 'answer');
    return [...$seen, socket_read($socket, 100)];
});
check('for writing, a second time', 'true', function () {
    [$socket, $peer] = pair();
    socket_shutdown($socket, 1);
    return socket_shutdown($socket, 1);
});
check('after that a write', 'warning, false', function () {
    [$socket, $peer] = pair();
    socket_shutdown($socket, 1);
    return socket_write($socket, 'too late');
});
check('for reading: the end', '""', function () {
    [$socket, $peer] = pair();
    socket_shutdown($socket, 0);
    return socket_read($socket, 100);
});
