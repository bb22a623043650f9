/** The workspace as the panel shows it: which variables match the filter, grouped by name scope. */
import type { Workspace, WorkspaceVariable } from '../contract/workspace';
import { sayCount } from '../elements/words';

/** Why there is nothing to show. */
export type Absence = 'no-notebook' | 'no-kernel' | 'not-imported' | 'busy' | 'failed';

export interface Group {
  /** The name scope, `''` at the top. */
  scope: string;
  variables: WorkspaceVariable[];
  parameters: number;
}

export class WorkspaceModel {
  workspace: Workspace | null = null;
  absence: Absence = 'no-notebook';
  /** The name of the notebook that the panel follows. */
  notebook = '';
  filter = '';
  /** True while a cell runs: what is shown may be old, or come from the running loop. */
  isRunning = false;

  /** Calls `changed` after each change; returns what ends that. */
  onChange(changed: () => void): () => void {
    this.listeners.add(changed);
    return () => this.listeners.delete(changed);
  }

  show(notebook: string, found: Workspace | Absence): void {
    this.notebook = notebook;
    if (typeof found === 'string') {
      this.absence = found;
      this.workspace = null;
    } else {
      this.workspace = found;
    }
    this.changed();
  }

  running(isRunning: boolean): void {
    if (isRunning !== this.isRunning) {
      this.isRunning = isRunning;
      this.changed();
    }
  }

  search(filter: string): void {
    this.filter = filter;
    this.changed();
  }

  /** The variables that optimizers change, or the others: optimizer slots, counters, averages. */
  groups(trainable: boolean): Group[] {
    const wanted = this.filter.trim().toLowerCase();
    const found = new Map<string, WorkspaceVariable[]>();
    for (const variable of this.workspace?.variables ?? []) {
      if (variable.trainable === trainable && variable.name.toLowerCase().includes(wanted)) {
        const scope = variable.name.slice(0, Math.max(0, variable.name.lastIndexOf('/')));
        found.set(scope, [...(found.get(scope) ?? []), variable]);
      }
    }
    return [...found].map(([scope, variables]) => ({ scope, variables, parameters: total(variables) }));
  }

  /** `123 operations · 4 variables · 2,410 parameters (9.6 kB)` */
  headline(): string {
    const { operations, variables, omitted } = this.workspace ?? { operations: 0, variables: [], omitted: 0 };
    const bytes = variables.reduce((sum, variable) => sum + (variable.bytes ?? 0), 0);
    return [
      sayCount('%n operation', '%n operations', operations),
      sayCount('%n variable', '%n variables', variables.length + omitted),
      `${parameters(total(variables))} (${size(bytes)})`
    ].join(' · ');
  }

  private changed(): void {
    for (const changed of this.listeners) {
      changed();
    }
  }

  private readonly listeners = new Set<() => void>();
}

function total(variables: WorkspaceVariable[]): number {
  return variables.reduce((sum, variable) => sum + (variable.parameters ?? 0), 0);
}

export function parameters(count: number): string {
  return sayCount('%n parameter', '%n parameters', count);
}

/** `9.6 kB` */
export function size(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB'];
  let power = 0;
  while (bytes >= 1000 && power < units.length - 1) {
    bytes /= 1000;
    power++;
  }
  return `${Number(bytes.toPrecision(3))} ${units[power]}`;
}
