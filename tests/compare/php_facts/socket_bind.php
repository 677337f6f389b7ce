<?php
require __DIR__ . '/check.php';

$unix = fn () => socket_create(AF_UNIX, SOCK_STREAM, 0);
$bind = function (int $port): int {
    $socket = tcp();
    socket_bind($socket, '127.0.0.1', $port);
    return portOf($socket);
};
check('an address', 'true', fn () => socket_bind(tcp(), '127.0.0.1'));
check('port 0 is a free one', 'true', fn () => $bind(0) > 0);
check('port 70000 is 4464', '4464', fn () => $bind(70000));
check('port -1 is 65535', '65535', fn () => $bind(-1));
check('a port that is no number', 'TypeError', fn () => socket_bind(tcp(), '127.0.0.1', '80x'));
check('a port in use', 'warning, false', fn () => socket_bind(tcp(), '127.0.0.1', portOf(listening())));
check('a name is looked up', 'true', fn () => socket_bind(tcp(), 'localhost'));
check('an address of AF_INET6 for AF_INET', 'warning, false', fn () => socket_bind(tcp(), '::1'));
check('an address of AF_INET for AF_INET6', 'true', fn () =>
    socket_bind(socket_create(AF_INET6, SOCK_STREAM, 0), '127.0.0.1'));
check('an address of another machine', 'warning, false', fn () => socket_bind(tcp(), '192.0.2.1'));
check('a client', 'warning, false', fn () => socket_bind(pair()[0], '127.0.0.1'));

$folder = sys_get_temp_dir() . '/' . uniqid('php_facts');
mkdir($folder);
chdir($folder);
check('a path', 'true', fn () => socket_bind($unix(), 'path'));
check('its file stays when the socket is closed', 'true', fn () => file_exists('path'));
check('a path that is there', 'warning, false', fn () => socket_bind($unix(), 'path'));
check('unlink frees a path, whoever listens there', '[true,true,true]', function () use ($unix) {
    $server = $unix();
    socket_bind($server, 'served');
    return [socket_listen($server), unlink('served'), socket_bind($unix(), 'served')];
});
check('a path of 107 bytes', 'true', fn () => socket_bind($unix(), str_repeat('p', 107)));
check('a path of 108 bytes', 'ValueError', fn () => socket_bind($unix(), str_repeat('p', 108)));
check('an empty path', 'true', fn () => socket_bind($unix(), ''));
array_map('unlink', glob('*'));
rmdir($folder);
