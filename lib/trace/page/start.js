/** The start: languages, and who listens to which button. */
'use strict';

function clearWire() {
  events = [];
  isCut = false;
  drawCards();
}

function setLanguage(to) {
  language = to;
  document.documentElement.lang = to === 'zh' ? 'zh-CN' : 'en';
  document.title = t('title');
  for (const part of document.querySelectorAll('[data-t]')) part.textContent = t(part.dataset.t);
  for (const part of document.querySelectorAll('[data-label]')) part.setAttribute('aria-label', t(part.dataset.label));
  for (const button of document.querySelectorAll('[data-language]')) {
    button.setAttribute('aria-pressed', String(button.dataset.language === to));
  }
  drawBreaks();
  drawSize();
  drawCards();
  drawScene();
  $('log').replaceChildren(...log.map(logLine));
}

/** The reader's choice if there was one; else the first of the browser's languages that the page has. */
function firstLanguage() {
  const chosen = remembered();
  if (chosen === 'en' || chosen === 'zh') return chosen;
  const known = navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => tag === 'en' || tag === 'zh');
  return known ?? 'en';
}

// Where storage is forbidden it throws, and then the choice holds as long as the page
function remembered() {
  try {
    return localStorage.getItem('language');
  } catch {
    return null;
  }
}

function remember(to) {
  try {
    localStorage.setItem('language', to);
  } catch {}
}

function insertButton(text) {
  const button = el('button', { type: 'button' }, text);
  button.addEventListener('click', () => {
    const { selectionStart, selectionEnd } = $('text');
    $('text').setRangeText(text, selectionStart, selectionEnd, 'end');
    $('text').focus();
  });
  return button;
}

for (const button of document.querySelectorAll('[data-language]')) {
  button.addEventListener('click', () => {
    remember(button.dataset.language);
    setLanguage(button.dataset.language);
  });
}
$('connect').addEventListener('click', connect);
$('ping').addEventListener('click', () => { say('you', 'logPing', {}); command({ do: 'ping' }); });
$('cut').addEventListener('click', () => { say('you', 'logCut', {}); command({ do: 'cut' }); });
$('send').addEventListener('submit', sendForm);
$('send').addEventListener('change', chooseKind);
$('size').addEventListener('input', drawSize);
$('close').addEventListener('submit', closeForm);
$('clear').addEventListener('click', clearWire);
$('play').addEventListener('click', playStory);
$('pause').addEventListener('click', pauseStory);
$('next').addEventListener('click', nextScene);
$('stop').addEventListener('click', stopStory);
$('size').max = String(SIZES.length - 1);
$('inserts').append(...INSERTS.map(insertButton));
chooseKind();
setLanguage(firstLanguage());
watch();
