/** The keyboard in a picture: arrows walk the tree of boxes, letters do what the tools do. */
import { say } from '../elements/words';
import type { Box } from './hierarchy';
import type { GraphModel } from './model';
import type { Actions, Toolbar } from './toolbar';

export function keysInWords(): string {
  return say(
    '↑ ↓ next box · → open, go in · ← close, go out · Enter open or close · Home End · Shift+arrows move · + − zoom · 0 whole · 9 readable · r turn · / search · n next found · a ancestors · d descendants · o open · c close'
  );
}

export interface Walker {
  /** Gives a box the focus, and brings it into view. */
  focus(box: Box): void;
  pan(dx: number, dy: number): void;
}

export function handleKey(
  event: KeyboardEvent,
  model: GraphModel,
  walker: Walker,
  actions: Actions,
  tools: Toolbar
): void {
  if (event.ctrlKey || event.metaKey || event.altKey) {
    return;
  }
  const done =
    event.shiftKey && event.key.startsWith('Arrow')
      ? move(event.key, walker)
      : act(event.key, model, walker, actions, tools);
  if (done) {
    event.preventDefault();
    event.stopPropagation();
  }
}

function move(key: string, walker: Walker): boolean {
  const step = 60;
  const ways: Record<string, [number, number]> = {
    ArrowLeft: [step, 0],
    ArrowRight: [-step, 0],
    ArrowUp: [0, step],
    ArrowDown: [0, -step]
  };
  const [dx, dy] = ways[key] ?? [0, 0];
  walker.pan(dx, dy);
  return true;
}

function act(key: string, model: GraphModel, walker: Walker, actions: Actions, tools: Toolbar): boolean {
  const simple: Record<string, () => void> = {
    '+': () => actions.zoom(1.25),
    '=': () => actions.zoom(1.25),
    '-': () => actions.zoom(1 / 1.25),
    '0': actions.overview,
    '9': actions.fit,
    r: actions.turn,
    '/': tools.focusSearch,
    n: () => actions.next(1),
    N: () => actions.next(-1),
    a: () => model.trace('ancestors'),
    d: () => model.trace('descendants'),
    o: () => model.openAll(),
    c: () => model.closeAll(),
    Escape: () => model.select(null)
  };
  const action = Object.hasOwn(simple, key) ? simple[key] : undefined;
  if (action !== undefined) {
    action();
    return true;
  }
  return walk(key, model, walker);
}

/** As in every tree: see the ARIA Authoring Practices for tree views. */
function walk(key: string, model: GraphModel, walker: Walker): boolean {
  const boxes = inOrder(model);
  const place = model.selected === null ? -1 : boxes.indexOf(model.selected);
  const current = boxes[place];
  const go = (box: Box | undefined) => {
    if (box !== undefined) {
      walker.focus(box);
    }
    return true;
  };
  switch (key) {
    case 'ArrowDown':
      return go(boxes[place + 1]);
    case 'ArrowUp':
      return go(boxes[Math.max(0, place - 1)]);
    case 'Home':
      return go(boxes[0]);
    case 'End':
      return go(boxes.at(-1));
    case 'ArrowRight':
      if (current !== undefined && current.children.length > 0 && !model.isOpen(current)) {
        model.toggle(current, true);
        return true;
      }
      return go(boxes[place + 1]);
    case 'ArrowLeft':
      if (current !== undefined && model.isOpen(current)) {
        model.toggle(current, false);
        return true;
      }
      return go(boxes.find(box => box === current?.parent));
    case 'Enter':
    case ' ':
      if (current !== undefined) {
        model.toggle(current);
      }
      return true;
    default:
      return false;
  }
}

/** The visible boxes as a tree is read: each open one before what it holds. */
export function inOrder(model: GraphModel): Box[] {
  const visible = new Set([...model.scene.leaves, ...model.scene.open]);
  const found: Box[] = [];
  const visit = (box: Box) => {
    const children = box.children.filter(child => visible.has(child));
    for (const child of children.sort((a, b) => (a.nodes[0]?.id ?? 0) - (b.nodes[0]?.id ?? 0))) {
      found.push(child);
      visit(child);
    }
  };
  visit(model.root);
  return found;
}
