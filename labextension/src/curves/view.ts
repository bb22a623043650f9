/** Draws a training: progress, settings, a panel for each tag, what the curves mean, what a step recorded. */

import type { Progress, Recorded } from '../contract/training';
import { button, element, textTwin, viewFrame } from '../elements/element';
import { inDigits, say } from '../elements/words';
import { Chart, COLOURS } from './chart';
import { inShort, type TrainingModel, type XAxis } from './model';

interface Parts {
  model: TrainingModel;
  el: HTMLElement;
  /** Draws a description of another kind, such as a recorded tensor. */
  draw?: (data: unknown, el: HTMLElement) => () => void;
}

/** Fills `el` and returns what empties it again. */
export function render({ model, el, draw = () => () => {} }: Parts): () => void {
  const figure = viewFrame('minitf-view minitf-training');
  const bar = progressBar();
  const panels = element('div', 'minitf-panels');
  const status = element('p', 'minitf-status');
  const legend = element('div', 'minitf-legend');
  const notes = element('ul', 'minitf-captions');
  const record = element('section', 'minitf-record');
  const twin = textTwin(model.training.text);
  status.setAttribute('role', 'status');
  legend.setAttribute('role', 'group');
  legend.setAttribute('aria-label', say('Runs'));
  if (model.training.title !== '') {
    figure.append(element('figcaption', '', model.training.title));
  }
  figure.append(bar.node, settings(model), panels, status, legend, notes, record, twin);

  const charts: Chart[] = [];
  let clearRecord = () => {};
  const at = (x: number | null) => {
    charts.forEach(chart => void chart.showCross(x));
    status.textContent = x === null ? '' : pointed(model, charts, x);
  };
  const chosen = (step: number) => {
    model.recorded(step).then(
      found => {
        clearRecord();
        clearRecord = recorded(record, found, draw);
      },
      (error: Error) => record.replaceChildren(element('p', 'minitf-note', error.message))
    );
  };
  const update = () => {
    for (const tag of model.tags.slice(charts.length)) {
      const chart = new Chart(model, tag, { at, chosen });
      charts.push(chart);
      panels.append(chart.node);
    }
    charts.forEach(chart => void chart.draw());
    bar.show(model.progress);
    figure.classList.toggle('minitf-only-progress', charts.length === 0 && model.progress !== null);
    runs(legend, model);
    captions(notes, model);
    (twin.querySelector('pre') as HTMLElement).textContent = model.text || model.training.text;
  };
  const later = oncePerFrame(update);
  const stop = model.onChange(later.ask);
  const sizes = typeof ResizeObserver === 'undefined' ? null : new ResizeObserver(later.ask);
  sizes?.observe(panels);
  el.replaceChildren(figure);
  update();
  return () => {
    stop();
    later.cancel();
    sizes?.disconnect();
    clearRecord();
    figure.remove();
  };
}

/** However often it is asked for, a drawing happens once a frame. */
function oncePerFrame(draw: () => void): { ask: () => void; cancel: () => void } {
  let frame = 0;
  const ask = () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      draw();
    });
  };
  return { ask, cancel: () => cancelAnimationFrame(frame) };
}

function progressBar(): { node: HTMLElement; show: (progress: Progress | null) => void } {
  const node = element('div', 'minitf-progress');
  const bar = element('progress');
  const words = element('span');
  bar.setAttribute('aria-label', say('Steps done'));
  node.append(bar, words);
  node.hidden = true;
  const show = (progress: Progress | null) => {
    node.hidden = progress === null;
    if (progress !== null) {
      bar.hidden = progress.total === null;
      bar.max = progress.total ?? 1;
      bar.value = progress.done;
      words.textContent = inWords(progress);
    }
  };
  return { node, show };
}

export function inWords({ done, total, rate, left, elapsed, over, label }: Progress): string {
  const steps =
    total === null ? say('%1 steps', inDigits(done)) : say('%1 of %2 steps', inDigits(done), inDigits(total));
  const speed = rate > 0 ? say(', %1 steps/s', inShort(Number(rate.toPrecision(3)))) : '';
  const rest = over
    ? say(', done in %1', duration(elapsed))
    : left === null
      ? ''
      : say(', %1 to go', duration(left));
  return `${label === '' ? '' : `${label}: `}${steps}${speed}${rest}`;
}

function duration(seconds: number): string {
  if (seconds < 10) {
    return `${seconds.toFixed(1)} s`;
  }
  const whole = Math.round(seconds);
  if (whole < 60) {
    return `${whole} s`;
  }
  return whole < 3600
    ? `${Math.floor(whole / 60)} min ${whole % 60} s`
    : `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

function settings(model: TrainingModel): HTMLElement {
  const holder = element('div', 'minitf-sliders minitf-settings');
  const smooth = element('label', '', `${say('smoothing')} `);
  const slider = element('input');
  const amount = element('output', '', String(model.smoothing));
  Object.assign(slider, {
    type: 'range',
    min: '0',
    max: '0.99',
    step: '0.01',
    value: String(model.smoothing)
  });
  slider.addEventListener('input', () => {
    amount.textContent = slider.value;
    model.set({ smoothing: slider.valueAsNumber });
  });
  const enable = () => {
    slider.disabled = !model.isWhole;
    slider.title = model.isWhole
      ? ''
      : say('The notebook kept some of the points; smoothing needs all of them.');
  };
  enable();
  model.onChange(enable);
  smooth.append(slider, amount);
  const axis = element('select');
  axis.setAttribute('aria-label', say('Horizontal axis'));
  for (const [value, label] of [
    ['step', say('step')],
    ['relative', say('time since start')],
    ['wall', say('time of day')]
  ]) {
    const option = element('option', '', label);
    option.value = value as string;
    axis.append(option);
  }
  axis.addEventListener('change', () => model.set({ xAxis: axis.value as XAxis }));
  holder.append(
    smooth,
    axis,
    check(say('log x'), model.logX, logX => model.set({ logX, view: null })),
    check(say('log y'), model.logY, logY => model.set({ logY })),
    button(
      say('Show all'),
      () => model.set({ view: null }),
      say('Drag to zoom, Shift and drag to move, 0 shows all')
    )
  );
  return holder;
}

function check(label: string, isOn: boolean, change: (isOn: boolean) => void): HTMLElement {
  const holder = element('label', '', '');
  const box = element('input');
  box.type = 'checkbox';
  box.checked = isOn;
  box.addEventListener('change', () => change(box.checked));
  holder.append(box, label);
  return holder;
}

/** A button for each run that shows and hides it; none for the only one. */
function runs(legend: HTMLElement, model: TrainingModel): void {
  const names = model.runs;
  if (legend.childElementCount === names.length || (names.length === 1 && names[0] === '')) {
    return;
  }
  const buttons = names.map((name, i) => {
    const made = button(name || say('run'), () => {
      model.toggle(name);
      made.setAttribute('aria-pressed', String(!model.hidden.has(name)));
    });
    made.setAttribute('aria-pressed', String(!model.hidden.has(name)));
    const mark = element('span', 'minitf-mark');
    mark.style.backgroundColor = COLOURS[i % COLOURS.length] as string;
    made.prepend(mark);
    return made;
  });
  legend.replaceChildren(...buttons);
}

function captions(notes: HTMLElement, model: TrainingModel): void {
  const lines = model.captions.map(
    ({ run, tag, text }) => `${run === '' ? tag : `${tag} (${run})`}: ${text}`
  );
  if (lines.join('\n') !== [...notes.children].map(line => line.textContent).join('\n')) {
    notes.replaceChildren(...lines.map(line => element('li', '', line)));
  }
}

/** The values under the cross: `step 120 · loss 0.31 · accuracy 0.9`. */
function pointed(model: TrainingModel, charts: Chart[], x: number): string {
  const found = charts.flatMap(chart => chart.valuesAt(x));
  const first = found[0];
  if (first === undefined) {
    return '';
  }
  const words = found.map(({ series, place }) => {
    const name = series.run === '' ? series.tag : `${series.tag} (${series.run})`;
    const mean = model.smoothing > 0 ? say(', smoothed %1', inShort(model.smoothAt(series, place))) : '';
    return `${name} ${inShort(series.raw.at(place))}${mean}`;
  });
  return [say('step %1', inShort(first.series.steps.at(first.place))), ...words].join(' · ');
}

function recorded(
  place: HTMLElement,
  { step, checkpoint, tensors }: Recorded,
  draw: (data: unknown, el: HTMLElement) => () => void
): () => void {
  const found = checkpoint !== '' || tensors.length > 0;
  place.replaceChildren(
    element(
      'p',
      '',
      found ? say('Recorded at step %1:', step) : say('Nothing was recorded at or before step %1.', step)
    )
  );
  if (checkpoint !== '') {
    place.append(element('code', '', checkpoint));
  }
  const clears = tensors.map(tensor => {
    const holder = element('div');
    place.append(holder);
    return draw(tensor, holder);
  });
  return () => clears.forEach(clear => void clear());
}
