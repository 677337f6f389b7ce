<?php
require __DIR__ . '/check.php';

$peerOf = fn (Socket $socket) => [socket_getpeername($socket, $address, $port), $address, $port];
check('the arguments get the address and the port', '[true,"127.0.0.1",true]', function () use ($peerOf) {
    [$socket, $peer] = pair();
    [$isTrue, $address, $port] = $peerOf($socket);
    return [$isTrue, $address, $port === portOf($peer)];
});
check('a peer that is gone', 'warning, [false,null,null]', function () use ($peerOf) {
    [$socket, $peer] = pair();
    reset_connection($peer, $socket);
    return $peerOf($socket);
});
check('a client of AF_UNIX has no name', '[true,"",null]', function () use ($peerOf) {
    socket_create_pair(AF_UNIX, SOCK_STREAM, 0, $pair);
    return $peerOf($pair[0]);
});
