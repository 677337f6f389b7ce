<?php
require __DIR__ . '/check.php';

check('it waits until somebody connects', 'Socket', function () {
    $server = listening();
    later($server);
    return socket_accept($server);
});
check('a socket that does not wait', 'false', function () {
    $server = listening();
    socket_set_nonblock($server);
    return socket_accept($server);
});
check('a socket that does not listen', 'warning, false', fn () => socket_accept(tcp()));
check('a client', 'warning, false', fn () => socket_accept(pair()[0]));
check('no descriptor is left', '"warning, false"', function () {
    $code = 'require "' . __DIR__ . '/check.php"; $server = listening(); $peer = tcp();
        socket_connect($peer, "127.0.0.1", portOf($server));
        while ($sockets[] = @socket_create(AF_INET, SOCK_STREAM, 0));
        check("it", "warning, false", fn () => socket_accept($server)); echo "warning, false";';
    return exec('ulimit -n 20; exec ' . PHP_BINARY . ' -r ' . escapeshellarg($code));
});
