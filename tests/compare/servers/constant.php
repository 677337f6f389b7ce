<?php
require 'loop.php';
define('HOST', '10.11.12.13');
define('PORT', 9000);
// A server's other number: a database that is not there
$database = ['host' => 'localhost', 'port' => 3306];
serve(listenAt(HOST, PORT), 'send');
