<?php
require __DIR__ . '/check.php';

/** Writes what the system takes and closes the socket. Returns the bytes written and the bytes that its peer reads. */
$closed = function (Socket $socket, Socket $peer): array {
    socket_set_nonblock($socket);
    for ($written = 0; $count = @socket_write($socket, str_repeat('x', 1 << 20)); $written += $count);
    socket_close($socket);
    for ($read = 0; $buff = @socket_read($peer, 65536); $read += strlen($buff));
    return [$written, $read, $buff];
};
check('it returns nothing', 'null', fn () => socket_close(tcp()));
check('the system delivers what was written, then the end', '[true,""]', function () use ($closed) {
    [$written, $read, $last] = $closed(...pair());
    return [$read === $written, $last];
});
check('with unread bytes it resets the connection: what has not arrived is lost', '[true,false]',
    function () use ($closed) {
    [$socket, $peer] = pair();
    socket_write($peer, 'unread');
    active($socket, 10);
    [$written, $read, $last] = $closed($socket, $peer);
    return [$read < $written, $last];
});
check('with unread bytes what has arrived is not lost', 'warning, ["delivered",false]', function () {
    [$socket, $peer] = pair();
    socket_write($peer, 'unread');
    active($socket, 10);
    socket_write($socket, 'delivered');
    active($peer, 10);
    socket_close($socket);
    wait_for_reset($peer);
    return [socket_read($peer, 100), socket_read($peer, 100)];
});
check('SO_LINGER of 0 seconds resets the connection', 'warning, false', function () {
    [$socket, $peer] = pair();
    reset_connection($socket, $peer);
    return socket_read($peer, 100);
});
