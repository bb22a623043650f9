/** Which rows of the tree of name scopes are seen. */
import type { ScopeRow, Scopes } from '../contract/scopes';

export class ScopesModel {
  readonly rows: ScopeRow[];
  current: ScopeRow;
  /** Scopes without a variable are seen only when this is on. */
  showsAll = false;

  constructor(readonly scopes: Scopes) {
    this.rows = scopes.rows;
    this.current = this.rows[0] as ScopeRow;
    this.open = new Set(this.rows.filter(row => this.levelOf(row) < 3).map(row => row.path));
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** 1 for the first row. */
  levelOf(row: ScopeRow): number {
    const depth = (path: string) => (path === '' ? 0 : path.split('/').length);
    return 1 + depth(row.path) - depth(this.rows[0]?.path ?? '');
  }

  childrenOf(row: ScopeRow): ScopeRow[] {
    const level = this.levelOf(row) + 1;
    return this.rows.filter(
      other => this.levelOf(other) === level && isInside(other, row) && (this.showsAll || other.variables > 0)
    );
  }

  isOpen(row: ScopeRow): boolean {
    return this.open.has(row.path);
  }

  /** The rows that are seen, each scope before what it holds. */
  visible(): ScopeRow[] {
    const found: ScopeRow[] = [];
    const visit = (row: ScopeRow) => {
      found.push(row);
      if (this.isOpen(row)) {
        this.childrenOf(row).forEach(visit);
      }
    };
    visit(this.rows[0] as ScopeRow);
    return found;
  }

  toggle(row: ScopeRow, open = !this.isOpen(row)): void {
    this.open[open ? 'add' : 'delete'](row.path);
    this.notify();
  }

  choose(row: ScopeRow): void {
    this.current = row;
    this.notify();
  }

  showAll(on: boolean): void {
    this.showsAll = on;
    this.notify();
  }

  private notify(): void {
    if (!this.visible().includes(this.current)) {
      this.current = this.rows[0] as ScopeRow;
    }
    for (const listener of this.listeners) {
      listener();
    }
  }

  private readonly open: Set<string>;
  private readonly listeners = new Set<() => void>();
}

function isInside(row: ScopeRow, scope: ScopeRow): boolean {
  return scope.path === '' ? row.path !== '' : row.path.startsWith(`${scope.path}/`);
}

export function bytesInWords(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB'];
  const power = bytes < 1000 ? 0 : Math.min(3, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${power === 0 ? value : value.toPrecision(3)} ${units[power]}`;
}
