<?php
require __DIR__ . '/check.php';

$nameOf = function (Socket $socket): array {
    $port = 'untouched';
    return [socket_getsockname($socket, $address, $port), $address, $port];
};
check('the arguments get the address and the port', '[true,"127.0.0.1",true]', function () use ($nameOf) {
    [$isTrue, $address, $port] = $nameOf(listening());
    return [$isTrue, $address, $port > 0];
});
check('a client\'s socket has one', '"127.0.0.1"', fn () => $nameOf(pair()[0])[1]);
check('a socket that is not bound', '[true,"0.0.0.0",0]', fn () => $nameOf(tcp()));
check('AF_UNIX has no port', '[true,"","untouched"]', fn () => $nameOf(socket_create(AF_UNIX, SOCK_STREAM, 0)));
