<?php
require __DIR__ . '/check.php';

check('SO_REUSEADDR', 'true', fn () => socket_set_option(tcp(), SOL_SOCKET, SO_REUSEADDR, 1));
check('SO_REUSEADDR can be off', 'true', fn () => socket_set_option(tcp(), SOL_SOCKET, SO_REUSEADDR, 0));
check('SO_REUSEADDR is off', '0', fn () => socket_get_option(tcp(), SOL_SOCKET, SO_REUSEADDR));
check('TCP_NODELAY is off', '0', fn () => socket_get_option(tcp(), SOL_TCP, TCP_NODELAY));
check('SO_LINGER is off', '{"l_onoff":0,"l_linger":0}', fn () => socket_get_option(tcp(), SOL_SOCKET, SO_LINGER));
check('a client has the options of the server that accepts it', '[1,1]', function () {
    $server = listening();
    socket_set_option($server, SOL_SOCKET, SO_KEEPALIVE, 1);
    socket_set_option($server, SOL_TCP, TCP_NODELAY, 1);
    $peer = tcp();
    socket_connect($peer, '127.0.0.1', portOf($server));
    $client = socket_accept($server);
    return [socket_get_option($client, SOL_SOCKET, SO_KEEPALIVE), socket_get_option($client, SOL_TCP, TCP_NODELAY)];
});
check('an unknown option', 'warning, false', fn () => socket_set_option(tcp(), SOL_SOCKET, 999, 1));
check('an unknown level', 'warning, false', fn () => socket_set_option(tcp(), 99, SO_REUSEADDR, 1));
check('TCP_NODELAY of AF_UNIX', 'warning, false', fn () =>
    socket_set_option(socket_create(AF_UNIX, SOCK_STREAM, 0), SOL_TCP, TCP_NODELAY, 1));
check('SO_LINGER', 'true', fn () => socket_set_option(tcp(), SOL_SOCKET, SO_LINGER, ['l_onoff' => 1, 'l_linger' => 5]));
foreach ([5, [], ['l_onoff' => 1], ['l_linger' => 5]] as $value) {
    check('SO_LINGER of ' . json_encode($value), 'ValueError', fn () =>
        socket_set_option(tcp(), SOL_SOCKET, SO_LINGER, $value));
}
