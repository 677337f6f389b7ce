<?php
require __DIR__ . '/check.php';

check('the numbers of the constants', '[1,2,10,1,1,6,2,9,13,1]', fn () => [
    AF_UNIX, AF_INET, AF_INET6, SOCK_STREAM, SOL_SOCKET, SOL_TCP, SO_REUSEADDR, SO_KEEPALIVE, SO_LINGER, TCP_NODELAY,
]);
check('a socket is an object', 'Socket', fn () => tcp());
check('what is no socket', 'TypeError', fn () => socket_read('x', 1));
foreach ([
    'socket_accept' => [], 'socket_bind' => ['127.0.0.1'], 'socket_close' => [], 'socket_last_error' => [],
    'socket_listen' => [], 'socket_read' => [1], 'socket_set_option' => [SOL_SOCKET, SO_REUSEADDR, 1],
    'socket_shutdown' => [1], 'socket_write' => ['x'],
] as $function => $arguments) {
    check("$function of a closed socket", 'Error', function () use ($function, $arguments) {
        $socket = tcp();
        socket_close($socket);
        return $function($socket, ...$arguments);
    });
}
check('socket_select of a closed socket', 'TypeError', function () {
    $socket = tcp();
    socket_close($socket);
    return active($socket);
});
