<?php
require 'class.php';
(new SocketServer('0.0.0.0', 9502))->start('send');
