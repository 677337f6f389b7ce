<?php
require __DIR__ . '/check.php';

check('it listens', 'true', fn () => socket_listen(tcp(), 10));
check('a second time', 'true', fn () => socket_listen(listening(), 10));
check('where nothing is bound, it is a free port of all addresses', '["0.0.0.0",true]', function () {
    $server = tcp();
    socket_listen($server);
    socket_getsockname($server, $address, $port);
    return [$address, $port > 0];
});
check('a client', 'warning, false', fn () => socket_listen(pair()[0]));
check('with a backlog of 2 the system takes one more', '3', function () {
    $server = listening(2);
    $peers = [];
    for ($i = 0; $i < 6; $i++) {
        $peers[$i] = tcp();
        socket_set_nonblock($peers[$i]);
        @socket_connect($peers[$i], '127.0.0.1', portOf($server));
    }
    usleep(200000);
    $read = $except = null;
    return socket_select($read, $peers, $except, 0);
});
