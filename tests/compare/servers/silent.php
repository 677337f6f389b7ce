<?php
/** Reads, and neither says nor prints anything. */
require 'class.php';
(new SocketServer('127.0.0.1', 8083))->start(fn () => null);
