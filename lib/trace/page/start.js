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
  drawFlip();
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
    flipMessage();
  });
  return button;
}

for (const button of document.querySelectorAll('[data-language]')) {
  button.addEventListener('click', () => {
    remember(button.dataset.language);
    setLanguage(button.dataset.language);
  });
}
for (const [id, type, handle] of [
  ['connect', 'click', connect],
  ['ping', 'click', () => { if (isEnabled($('ping'))) { say('you', 'logPing', {}); command({ do: 'ping' }); } }],
  ['cut', 'click', () => { if (isEnabled($('cut'))) { say('you', 'logCut', {}); command({ do: 'cut' }); } }],
  ['send', 'submit', sendForm], ['send', 'change', chooseKind], ['send', 'input', flipMessage], ['size', 'input', drawSize],
  ['flip-send', 'click', sendFlip], ['flip-reset', 'click', flipMessage], ['flip-frame', 'keydown', moveInFlip],
  ['close', 'submit', closeForm], ['clear', 'click', clearWire],
  ['play', 'click', playStory], ['pause', 'click', pauseStory], ['stop', 'click', stopStory],
  ['back', 'click', () => turnTo(scene - 1)], ['next', 'click', () => turnTo(scene + 1)],
]) $(id).addEventListener(type, handle);
// From where one types to the newest frame, and back
for (const id of ['text', 'hex']) $(id).addEventListener('keydown', ({ key }) => { if (key === 'ArrowDown') focusNewest(); });
$('wire').addEventListener('keydown', ({ key }) => {
  if (key === 'Escape') document.querySelector('#send .say > input:not([hidden]), #send .say > div:not([hidden]) input').focus();
});
// A fold of the cards would be empty on paper
addEventListener('beforeprint', () => {
  for (const event of events) {
    detailsOf(event).open = event.isOpen = true;
    fill(detailsOf(event), event);
  }
});
$('size').max = String(SIZES.length - 1);
$('inserts').append(...INSERTS.map(insertButton));
chooseKind();
$('flip').open = isPane();
setLanguage(firstLanguage());
watch();
