/**
 * The departures that README.md beside this file explains, by their number there: the step of the loop and a letter. A
 * test compares the two lists, and a run of the comparison has to see each of them.
 */
import type { Fact } from './facts.ts';

export interface Departure {
  id: string;
  /**
   * 'differs': its scenes come out differently. 'same': they come out alike, by other means.
   * 'codec': the same, for PHP servers that bring a certain codec of their own. 'read': to be read, not to be played.
   */
  kind: 'differs' | 'same' | 'codec' | 'read';
  /** What it is about, in a few words. */
  title: Fact;
}

export const DEPARTURES: Departure[] = [
  { id: '1a', kind: 'differs', title: { en: 'a failure to set up', zh: '启动失败' } },
  { id: '1b', kind: 'read', title: { en: 'address and port', zh: '地址和端口' } },
  { id: '1c', kind: 'differs', title: { en: 'the backlog', zh: '等待队列' } },
  { id: '1d', kind: 'differs', title: { en: 'TCP_NODELAY', zh: 'TCP_NODELAY' } },
  { id: '1e', kind: 'differs', title: { en: 'SO_LINGER', zh: 'SO_LINGER' } },
  { id: '1f', kind: 'differs', title: { en: 'signals', zh: '信号' } },
  { id: '2a', kind: 'same', title: { en: 'numbers and array_search', zh: '编号与 array_search' } },
  { id: '2b', kind: 'same', title: { en: 'what socket_select returns', zh: 'socket_select 的返回值' } },
  { id: '2c', kind: 'differs', title: { en: 'select knows 1,024 descriptors', zh: 'select 只认识 1,024 个描述符' } },
  { id: '3a', kind: 'same', title: { en: 'one socket_accept a pass', zh: '每轮一次 socket_accept' } },
  { id: '3b', kind: 'differs', title: { en: 'no descriptor left', zh: '描述符用完' } },
  { id: '4a', kind: 'differs', title: { en: 'one read is not one request', zh: '一次读取不等于一个请求' } },
  { id: '4b', kind: 'differs', title: { en: 'one read is not one frame', zh: '一次读取不等于一帧' } },
  { id: '5a', kind: 'differs', title: { en: 'a reset is false once, then \'\'', zh: '连接被重置：先读到一次 false，然后是 \'\'' } },
  { id: '5b', kind: 'differs', title: { en: 'isset and index 0', zh: 'isset 与下标 0' } },
  { id: '6a', kind: 'differs', title: { en: 'header names in any case', zh: '请求头字段名不分大小写' } },
  { id: '6b', kind: 'differs', title: { en: 'the rest of the request', zh: '请求的其余部分' } },
  { id: '6c', kind: 'differs', title: { en: 'subprotocols', zh: '子协议' } },
  { id: '6d', kind: 'same', title: { en: 'extensions and Origin', zh: '扩展与 Origin' } },
  { id: '6e', kind: 'differs', title: { en: 'PHP_EOL is not CRLF', zh: 'PHP_EOL 不是 CRLF' } },
  { id: '6f', kind: 'differs', title: { en: 'a pattern is no parser', zh: '正则表达式不是解析器' } },
  { id: '7a', kind: 'differs', title: { en: 'the opcode', zh: '操作码' } },
  { id: '7b', kind: 'differs', title: { en: 'what a frame may be', zh: '合法的帧' } },
  { id: '7c', kind: 'differs', title: { en: 'control characters', zh: '控制字符' } },
  { id: '7d', kind: 'differs', title: { en: 'standard output', zh: '标准输出' } },
  { id: '7e', kind: 'codec', title: { en: 'a codec that goes by dechex', zh: '用 dechex 的编码函数' } },
  { id: '8a', kind: 'differs', title: { en: 'socket_write waits', zh: 'socket_write 会等待' } },
  { id: '8b', kind: 'differs', title: { en: 'who does not read is waited for', zh: '一直等待不读的客户端' } },
  { id: '8c', kind: 'same', title: { en: 'everyone\'s share of a pass', zh: '每轮各占一份' } },
  { id: '9a', kind: 'differs', title: { en: 'an exception that nobody catches', zh: '没有人捕获的异常' } },
  { id: '10a', kind: 'differs', title: { en: 'who is silent stays for ever', zh: '沉默的客户端一直留着' } },
];
