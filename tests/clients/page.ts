/** What the tests do with lib/trace/page.html, as a reader would. */
import test, { type TestContext } from 'node:test';
import { Program } from '../program.ts';
import { type Locator, type Page, type Setting, visit } from './browser.ts';

/** The page of a server of its own. */
export async function open(
  t: TestContext, setting: Setting, play: (page: Page) => Promise<void>, ...args: string[]
): Promise<void> {
  const server = await Program.start(t, ...args);
  await visit(t, server.url.replace('ws:', 'http:'), setting, play);
}

/** A test on the page of a server of its own. */
export function pageTest(what: string, setting: Setting, play: (page: Page) => Promise<void>, ...args: string[]): void {
  test(what, (t) => open(t, setting, play, ...args));
}

/** The connection's cards, from 0, or one of them when it has come. */
export const cards = (page: Page): Locator => page.locator('.card');

export async function connect(page: Page): Promise<void> {
  await page.locator('#breaks button').first().waitFor();
  await page.locator('#connect').click();
  await cards(page).nth(1).waitFor();
  await logged(page, 'connection is open');
}

export async function send(page: Page, text: string): Promise<void> {
  await page.locator('#text').fill(text);
  await page.locator('#send button.main').click();
}

export async function sendHex(page: Page, hex: string): Promise<void> {
  await page.locator('input[value=hex]').click();
  await page.locator('#hex').fill(hex);
  await page.locator('#send button.main').click();
}

export async function sendSize(page: Page, size: number): Promise<void> {
  await page.locator('input[value=size]').click();
  await page.locator('#size').fill(String(await page.evaluate(`SIZES.indexOf(${size})`)));
  await page.locator('#send button.main').click();
}

export async function logged(page: Page, what: string | RegExp): Promise<void> {
  await page.locator('#log p', { hasText: what }).last().waitFor();
}

/** Opens a card, and marks it as opened by hand: what opened by itself is folded when newer ones come. */
export async function unfold(card: Locator): Promise<void> {
  await card.evaluate(new Function('li', 'events[[...li.parentElement.children].indexOf(li)].byHand = true;'));
  if (await card.locator('details[open]').count() === 0) await card.locator('summary').click();
  await card.locator('.body').waitFor();
}

/** What a card shows of its bytes: in hexadecimal, and as the digits in its drawing. */
export async function drawn(card: Locator): Promise<{ hex: string; bits: string; rest: string }> {
  await unfold(card);
  const bytes = await card.locator('.hex span').allTextContents();
  const digits = await card.locator('.bits .digits').allTextContents();
  const rest = bytes.at(-1)?.startsWith('…') ? bytes.pop()! : '';
  return { hex: bytes.join(''), bits: digits.join(''), rest };
}
