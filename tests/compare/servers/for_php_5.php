<?php
require 'loop.php';
$server = listenAt('0.0.0.0', 8085);
$sockets = [(int) $server => $server];
while (list($id, $socket) = each($sockets)) {
    socket_select($sockets, $write = null, $except = null, null);
}
