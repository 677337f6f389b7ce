<?php
require __DIR__ . '/check.php';

check('the system\'s words', '"Connection reset by peer"', fn () => socket_strerror(104));
check('an unknown number', '"Unknown error 99999"', fn () => socket_strerror(99999));
