// browser.mjs - the page in a real browser, and what every test of it asks: axe, keyboard, languages, screenshots.
import { chromium } from 'playwright-core';
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after } from 'node:test';
import { ROOT, stack } from './stack.mjs';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SCREENS = process.env.CARTAGE_SCREENS ?? join(ROOT, 'var', 'test', 'screens');
const LOCALES = { en: 'en-GB', ru: 'ru-RU' };
export const PHONE = { width: 360, height: 740 };
export const DESK = { width: 1280, height: 800 };

let launched;
function browser() {
  launched ??= chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
  });
  return launched;
}
after(async () => { if (launched) await (await launched.catch(() => null))?.close(); });

/** A browser of its own for one test: `t.after` closes it, and a page that threw or asked elsewhere fails the test. */
export async function open(t, { language = 'en', theme = 'light', size = DESK, token, path = '' } = {}) {
  const { url, token: known } = await stack();
  const context = await (await browser()).newContext({
    locale: LOCALES[language], colorScheme: theme, viewport: size, timezoneId: 'Europe/London', reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const wrong = [];
  page.on('pageerror', (error) => wrong.push(`the page threw: ${error.message}`));
  page.on('request', (request) => {
    const asked = request.url();
    if (!asked.startsWith(url) && !/^(data|blob):/.test(asked)) wrong.push(`the page asked elsewhere: ${asked}`);
  });
  t.after(async () => {
    await screenshot(page, `end of ${t.name}`.replace(/[^\w]+/g, '-')).catch(() => {}); // how it looked, for whoever reads a failure
    await context.close();
    assert.deepEqual(wrong, []);
  });
  const given = token ?? known;
  await page.goto(given ? `${url}/#token=${given}` : `${url}/`);
  if (given) await page.locator('main').waitFor();
  if (path) await page.goto(`${url}/${path}`);
  return page;
}

async function seriousAt(page, theme) {
  await page.emulateMedia({ colorScheme: theme });
  if (!await page.evaluate(() => 'axe' in window)) await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${theme}: ${id} (${help}): ${node.html.slice(0, 160)} ${node.failureSummary?.split('\n')[1] ?? ''}`));
}

/** axe finds nothing serious, in light and dark. */
export async function expectNoSerious(page) {
  const found = [...await seriousAt(page, 'light'), ...await seriousAt(page, 'dark')];
  await page.emulateMedia({ colorScheme: 'light' });
  assert.deepEqual(found, []);
}

/** Nothing is wider than the window: no sideways scrolling of the whole page. */
export async function expectFits(page) {
  const wide = await page.evaluate(() => {
    const room = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= room) return [];
    const outside = [...document.body.querySelectorAll('*')].filter((node) => node.getBoundingClientRect().right > room + 1);
    return outside.slice(-5).map((node) => `${node.tagName.toLowerCase()}.${node.className} ${node.textContent.slice(0, 60)}`);
  });
  assert.deepEqual(wide, []);
}

const focusNow = () => {
  const node = document.activeElement;
  if (!node || node === document.body) return null;
  const style = getComputedStyle(node);
  const { top, bottom, width, height } = node.getBoundingClientRect();
  return {
    html: node.outerHTML.slice(0, 200),
    ringed: style.outlineStyle !== 'none' || style.boxShadow !== 'none',
    seen: width > 0 && height > 0 && bottom > 0 && top < innerHeight,
  };
};

/**
 * The page by keyboard alone: each step goes by Tab to what it wants, and fails when the focus cannot be seen there. A
 * pointer that was used meanwhile fails the next step.
 */
export async function onlyKeyboard(page) {
  const keyboard = page.keyboard;
  const watch = () => {
    window.pointers ??= 0;
    addEventListener('pointerdown', () => { window.pointers += 1; }, true);
  };
  await page.addInitScript(watch);
  await page.evaluate(watch);

  async function checked() {
    assert.equal(await page.evaluate(() => window.pointers), 0, 'a pointer was used');
    const focus = await page.evaluate(focusNow);
    assert.ok(focus?.ringed, `the focus cannot be seen: ${focus?.html ?? 'on nothing'}`);
    assert.ok(focus.seen, `what has the focus is out of sight: ${focus.html}`);
  }

  const keys = {
    /** Tab (or Shift+Tab) until `target` has the focus. */
    async to(target, { back = false, most = 250 } = {}) {
      await target.waitFor();
      const there = () => target.evaluate((node) => node === document.activeElement).catch(() => false);
      for (let i = 0; !await there(); i++) {
        assert.ok(i < most, `Tab does not reach ${target}`);
        await keyboard.press(back ? 'Shift+Tab' : 'Tab');
      }
      await checked();
    },
    press: (key) => keyboard.press(key),
    /** To it, then Enter: links and buttons. */
    async activate(target, options) {
      await keys.to(target, options);
      await keyboard.press('Enter');
    },
    /** To it, then Space: boxes to tick. */
    async tick(target) {
      await keys.to(target);
      await keyboard.press('Space');
    },
    /** Writes over what is there. */
    async fill(target, text) {
      await keys.to(target);
      await keyboard.press('Control+A');
      if (text) await keyboard.type(text);
      else await keyboard.press('Delete');
    },
    /** In a list to choose from, by typing what the option begins with. */
    async choose(target, label) {
      await keys.to(target);
      await keyboard.type(label);
      assert.equal(await target.evaluate((node) => node.selectedOptions[0]?.textContent.trim()), label);
    },
  };
  return keys;
}

/** What a person sees or hears, but for data (translate="no", wherever its text stands), code, and a peer's own words (quote). */
const textsOf = () => {
  const data = '[translate="no"], code, kbd, pre, script, style, noscript, .quote, option[lang]';
  const shown = (node) => node.checkVisibility?.({ checkVisibilityCSS: true }) ?? true;
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
    if (element.closest(data) || (!shown(element) && element.tagName !== 'OPTION')) continue;
    if (node.nodeType === Node.TEXT_NODE) texts.push(node.data);
    else for (const name of ['aria-label', 'title', 'placeholder', 'alt', 'aria-description']) texts.push(node.getAttribute(name) ?? '');
  }
  const names = [...document.querySelectorAll('[translate="no"]')].map((node) => (node.value || node.textContent).trim()).filter((text) => /[a-z]/i.test(text));
  const own = (text) => names.reduce((left, name) => left.replaceAll(name, ''), text);
  return [document.title, ...texts].map((text) => own(text).trim()).filter(Boolean);
};

/** Names of products and what everybody abbreviates; they stay as they are in every language. */
const NAMES = new Set(['shopify', 'business', 'central', 'cartage', 'sku', 'api', 'url', 'http', 'https', 'json', 'kafka', 'redis', 'utc', 'gmt', 'bc', 'csv',
  'english', 'id', 'b2b', 'plus', 'graphql', 'rest', 'odata', 'iana', 'min']);

/** In another language no English word is left: every word in Latin letters is a name, an identifier or marked as data. */
export async function noEnglish(page, allow = []) {
  const names = new Set([...NAMES, ...allow.flatMap((text) => text.toLowerCase().split(/[^a-z]+/))]);
  const left = (await page.evaluate(textsOf)).filter((text) => {
    // Identifiers (orders.sync, 1D+CM, Europe/London, SHPFY, #1001) are the same in every language.
    const words = text.split(/\s+/).filter((word) => !/[0-9_/@#+=]|[a-z][.-][a-z]/i.test(word)).join(' ').match(/[A-Za-z]{2,}/g) ?? [];
    return words.some((word) => word !== word.toUpperCase() && !names.has(word.toLowerCase()));
  });
  assert.deepEqual(left, [], 'English text is left');
}

/** Codes that the page wanted to say and that no language has, on this page since it was loaded. */
export async function untold(page) {
  const missing = await page.evaluate(async () => {
    const { name } = performance.getEntriesByType('resource').find((entry) => entry.name.endsWith('/text.mjs'));
    return [...(await import(name)).missing];
  });
  return [...missing, ...await page.locator('.untold').evaluateAll((nodes) => nodes.map((node) => node.dataset.code))];
}

/** A picture of the whole page in var/test/screens (CARTAGE_SCREENS names another folder). */
export async function screenshot(page, name) {
  mkdirSync(SCREENS, { recursive: true });
  await page.screenshot({ path: join(SCREENS, `${name}.png`), fullPage: true, animations: 'disabled' });
}

/** What every page owes to everybody: a phone's width, axe in light and dark, Russian without English. Opens all details first. */
export async function fineForAll(t, path, name, ready, allow = []) {
  for (const [language, size] of [['en', DESK], ['ru', PHONE]]) {
    const page = await open(t, { language, size, path });
    await ready(page);
    await screenshot(page, `${name}-${language}`);
    await page.evaluate(() => document.querySelectorAll('main details').forEach((node) => { node.open = true; }));
    await expectFits(page);
    await expectNoSerious(page);
    if (language !== 'en') await noEnglish(page, allow);
  }
}
