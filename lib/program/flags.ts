/** The flags of the command line, one row each: --help, tests/clients/README.md and the options are made of them. */
import { isIPv4, isIPv6 } from 'node:net';
import { totalmem } from 'node:os';
import { AF_INET, AF_INET6, AF_UNIX, HAS_REUSE_PORT, MAX_PATH } from '../php/sockets.ts';
import { isToken } from '../websocket/http.ts';

/** The command line is wrong. The message says what is wrong and what would be right. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** One flag. Its option is a T. */
export interface Flag<T> {
  /** Without dashes; by default the option's name (maxPayload becomes max-payload). */
  name?: string;
  /** The value when the flag is not given. */
  default?: string;
  /** The value in --help for a flag without a default. A flag with neither is a switch. */
  sample?: string;
  /**
   * Makes the option of all values given, or of the default.
   * @throws UsageError
   */
  read(given: string[], name: string): T;
  /** What the flag does, for --help and tests/clients/README.md. */
  en: string;
  /** The same in Chinese. */
  zh: string;
}

const PORT = number(/^\d{1,5}$/, 0, 65535, 'is not a port: give a number from 0 to 65535');
const COUNT = number(/^\d{1,9}$/, 1, Infinity, 'is not a number: give one from 1 up');
const TIME = time(Number.MIN_VALUE), TIME_OR_NEVER = time(0);

/** The flags by their options' names. Sizes are in bytes, times in seconds. */
export const FLAGS = {
  port: {
    default: '8081', read: PORT,
    en: 'port to listen on; 0 takes a free one',
    zh: '监听的端口；0 表示任选一个空闲端口',
  },
  address: {
    default: '0.0.0.0', read: last(readAddress),
    en: "address to listen on: 0.0.0.0 is every IPv4 address of this machine, 127.0.0.1 only this machine; " +
      "with ':' it is IPv6, with '/' the path of a Unix socket",
    zh: '监听的地址：0.0.0.0 是本机所有 IPv4 地址，127.0.0.1 只限本机；含 : 的是 IPv6，含 / 的是 Unix 套接字的路径',
  },
  reusePort: {
    read: readReusePort,
    en: 'share the port with other processes that are started so: one for each core (SO_REUSEPORT; Linux, Node 22.12)',
    zh: '与其他同样启动的进程共用端口，每个核一个进程（SO_REUSEPORT；Linux，Node 22.12）',
  },
  quiet: {
    read: isOn,
    en: 'print no line for clients, messages and health checks; what goes wrong is still told',
    zh: '不为客户端、消息和健康检查打印；出错时仍会说明',
  },
  trace: {
    read: isOn,
    en: 'print every request, response and frame, both ways: the bytes, and each field in words',
    zh: '打印双向的每个请求、响应和帧：字节，以及每个字段的含义',
  },
  deflate: {
    read: isOn,
    en: 'compress messages for clients that offer permessage-deflate (RFC 7692)',
    zh: '对提出 permessage-deflate（RFC 7692）的客户端压缩消息',
  },
  subprotocols: {
    name: 'subprotocol', sample: 'a,b', read: (given) => given.flatMap(readSubprotocols),
    en: 'agree on these subprotocols only; by default on the first that a client offers',
    zh: '只接受这些子协议；不写则接受客户端提出的第一个',
  },
  origins: {
    name: 'origin', sample: 'URL', read: (given) => given.map(readOrigin),
    en: "only pages of this origin (https://example.com) and the server's own may connect; can be given more than once",
    zh: '只允许这个来源的网页（例如 https://example.com）和服务器自己的网页连接；可以写多次',
  },
  strict: {
    read: isOn,
    en: 'accept only a Sec-WebSocket-Key of 16 bytes in base64, as in the RFC',
    zh: '按 RFC 的要求，Sec-WebSocket-Key 必须是 16 字节的 base64',
  },
  maxPayload: {
    default: '16M', read: last((text, name) => readSize(text, name, MOST_PAYLOAD)),
    en: 'bytes of one message, over all its fragments and decompressed; 64K, 16M... at most 1G',
    zh: '一条消息最多的字节数，所有分片合计，按解压后计算；64K、16M……最多 1G',
  },
  maxClients: {
    default: '10000', read: COUNT,
    en: 'clients at once; more get 503',
    zh: '同时连接的客户端数；再来的得到 503',
  },
  maxMemory: {
    sample: 'SIZE', read: (given, name) => given.length > 0 ? last(readSize)(given, name) : quarterOfMemory(),
    en: 'bytes of messages and answers held for all clients together; by default a quarter of the memory of the machine or ' +
      'container',
    zh: '为所有客户端保存的消息和应答的总字节数；不写则是机器（或容器）内存的四分之一',
  },
  handshakeTimeout: {
    default: '10', read: TIME,
    en: 'seconds that a client has for its request',
    zh: '客户端发完请求的时限，以秒计',
  },
  pingInterval: {
    default: '30', read: TIME_OR_NEVER,
    en: 'seconds without a message until a client gets a Ping, and then without a byte until it is closed; 0: never',
    zh: '多少秒没有消息就发 Ping，此后同样多秒没有一个字节就关闭；0 表示从不',
  },
  writeTimeout: {
    default: '30', read: TIME,
    en: 'seconds until a client that reads nothing of its answers is disconnected',
    zh: '客户端一个字节的应答也不读，多少秒后断开',
  },
  closeTimeout: {
    default: '5', read: TIME,
    en: 'seconds that a client has to hang up after the server has closed',
    zh: '服务器关闭之后，客户端断开的时限，以秒计',
  },
  help: { read: isOn, en: 'print this list', zh: '打印参数列表' },
  version: { read: isOn, en: 'print the version', zh: '打印版本号' },
} as const satisfies Record<string, Flag<unknown>>;

/** The options that the flags make. */
export type Flags = { [Key in keyof typeof FLAGS]: ReturnType<(typeof FLAGS)[Key]['read']> };

/** All flags, each with its option's name, `key`, and its own, `name`. */
export const ROWS = Object.entries<Flag<unknown>>(FLAGS).map(([key, flag]) => {
  return { key, ...flag, name: flag.name ?? key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`) };
});

/** Returns AF_INET, AF_INET6 or AF_UNIX for an address, by its form. */
export function domainOf(address: string): number {
  return address.includes('/') ? AF_UNIX : address.includes(':') ? AF_INET6 : AF_INET;
}

/** Bytes. */
const MOST_PAYLOAD = 1024 ** 3;
const UNITS: Record<string, number> = { '': 1, 'K': 1024, 'M': 1024 ** 2, 'G': 1024 ** 3 };

/** Reads a flag that has one value: the last one given. */
function last<T>(read: (text: string, name: string) => T): Flag<T>['read'] {
  return (given, name) => read(given.at(-1)!, name);
}

/** Reads a number of this form and size; `wrong` tells what else was given, and what to give. */
function number(form: RegExp, least: number, most: number, wrong: string): Flag<number>['read'] {
  return last((text, name) => {
    const value = Number(text);
    if (!form.test(text) || value < least || value > most) throw new UsageError(`--${name} '${text}' ${wrong}`);
    return value;
  });
}

function time(least: number): Flag<number>['read'] {
  return number(/^\d{1,6}(?:\.\d+)?$/, least, Infinity,
    `is not a time${least > 0 ? ' above 0' : ''}: give seconds up to 999999, such as 5 or 0.5`);
}

function isOn(given: string[]): boolean {
  return given.length > 0;
}

function readReusePort(given: string[]): boolean {
  if (isOn(given) && !HAS_REUSE_PORT) {
    throw new UsageError(`--reuse-port needs Linux and Node 22.12; this is ${process.platform} and Node ${process.versions.node}`);
  }
  return isOn(given);
}

function readAddress(address: string): string {
  const domain = domainOf(address);
  if (domain === AF_INET && !isIPv4(address)) {
    throw new UsageError(`--address '${address}' is not an address: give an IPv4 address (127.0.0.1), ` +
      'an IPv6 address (::1) or the path of a Unix socket (./my.sock)');
  }
  if (domain === AF_INET6 && !isIPv6(address)) {
    throw new UsageError(`--address '${address}' is not an IPv6 address: give one such as ::1, without brackets and port`);
  }
  if (domain === AF_UNIX && Buffer.byteLength(address) > MAX_PATH) {
    throw new UsageError(`--address '${address}' is too long: a Unix socket's path has at most ${MAX_PATH} bytes`);
  }
  return address;
}

/**
 * Returns an origin as browsers write it: scheme, host, and the port unless it is the scheme's own; or "null", or
 * "file://". What no browser writes would lock out whoever it was meant for.
 */
function readOrigin(text: string): string {
  if (text === 'null') return text;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.host === '' && url.protocol !== 'file:')) {
    throw new UsageError(`--origin '${text}' is not an origin: give one such as https://example.com`);
  }
  // url.origin is "null" for a scheme that it does not know, such as a browser extension's
  const origin = `${url.protocol}//${url.host.toLowerCase()}`;
  if (origin.includes('*')) throw new UsageError(`--origin '${text}' has a *: give each origin by its own --origin`);
  if (/^wss?:/.test(origin)) {
    throw new UsageError(`--origin '${text}' is not an origin of a page: give ${origin.replace('ws', 'http')}`);
  }
  if (url.href.toLowerCase() !== origin && url.href.toLowerCase() !== `${origin}/`) {
    throw new UsageError(`--origin '${text}' is more than an origin: give ${origin}`);
  }
  return origin;
}

function readSubprotocols(text: string): string[] {
  const names = text.split(',').map((name) => name.trim()).filter((name) => name !== '');
  if (names.length === 0 || !names.every(isToken)) {
    throw new UsageError(`--subprotocol '${text}' is not a list of names: give some such as chat,superchat`);
  }
  return names;
}

function readSize(text: string, name: string, most = Number.MAX_SAFE_INTEGER): number {
  const [, digits = '', unit = ''] = /^(\d{1,15})([KMG]?)$/i.exec(text) ?? [];
  const size = Number(digits) * UNITS[unit.toUpperCase()]!;
  if (size < 1) throw new UsageError(`--${name} '${text}' is not a size: give bytes, such as 65536, 64K or 16M`);
  if (size > most) throw new UsageError(`--${name} '${text}' is too much: give at most ${most / UNITS['G']!}G`);
  return size;
}

function quarterOfMemory(): number {
  return Math.floor(Math.min(totalmem(), process.constrainedMemory() || Infinity) / 4);
}
