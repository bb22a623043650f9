/** Tabs: one panel of constant height, several ways to look. Arrow keys go from tab to tab. */
import { element, freshId } from './element';

export interface Tab {
  name: string;
  label: string;
  /** Fills the panel and returns what empties it. Called each time the tab is chosen. */
  fill: (panel: HTMLElement) => () => void;
}

export function tabs(label: string, all: Tab[], first = 0): { node: HTMLElement; clear: () => void } {
  const node = element('div', 'minitf-tabs');
  const list = element('div', 'minitf-tablist');
  const panel = element('div', 'minitf-tabpanel');
  const panelId = freshId('panel');
  let clear = () => {};
  list.setAttribute('role', 'tablist');
  list.setAttribute('aria-label', label);
  panel.setAttribute('role', 'tabpanel');
  panel.id = panelId;

  const choose = (place: number, focus: boolean) => {
    clear();
    panel.replaceChildren();
    buttons.forEach((each, i) => {
      each.setAttribute('aria-selected', String(i === place));
      each.tabIndex = i === place ? 0 : -1;
    });
    const chosen = buttons[place] as HTMLButtonElement;
    panel.setAttribute('aria-labelledby', chosen.id);
    if (focus) {
      chosen.focus();
    }
    clear = (all[place] as Tab).fill(panel);
  };
  const buttons = all.map((tab, place) => {
    const made = element('button', 'minitf-tab', tab.label);
    made.type = 'button';
    made.id = freshId('tab');
    made.setAttribute('role', 'tab');
    made.setAttribute('aria-controls', panelId);
    made.addEventListener('click', () => choose(place, false));
    made.addEventListener('keydown', event => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step !== undefined) {
        event.preventDefault();
        choose((place + step + all.length) % all.length, true);
      }
    });
    return made;
  });
  list.append(...buttons);
  node.append(list, panel);
  choose(first, false);
  return { node, clear: () => clear() };
}
