<?php
require __DIR__ . '/check.php';

check('0 where there was no error', '0', fn () => socket_last_error(pair()[0]));
check('the number of a socket\'s last error; without a socket, of the last of any', '[104,104]', function () {
    [$socket, $peer] = pair();
    reset_connection($peer, $socket);
    @socket_read($socket, 100);
    return [socket_last_error($socket), socket_last_error()];
});
