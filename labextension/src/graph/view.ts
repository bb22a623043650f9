/**
 * Draws a graph: caption, tools, the picture, what is known of the chosen box, and a plain-text twin.
 * It knows nothing of JupyterLab: give it a model and an element.
 */

import { element } from '../elements/element';
import { say } from '../elements/words';
import { Camera } from './camera';
import { asText, summary } from './captions';
import { type Drawn, draw, MARGIN } from './draw';
import { save } from './export';
import type { Box } from './hierarchy';
import { handleKey, keysInWords } from './keys';
import type { Direction, Layout } from './layout';
import { layOut } from './layouter';
import { mark } from './marks';
import type { GraphModel } from './model';
import { outsideButton, tellOutside } from './outside';
import { fillPanel } from './panel';
import { jobFor } from './picture';
import { type Actions, type Toolbar, toolbar } from './toolbar';

const HIGHEST = 480; // pixels of the frame
const LOWEST = 280;

/** Fills `el` and returns what empties it again. */
export function render({ model, el }: { model: GraphModel; el: HTMLElement }): () => void {
  const view = new View(model, el);
  return () => view.dispose();
}

class View {
  private readonly figure = element('figure', 'minitf-graph');
  private readonly caption = element('figcaption', 'minitf-graph-caption');
  private readonly frame = element('div', 'minitf-graph-drawing');
  private readonly aside = element('p', 'minitf-aside');
  private readonly legend = element('p', 'minitf-legend');
  private readonly panel = element('div', 'minitf-panel');
  private readonly outside: HTMLButtonElement;
  private readonly text = element('pre', 'minitf-graph-text');
  private readonly camera: Camera;
  private readonly tools: Toolbar;
  private readonly unsubscribe: () => void;
  private drawn: Drawn | null = null;
  private layout: Layout | null = null;
  private direction: Direction = 'down';
  private layoutKey = '';
  private forget: () => void = () => {};
  private wasResized: ResizeObserver | undefined;
  private clicked: { box: Box; time: number } | null = null;

  constructor(
    private readonly model: GraphModel,
    el: HTMLElement
  ) {
    this.camera = new Camera(
      this.frame,
      () => this.covered(),
      () => this.tellOutside()
    );
    this.outside = outsideButton(this.actions.overview);
    this.tools = toolbar(model, this.actions);
    this.figure.dataset.lmSuppressShortcuts = 'true'; // letters typed here are not JupyterLab's
    this.panel.setAttribute('role', 'region');
    this.panel.setAttribute('aria-label', say('Chosen box'));
    this.frame.addEventListener('click', this.click);
    this.frame.addEventListener('dblclick', this.doubleClick);
    this.panel.addEventListener('dblclick', this.doubleClickUnderPanel);
    this.frame.addEventListener('keydown', event => handleKey(event, model, this, this.actions, this.tools));
    this.figure.append(
      this.caption,
      ...this.notes(),
      this.tools.element,
      this.legend,
      this.body(),
      this.aside,
      this.twin()
    );
    el.replaceChildren(this.figure);
    this.unsubscribe = model.subscribe(() => this.update());
    this.update();
    this.fitWhenSized();
  }

  dispose(): void {
    this.forget();
    this.unsubscribe();
    this.wasResized?.disconnect();
    this.camera.dispose();
    this.figure.remove();
  }

  focus(box: Box): void {
    this.model.select(box);
    this.drawn?.boxes.get(box)?.focus({ preventScroll: true });
    const frame = this.layout?.frames[box.id];
    if (frame !== undefined) {
      this.camera.bring({ ...frame, x: frame.x + MARGIN, y: frame.y + MARGIN });
    }
  }

  pan(dx: number, dy: number): void {
    this.camera.pan(dx, dy);
  }

  private readonly actions: Actions = {
    fit: () => this.camera.fit(),
    overview: () => this.camera.overview(),
    zoom: factor => this.camera.zoom(factor),
    turn: () => this.model.turn(this.direction === 'down' ? 'right' : 'down'),
    save: (kind, onPaper) => {
      if (this.drawn !== null) {
        void save(kind, this.model, this.drawn.root, onPaper);
      }
    },
    next: step => this.goToFound(step)
  };

  // -- parts of the page ---------------------------------------------------------------------------

  private notes(): HTMLElement[] {
    return this.model.graph.notes.map(note => element('p', 'minitf-note', note));
  }

  private body(): HTMLElement {
    const body = element('div', 'minitf-body');
    body.append(this.frame, this.outside, this.panel);
    return body;
  }

  private twin(): HTMLElement {
    const details = element('details', 'minitf-graph-twin');
    details.append(
      element('summary', '', say('As text, and keys')),
      element('p', 'minitf-keys', keysInWords()),
      this.text
    );
    details.addEventListener('toggle', () => this.updateText());
    this.twinElement = details;
    return details;
  }

  private twinElement: HTMLDetailsElement | undefined;

  /** How much of the frame the panel hides: nothing where it stands below. */
  private covered(): number {
    return this.panel.hidden || getComputedStyle(this.panel).position !== 'absolute'
      ? 0
      : this.panel.offsetWidth;
  }

  private tellOutside(): void {
    tellOutside(this.outside, this.camera, this.model.scene, this.layout, this.covered());
  }

  // -- after a change ------------------------------------------------------------------------------

  private update(): void {
    this.caption.textContent = summary(this.model);
    this.tools.update();
    this.panel.hidden = this.model.selected === null;
    fillPanel(this.panel, this.model);
    this.updateText();
    this.updateAside();
    this.updateLegend();
    this.arrange();
  }

  private updateText(): void {
    this.text.textContent = this.twinElement?.open ? asText(this.model) : '';
  }

  private updateAside(): void {
    const aside = this.model.scene.aside.filter(box => box.kind !== 'constant');
    this.aside.replaceChildren();
    if (aside.length === 0) {
      return;
    }
    this.aside.append(say('Aside:'), ' ');
    for (const box of aside.slice(0, 12)) {
      const chip = element('button', 'minitf-chip', `${box.label} (${box.nodes.length})`);
      chip.type = 'button';
      chip.title = say('Bring %1 into the picture', box.id);
      chip.addEventListener('click', () => this.model.bringBack(box));
      this.aside.append(chip);
    }
    if (aside.length > 12) {
      this.aside.append(say(' and %1 more', aside.length - 12));
    }
  }

  private updateLegend(): void {
    this.legend.replaceChildren(
      ...this.model.colours.legend.map(({ label, colour }) => {
        const entry = element('span', 'minitf-swatch', label);
        if (colour !== null) {
          entry.style.setProperty('--minitf-hue', String(colour.hue));
          entry.style.setProperty('--minitf-strength', `${55 * colour.strength}%`);
        }
        return entry;
      })
    );
  }

  /** Lays the picture out again where boxes or lines changed; else only draws its marks anew. */
  private arrange(): void {
    const { scene, state } = this.model;
    const key = JSON.stringify([scene.leaves.map(b => b.id), scene.open.map(b => b.id), state.direction]);
    if (key === this.layoutKey && this.drawn !== null) {
      mark(this.drawn, this.model);
      return;
    }
    const isFirst = this.layoutKey === '';
    this.layoutKey = key;
    this.forget();
    const directions: Direction[] =
      state.direction !== null ? [state.direction] : isFirst ? ['down', 'right'] : [this.direction];
    const found: [Direction, Layout][] = [];
    const forgets = directions.map(direction =>
      layOut(jobFor(this.model, direction), layout => {
        found.push([direction, layout]);
        if (found.length === directions.length) {
          this.take(found, isFirst);
        }
      })
    );
    this.forget = () => {
      for (const forget of forgets) {
        forget();
      }
    };
  }

  /** Takes the layout that opens larger; of equal ones the one of which more fits, then the one that runs down. */
  private take(found: [Direction, Layout][], isFirst: boolean): void {
    const room = { width: this.frame.clientWidth || 800, height: HIGHEST };
    const opens = ([, { width, height }]: [Direction, Layout]) => this.camera.opening(width, height, room);
    const fits = ([, { width, height }]: [Direction, Layout]) =>
      Math.min(1, room.width / width, room.height / height);
    const [direction, layout] = found.sort(
      (a, b) => opens(b) - opens(a) || fits(b) - fits(a) || (a[0] === 'down' ? -1 : 1)
    )[0] as [Direction, Layout];
    const anchor = this.anchor(layout);
    this.direction = direction;
    this.layout = layout;
    this.redraw(layout);
    if (isFirst) {
      this.setHeight(layout);
      this.camera.open();
    } else {
      this.growTo(layout);
      if (anchor !== null) {
        this.camera.hold(...anchor);
      }
      this.bringSelected();
    }
  }

  /** Where the chosen box was and is, so that it stays under the pointer when it opens. */
  private anchor(next: Layout): [{ x: number; y: number }, { x: number; y: number }] | null {
    const id = this.model.selected?.id ?? '';
    const before = this.layout?.frames[id];
    const after = next.frames[id];
    return before === undefined || after === undefined ? null : [before, after];
  }

  private bringSelected(): void {
    const frame = this.layout?.frames[this.model.selected?.id ?? ''];
    if (frame !== undefined) {
      this.camera.bring({ ...frame, x: frame.x + MARGIN, y: frame.y + MARGIN });
    }
  }

  private setHeight(layout: Layout): void {
    const height = layout.height + 2 * MARGIN;
    const width = layout.width + 2 * MARGIN;
    const scale = this.camera.opening(width, height, {
      width: this.frame.clientWidth || 800,
      height: HIGHEST
    });
    this.frame.style.height = `${Math.min(HIGHEST, Math.max(LOWEST, Math.ceil(height * scale)))}px`;
  }

  /** The frame may grow when a scope opens; it never shrinks, so that the notebook does not jump. */
  private growTo(layout: Layout): void {
    const wanted = Math.min(HIGHEST, Math.ceil((layout.height + 2 * MARGIN) * this.camera.scale));
    if (wanted > this.frame.clientHeight) {
      this.frame.style.height = `${wanted}px`;
    }
  }

  private redraw(layout: Layout): void {
    const hadFocus = this.frame.contains(document.activeElement);
    this.drawn = draw(this.model, layout, this.direction);
    this.drawn.root.setAttribute('aria-label', summary(this.model));
    this.drawn.root.setAttribute('role', 'group');
    const entry = mark(this.drawn, this.model);
    this.frame.replaceChildren(this.drawn.root);
    this.camera.show(this.drawn.root, layout.width + 2 * MARGIN, layout.height + 2 * MARGIN);
    if (hadFocus) {
      entry?.focus({ preventScroll: true });
    }
  }

  /** A view that is made before it has a size fits its picture when it gets one, and when that changes. */
  private fitWhenSized(): void {
    if (typeof ResizeObserver === 'undefined') {
      return;
    }
    let width = this.frame.clientWidth;
    this.wasResized = new ResizeObserver(() => {
      if (this.frame.clientWidth !== width && this.layout !== null) {
        width = this.frame.clientWidth;
        this.layoutKey = '';
        this.arrange();
      }
    });
    this.wasResized.observe(this.frame);
  }

  // -- what the reader does ------------------------------------------------------------------------

  private readonly click = (event: Event) => {
    const box = this.boxAt(event.target);
    if (box === null || (event instanceof MouseEvent && event.detail > 1)) {
      return; // the second half of a double click is meant for what the first one met
    }
    if (event.target instanceof Element && event.target.closest('.minitf-knob') !== null) {
      this.model.toggle(box);
    }
    this.model.select(box);
    this.clicked = { box, time: event.timeStamp };
    this.drawn?.boxes.get(box)?.focus({ preventScroll: true });
    this.uncover(box);
  };

  /** The panel does not hide the box that it speaks of. */
  private uncover(box: Box): void {
    const frame = this.layout?.frames[box.id];
    if (frame !== undefined && this.camera.isCovered({ x: frame.x + MARGIN, width: frame.width })) {
      this.bringSelected();
    }
    this.tellOutside();
  }

  private readonly doubleClick = (event: Event) => {
    const isSecondHalf = this.clicked !== null && event.timeStamp - this.clicked.time < 600;
    const box = isSecondHalf ? (this.clicked?.box ?? null) : this.boxAt(event.target); // the picture may have moved
    if (box !== null) {
      this.model.toggle(box);
    }
  };

  /** The first click has opened the panel, perhaps under the pointer: the second one is still meant for the box. */
  private readonly doubleClickUnderPanel = (event: Event) => {
    if (this.clicked !== null && event.timeStamp - this.clicked.time < 600) {
      this.model.toggle(this.clicked.box);
    }
  };

  private boxAt(target: EventTarget | null): Box | null {
    const item = target instanceof Element ? target.closest('[role=treeitem]') : null;
    for (const [box, made] of this.drawn?.boxes ?? []) {
      if (made === item) {
        return box;
      }
    }
    return null;
  }

  private goToFound(step: number): void {
    const { found, selected, hierarchy } = this.model;
    if (found.length === 0) {
      return;
    }
    const place = selected?.main ? found.indexOf(selected.main) : -1;
    const next = found[(place + step + found.length) % found.length];
    const box = next === undefined ? undefined : hierarchy.homes[next.id];
    if (box !== undefined) {
      this.model.reveal(box);
    }
  }
}

/** For what cannot be drawn: the reason, and the text that came with it. */
export function renderProblem(el: HTMLElement, problem: string, text: string): () => void {
  const figure = element('figure', 'minitf-graph');
  figure.append(element('figcaption', 'minitf-graph-problem', problem));
  if (text) {
    figure.append(element('pre', 'minitf-graph-text', text));
  }
  el.replaceChildren(figure);
  return () => figure.remove();
}
