<?php
require __DIR__ . '/check.php';

check('it counts bytes', '[6,3]', fn () => [strlen('你好'), strlen("a\0b")]);
