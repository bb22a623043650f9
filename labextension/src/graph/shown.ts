/** The graphs that stand in the page, so that other parts of it can point at their operations. */
import type { GraphModel } from './model';

interface Shown {
  model: GraphModel;
  el: HTMLElement;
}

const shown = new Set<Shown>();
let wanted = '';

/** `model` stands in `el` from now on; returns what ends that. */
export function register(model: GraphModel, el: HTMLElement): () => void {
  const entry = { model, el };
  shown.add(entry);
  if (wanted !== '' && choose(entry, wanted)) {
    wanted = '';
  }
  return () => shown.delete(entry);
}

/**
 * Chooses the operation or the name scope `name` in all graphs in view, and scrolls to the last one.
 * False where no graph holds it: then the next one that comes chooses it.
 */
export function select(name: string): boolean {
  const found = [...shown].filter(({ el }) => el.offsetParent !== null).filter(each => choose(each, name));
  found.at(-1)?.el.scrollIntoView({ block: 'nearest' });
  wanted = found.length === 0 ? name : '';
  return found.length > 0;
}

/** What a line of a cell made stands out in all graphs in view; returns how many operations that are. */
export function highlight(origin: string): number {
  let most = 0;
  for (const { model } of shown) {
    model.highlightOrigin(origin);
    most = Math.max(most, model.found.length);
  }
  return most;
}

function choose({ model }: Shown, name: string): boolean {
  const node = model.nodes.find(each => each.name === name);
  const box = node === undefined ? model.hierarchy.boxes.get(`${name}/`) : model.hierarchy.homes[node.id];
  if (box === undefined) {
    return false;
  }
  model.reveal(box);
  return true;
}
