<?php
/**
 * Runs any PHP server: reads its files for PHP, and puts another port into their text on the way. Nothing else changes,
 * so folders, line numbers and error messages are those of the user's files.
 *
 * Usage: php load.php HOW LINES CODEC FILE [ARGUMENT ...]
 *
 *   HOW    find:PORT,PORT,...   each number that may be a port becomes one of these; standard error tells which
 *          take:OLD:NEW:FILES   OLD becomes NEW, in so many files
 *          as-is                no number changes
 *   LINES  1                    FILE is PHP
 *          FIRST-LAST           these lines of FILE are
 *   CODEC  a file to be required before FILE, or -
 */
namespace Compare;

class Load
{
    /** A name that says port: $wsPort, PORT, 'server_port', puerto; not $support. */
    const PORT = '/(?<!sup|re|im|ex|ns|ss|ew|ir)port(?-i:(?![a-z]))|puerto|porta\b/i';
    const ADDRESS_NAME = '/host|addr|ip$|interface/i';
    const ADDRESS = '(?:(?!127\.)\d+\.\d+\.\d+\.\d+|localhost|\[::\]|::)';
    /** Who else listens on a port, on most machines: MySQL, PostgreSQL, Redis, memcached, MongoDB. */
    const OTHERS = [3306, 5432, 6379, 11211, 27017];

    private static $how, $lines, $file;
    /** Classes that are PHP's own. */
    private static $classes = [];
    /** Numbers found so far, and the port that takes the place of each. */
    private static $ports = [], $free = [];
    /** How many files are still to be changed. */
    private static $left = INF;
    public $context;
    private $handle;

    /** @return array FILE and its arguments */
    static function begin(array $arguments): array
    {
        [$how, self::$lines, $codec, self::$file] = $arguments;
        [self::$how, $rest] = explode(':', "$how:", 2);
        if (self::$how === 'find') self::$free = explode(',', rtrim($rest, ':'));
        if (self::$how === 'take') {
            [$old, $new, $files] = explode(':', $rest);
            self::$ports[(int) $old] = $new;
            self::$left = (int) $files;
        }
        if (self::$how === 'as-is') self::$left = 0;
        $argv = $_SERVER['argv'] = array_slice($arguments, 3);
        $_SERVER['argc'] = count($argv);
        foreach (['PHP_SELF', 'SCRIPT_NAME', 'SCRIPT_FILENAME', 'PATH_TRANSLATED'] as $name) $_SERVER[$name] = self::$file;
        if ($codec !== '-') require $codec;
        self::$classes = get_declared_classes();
        self::register();
        return $argv;
    }

    /** FILE has run to its end. */
    static function end(): void
    {
        self::tell(['classes' => array_values(array_diff(get_declared_classes(), self::$classes))]);
    }

    private static function tell(array $fact): void
    {
        if (self::$how === 'find') fwrite(STDERR, "\0" . json_encode($fact) . "\n");
    }

    /** PHP's own files work meanwhile. */
    private static function plain(callable $call)
    {
        @stream_wrapper_restore('file');
        try {
            return $call();
        } finally {
            self::register();
        }
    }

    private static function register(): void
    {
        stream_wrapper_unregister('file');
        stream_wrapper_register('file', self::class);
    }

    /** The code with other numbers, each of as many lines. */
    private static function changed(string $path, string $text): string
    {
        $isMain = realpath($path) === realpath(self::$file);
        if ($isMain) $text = self::main($text);
        // A file that PHP cannot read is reported by PHP
        try {
            $tokens = \PhpToken::tokenize($text, TOKEN_PARSE);
        } catch (\Error $error) {
            return $text;
        }
        if (preg_match('/\bsocket_create\b/', $text)) foreach ($tokens as $token) {
            if (preg_match('/^(?:is_resource|get_resource_(?:type|id))$/', $token->text)) self::tell(['asks' => $token->text, 'file' => $path, 'line' => $token->line]);
        }
        $changes = [];
        foreach (self::places($tokens) as [$token, $at, $digits]) {
            if (!isset(self::$ports[$digits])) {
                if (self::$free === []) continue;
                self::$ports[$digits] = array_shift(self::$free);
            }
            $changes[$token->pos + $at] = [strlen($digits), self::$ports[$digits]];
            self::tell(['old' => (int) $digits, 'new' => (int) self::$ports[$digits], 'file' => $path, 'line' => $token->line]);
        }
        if ($changes !== []) {
            self::$left--;
            foreach (self::addresses($tokens) as [$at, $length]) $changes[$at] = [$length, '127.0.0.1'];
        }
        krsort($changes);
        foreach ($changes as $at => [$length, $new]) $text = substr_replace($text, $new, $at, $length);
        return $text;
    }

    /** FILE as PHP, with the lines that it has. */
    private static function main(string $text): string
    {
        [$first, $last] = explode('-', self::$lines . '-');
        // PHP itself passes over such a line, but only of the file that it is started with
        if ($last === '') return preg_replace('/^#!.*\n<\?php\b/', "<?php\n", $text, 1);
        $code = implode("\n", array_slice(explode("\n", $text), $first - 1, $last - $first + 1));
        return '<?php ' . str_repeat("\n", $first - 1) . preg_replace('/<\?php\b/', '', $code, 1);
    }

    /** Where this code may have a port: the token, the place in it, the digits. */
    private static function places(array $all): iterable
    {
        $tokens = [];
        $isHeredoc = false;
        foreach ($all as $token) {
            if ($token->is([T_START_HEREDOC, T_END_HEREDOC])) $isHeredoc = $token->is(T_START_HEREDOC);
            if (!$isHeredoc && !$token->isIgnorable()) $tokens[] = $token;
        }
        foreach ($tokens as $i => $token) {
            $isString = $token->is([T_CONSTANT_ENCAPSED_STRING, T_ENCAPSED_AND_WHITESPACE]);
            // A number, and the end of an address: tcp://0.0.0.0:8000, "...$host:8000", $host . ':8000'
            if ($isString && preg_match('~^["\']?(?!https?:)(?:\w+://)?(?:[\w.*-]*|\[[0-9a-f:]*\]):(\d{2,5})/?["\']?$~', $token->text, $match, PREG_OFFSET_CAPTURE)) {
                $isPort = true;
            } elseif (preg_match($token->is(T_LNUMBER) ? '/^(\d+)$/' : '/^["\'](\d+)["\']$/', $token->text, $match, PREG_OFFSET_CAPTURE)) {
                $isPort = self::isPort($tokens, $i, (int) $match[1][0]);
            } else {
                continue;
            }
            [$digits, $at] = $match[1];
            if ($isPort && $digits >= 80 && $digits <= 65535 && !in_array((int) $digits, self::OTHERS)) yield [$token, $at, $digits];
        }
    }

    /** Whether this number is named a port, or stands where a port does. */
    private static function isPort(array $tokens, int $i, int $number): bool
    {
        // What stands before it in the same argument or statement, the argument before that, and what is called
        $parts = [[]];
        for ($j = $i - 1, $depth = 0; $j >= 0; $j--) {
            $text = $tokens[$j]->text;
            if (in_array($text, [';', '{', '}']) || ($depth === 0 && in_array($text, ['(', '[']))) break;
            $depth += in_array($text, [')', ']']) <=> in_array($text, ['(', '[']);
            if ($depth === 0 && $text === ',') $parts[] = [];
            else $parts[count($parts) - 1][] = $tokens[$j];
        }
        $callee = $j > 0 && $tokens[$j]->text === '(' ? $tokens[$j - 1]->text : '';
        [$own, $before] = [$parts[0], $parts[1] ?? []];
        $last = $tokens[$i - 1]->text ?? '';
        $has = fn (array $part, string $name, array $kinds = [T_VARIABLE, T_STRING, T_CONSTANT_ENCAPSED_STRING]) =>
            array_filter($part, fn ($token) => $token->is($kinds) && preg_match($name, trim($token->text, '\'"'))) !== [];
        if (in_array($last, ['=', '=>', '??', '??=', '?', ':', '(int)']) && $has($own, self::PORT)) return true;
        if ($last === '.' && preg_match('/:["\']$/', $tokens[$i - 2]->text ?? '')) return true;
        if ($own !== []) return false;
        if (preg_match(self::PORT, $callee) || $has($before, self::PORT, [T_CONSTANT_ENCAPSED_STRING])) return true;
        if ($has($before, '/^(?:' . self::ADDRESS . '|127\.\d+\.\d+\.\d+|\*)$/', [T_CONSTANT_ENCAPSED_STRING])) return true;
        if (count($before) < 4 && $has($before, self::ADDRESS_NAME)) return true;
        if ($callee === 'socket_bind') return count($parts) === 3;
        return $number >= 1024 && count($parts) === 1 && $callee !== 'socket_listen'
            && preg_match('/server|socket|ws|chat|listen|bind|start|run|serve|worker|daemon/i', $callee);
    }

    /** Where this code has addresses to listen at: their places and lengths. */
    private static function addresses(array $tokens): iterable
    {
        foreach ($tokens as $token) {
            if (!$token->is([T_CONSTANT_ENCAPSED_STRING, T_ENCAPSED_AND_WHITESPACE])) continue;
            if (!preg_match('~^["\']?(?:(?!https?:)\w+://)?(' . self::ADDRESS . ')(?=["\']?$|:)~', $token->text, $match, PREG_OFFSET_CAPTURE)) continue;
            yield [$token->pos + $match[1][1], strlen($match[1][0])];
        }
    }

    function stream_open($path, $mode, $options, &$opened)
    {
        // 128: PHP is to run it
        $isCode = (bool) ($options & 128);
        $this->handle = self::plain(fn () => $isCode ? fopen('php://memory', 'w+') : @fopen($path, $mode));
        if ($isCode) {
            $text = self::plain(fn () => @file_get_contents($path));
            if ($text === false) return false;
            fwrite($this->handle, self::changed($path, $text));
            rewind($this->handle);
            $opened = realpath($path);
            // From here on the program is alone with its files
            if (self::$left <= 0) stream_wrapper_restore('file');
        }
        return $this->handle !== false;
    }

    function stream_read($count) { return fread($this->handle, $count); }
    function stream_write($bytes) { return fwrite($this->handle, $bytes); }
    function stream_eof() { return feof($this->handle); }
    function stream_stat() { return fstat($this->handle); }
    function stream_tell() { return ftell($this->handle); }
    function stream_seek($at, $whence) { return fseek($this->handle, $at, $whence) === 0; }
    function stream_flush() { return fflush($this->handle); }
    function stream_lock($how) { return $how === 0 || flock($this->handle, $how); } // 0 asks whether it can be locked at all
    function stream_truncate($size) { return ftruncate($this->handle, $size); }
    function stream_cast($as) { return $this->handle; }
    function stream_set_option($option, $first, $second) { return false; }
    function stream_close() { fclose($this->handle); }
    function stream_metadata($path, $option, $value)
    {
        return self::plain(fn () => match ($option) {
            STREAM_META_TOUCH => touch($path, ...$value),
            STREAM_META_ACCESS => chmod($path, $value),
            default => false,
        });
    }
    function url_stat($path, $flags) { return self::plain(fn () => $flags & STREAM_URL_STAT_LINK ? @lstat($path) : @stat($path)); }
    function unlink($path) { return self::plain(fn () => unlink($path)); }
    function rename($from, $to) { return self::plain(fn () => rename($from, $to)); }
    function mkdir($path, $mode, $options) { return self::plain(fn () => mkdir($path, $mode, (bool) ($options & STREAM_MKDIR_RECURSIVE))); }
    function rmdir($path) { return self::plain(fn () => rmdir($path)); }
    function dir_opendir($path) { return (bool) ($this->handle = self::plain(fn () => @opendir($path))); }
    function dir_readdir() { return readdir($this->handle); }
    function dir_rewinddir() { rewinddir($this->handle); return true; }
    function dir_closedir() { closedir($this->handle); }
}

$argv = Load::begin(array_slice($argv, 1));
$argc = count($argv);
require $argv[0];
Load::end();
