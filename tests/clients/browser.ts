/**
 * Chromium, driven: a page of server.ts as a reader has it, and what went wrong in it.
 *
 * The package that drives it may not be installed where types are checked, so what is used of it is written down here.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, type TestContext } from 'node:test';
import { find, missing } from './installed.ts';

/** Where elements are found; every call waits until there is one (and can be clicked). See playwright.dev, Locator. */
export interface Locator {
  locator(selector: string, options?: { hasText?: string | RegExp }): Locator;
  filter(options: { hasText: string | RegExp }): Locator;
  nth(index: number): Locator;
  first(): Locator;
  last(): Locator;
  count(): Promise<number>;
  waitFor(options?: { state: 'visible' | 'hidden' | 'attached' }): Promise<void>;
  click(): Promise<void>;
  tap(): Promise<void>;
  hover(): Promise<void>;
  focus(): Promise<void>;
  fill(text: string): Promise<void>;
  press(key: string): Promise<void>;
  innerText(): Promise<string>;
  allTextContents(): Promise<string[]>;
  isDisabled(): Promise<boolean>;
  /** Calls the function in the page, with the element. */
  evaluate(call: Function): Promise<unknown>;
}

/** A request of a page's, which waits for an answer. */
interface Route {
  request(): { url(): string };
  fulfill(answer: { path: string } | { body: string; contentType: string }): Promise<void>;
}

/** A tab. `evaluate` takes source text: these files know no DOM. See playwright.dev, Page. */
export interface Page extends Pick<Locator, 'locator'> {
  goto(url: string): Promise<unknown>;
  route(url: string, answer: (route: Route) => Promise<void>): Promise<unknown>;
  reload(): Promise<unknown>;
  evaluate(source: string): Promise<unknown>;
  addScriptTag(script: { path: string }): Promise<unknown>;
  screenshot(options: { path: string }): Promise<unknown>;
  setViewportSize(size: { width: number; height: number }): Promise<void>;
  keyboard: { press(key: string): Promise<void>; type(text: string): Promise<void> };
  emulateMedia(options: { media: 'print' }): Promise<void>;
  clock: { install(): Promise<void>; runFor(milliseconds: number): Promise<void> };
  on(event: 'console', listener: (message: { type(): string; text(): string }) => void): void;
  on(event: 'pageerror', listener: (error: Error) => void): void;
  on(event: 'dialog', listener: (dialog: { message(): string; dismiss(): Promise<void> }) => void): void;
  on(event: 'request', listener: (request: { url(): string }) => void): void;
  on(event: 'websocket', listener: (socket: { url(): string }) => void): void;
}

/** How the reader's browser is set. */
export interface Setting {
  locale?: string;
  colorScheme?: 'light' | 'dark';
  viewport?: { width: number; height: number };
  hasTouch?: boolean;
  bypassCSP?: boolean;
  reducedMotion?: 'reduce';
  ignoreHTTPSErrors?: boolean;
}

interface Browser {
  newContext(setting: Setting): Promise<{ newPage(): Promise<Page>; close(): Promise<void> }>;
  close(): Promise<void>;
}

interface Driver {
  chromium: { launch(options: { executablePath: string; args: string[] }): Promise<Browser> };
}

/** Not a literal, or the types would have to be there. */
const DRIVER: string = 'playwright-core';

let started: Promise<Browser> | null = null;
after(async () => (await started)?.close());

/** Chromium lets a page that this machine has not served connect to this machine. */
export const FOREIGN = '--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets';

/** One for all tests of a file; null, and the test is skipped, where this machine has none. */
export async function chromium(t: TestContext, ...flags: string[]): Promise<Browser | null> {
  const executablePath = find(['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'], '--version');
  if (executablePath === null) return missing(t, 'Chromium', 'apt-get install chromium');
  if (!existsSync(new URL(`node_modules/${DRIVER}`, import.meta.url))) {
    return missing(t, DRIVER, 'npm ci --prefix tests/clients');
  }
  // No sandbox: it does not start as root, and the only pages it opens are ours
  const args = ['--no-sandbox', '--no-proxy-server', ...flags];
  started ??= (import(DRIVER) as Promise<Driver>).then((driver) => driver.chromium.launch({ executablePath, args }));
  return started;
}

/**
 * Opens a page, and lets `play` do with it what is tested.
 * Whatever it does, the page says nothing on its console, throws nothing, asks nobody but its own server, and opens no dialog.
 */
export async function visit(
  t: TestContext, url: string, setting: Setting, play: (page: Page) => Promise<void>,
): Promise<void> {
  const browser = await chromium(t);
  if (browser === null) return;
  const context = await browser.newContext({
    // What fades in would be half there in a picture
    locale: 'en-GB', viewport: { width: 1280, height: 860 }, reducedMotion: 'reduce', ...setting,
  });
  const page = await context.newPage();
  const faults: string[] = [], { host } = new URL(url);
  page.on('console', (message) => faults.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', ({ stack, message }) => faults.push(stack ?? message));
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  const look = (asked: { url(): string }): void => {
    const { protocol, host: whom } = new URL(asked.url());
    if (whom !== host && protocol !== 'data:') faults.push(`asks ${asked.url()}`);
  };
  page.on('request', look);
  page.on('websocket', look);
  try {
    await page.goto(url);
    await play(page);
  } finally {
    await context.close();
  }
  assert.deepEqual(faults, []);
}
