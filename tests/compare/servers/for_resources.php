<?php
require 'loop.php';
$server = socket_create(AF_INET, SOCK_STREAM, SOL_TCP);
if (!is_resource($server)) {
    die('cannot create a socket');
}
socket_bind($server, '0.0.0.0', 8086);
serve($server, 'send');
