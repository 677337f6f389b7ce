<?php
/** Ends its 101 by a byte 00, as a string ends in C. */
require 'class.php';
(new SocketServer('127.0.0.1', 8088))->start('send', fn ($client) => socket_write($client, "\0"));
