/**
 * Opens a page in a Firefox that listens for WebDriver BiDi (w3.org/TR/webdriver-bidi), plays a visit and prints what was seen.
 * Usage: node firefox_client.js ws://127.0.0.1:PORT http://...
 */
import { once } from 'node:events';
import WebSocket from 'ws';

const [, , endpoint, url] = process.argv;
const socket = new WebSocket(`${endpoint}/session`);
await once(socket, 'open');

const waiting = new Map(), faults = [];
let count = 0;

socket.on('message', (text) => {
  const { id, method, params, ...answer } = JSON.parse(text);
  if (method === 'log.entryAdded') faults.push(`${params.level}: ${params.text}`);
  if (method === 'network.beforeRequestSent') look(params.request.url);
  waiting.get(id)?.(answer);
});

function look(asked) {
  const { host, protocol } = new URL(asked);
  if (host !== new URL(url).host && protocol !== 'data:') faults.push(`asks ${asked}`);
}

async function command(method, params) {
  const id = ++count;
  socket.send(JSON.stringify({ id, method, params }));
  const { result, message } = await new Promise((resolve) => { waiting.set(id, resolve); });
  if (result === undefined) throw new Error(`${method}: ${message}`);
  return result;
}

/** Runs in the page. */
async function play() {
  const until = (isSo) => new Promise((resolve) => {
    const check = () => {
      if (!isSo()) return;
      observer.disconnect();
      resolve();
    };
    const observer = new MutationObserver(check);
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    check();
  });
  const all = (selector) => Array.from(document.querySelectorAll(selector), ({ textContent }) => textContent);
  const click = (selector) => document.querySelector(selector).click();

  await until(() => all('#breaks button').length > 0);
  click('#connect');
  await until(() => all('.card').length === 2 && document.querySelector('#ping').ariaDisabled === 'false');
  const accept = all('.accept p');
  click('#send button.main');
  await until(() => all('.card').length === 4);
  const frames = ['3', '4'].map((n) => ({
    hex: all(`.card:nth-child(${n}) .hex span`).join(''), bits: all(`.card:nth-child(${n}) .bits .digits`).join(''),
  }));
  const payload = all('.card:nth-child(3) .mask td:last-child').join('');
  click('[data-what=unmasked]');
  click('#flip-send');
  await until(() => all('#log p').some((line) => line.includes('1002')));
  return JSON.stringify({ accept, frames, payload, last: all('#log p').at(-1) });
}

await command('session.new', { capabilities: {} });
await command('session.subscribe', { events: ['log.entryAdded', 'network.beforeRequestSent'] });
const { contexts: [{ context }] } = await command('browsingContext.getTree', {});
await command('browsingContext.navigate', { context, url, wait: 'complete' });
const { result, exceptionDetails } = await command('script.evaluate', {
  expression: `(${play})()`, target: { context }, awaitPromise: true,
});
console.log(JSON.stringify({ ...JSON.parse(result?.value ?? '{}'), failed: exceptionDetails?.text, faults }));
await command('browser.close', {});
socket.close();
