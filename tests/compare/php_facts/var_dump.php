<?php
require __DIR__ . '/check.php';

$printed = function (mixed $value): string {
    ob_start();
    var_dump($value);
    return ob_get_clean();
};
check('a string, with its length in bytes', '"string(6) \"你好\"\n"', fn () => $printed('你好'));
check('other values, with their types', '["int(5)\n","bool(false)\n"]', fn () => [$printed(5), $printed(false)]);
check('control characters as they are', '"string(1) \"\u001b\"\n"', fn () => $printed("\x1b"));
check('the escapes of double quotes', '"0a1be280ae"', fn () => bin2hex("\n\x1b\u{202e}"));
