/** The article's story, a scene a step. */
'use strict';

/** The scene that stands, or -1; and what will bring the next. */
let scene = -1, timer = 0, isPaused = false;

/** What the scenes do, one after another: a reader may be faster than the network. */
let acts = Promise.resolve();

function playStory() {
  // Nothing of an older connection may be taken for the story's
  acts = acts.then(hangUp).then(clearWire);
  isPaused = false;
  showScene(0);
  $('next').focus();
}

function showScene(index) {
  clearTimeout(timer);
  if (index >= STORY.length) return stopStory();
  scene = index;
  acts = acts.then(STORY[index].act);
  drawScene();
  spotlight();
  if (!isPaused) timer = setTimeout(nextScene, SCENE);
}

function nextScene() {
  // What the scene was to show has not come yet (or the reader was faster): it waits no longer than it stands
  showScene(scene + 1);
}

function pauseStory() {
  isPaused = !isPaused;
  clearTimeout(timer);
  if (!isPaused) timer = setTimeout(nextScene, SCENE / 2);
  drawScene();
}

function stopStory() {
  clearTimeout(timer);
  scene = -1;
  drawScene();
  spotlight();
  $('play').focus();
}

function drawScene() {
  $('scene').hidden = scene === -1;
  if (scene === -1) return;
  const { step, php, calls, says } = STORY[scene];
  $('scene-title').textContent = t('sceneTitle', { i: scene + 1, n: STORY.length });
  $('scene-says').textContent = pick(says);
  $('scene-php').textContent = php;
  $('scene-ts').textContent = lineCalling(calls, step);
  $('scene-where').textContent = t('ts', { n: step });
  $('pause').textContent = t(isPaused ? 'resume' : 'pause');
  $('next').textContent = t(scene === STORY.length - 1 ? 'finish' : 'next');
}

/** The line of that step that calls the function, as the server has it now; its name alone where the server does not tell. */
function lineCalling(name, step) {
  const { code = [] } = table.steps.find((one) => one.step === step) ?? {};
  return code.find((line) => line.includes(`${name}(`))?.trim() ?? `${name}(…)`;
}

/** Opens and marks the card that the scene is about, now or when it comes. */
function spotlight() {
  for (const card of document.querySelectorAll('.card.spot')) card.classList.remove('spot');
  const shows = STORY[scene]?.shows;
  const event = shows && events.findLast(shows);
  if (!event) return;
  const details = detailsOf(event);
  event.isOpen = details.open = true;
  details.parentElement.classList.add('spot');
  details.parentElement.scrollIntoView({ block: 'start' });
}
