#!/usr/bin/env php
<?php
namespace Echoing; // the first statement, though a line stands above

require 'loop.php';

// $port = 9999;
$usage = <<<TEXT
    \$port = 9998;
    TEXT;
$host = '192.168.7.7';
$port = 8081;
$support = 9997;
\serve(\listenAt($host, $port), 'send');
